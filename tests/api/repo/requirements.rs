//! Finds the test of each requirement of `docs/requirements.md` without which Haoma would be unsafe in public: it is
//! listed here, or it names the requirement in its comment; otherwise the requirement is listed with what is missing.
//! Every number that a comment cites has to be in the list.

use std::{collections::BTreeSet, fs, path::Path};

use test_support::sources::files;

/// The requirements without which Haoma would be unsafe in public.
const ALL: [(u16, u16); 15] = [
    (1, 22),
    (24, 28),
    (30, 33),
    (35, 44),
    (46, 66),
    (68, 70),
    (72, 77),
    (79, 88),
    (90, 100),
    (102, 107),
    (109, 118),
    (121, 122),
    (123, 140),
    (142, 142),
    (144, 146),
];

/// The requirements without a test, and the reason.
const WITHOUT_TEST: [(u16, &str); 4] = [
    (5, "a captcha is bound to its id: apps carry no cookie"),
    (27, "there is no ticket: a code is used up with what it authorises"),
    (109, "later"),
    (118, "`scripts/test deny` runs cargo-deny"),
];

/// Tests that do not name their requirement themselves.
const LISTED_TESTS: [(u16, &str); 42] = [
    (1, "a_number_that_never_asked_has_no_code"),
    (2, "an_unknown_or_expired_captcha_is_refused"),
    (3, "a_wrong_answer_invalidates_the_captcha"),
    (4, "a_hundred_sends_with_one_captcha_text_at_most_once"),
    (6, "an_unknown_or_expired_captcha_is_refused"),
    (7, "part_of_the_answer_is_wrong"),
    (9, "every_flow_is_logged_without_secrets"),
    (11, "while_redis_is_down_accounts_sign_in_by_password_and_all_works_after_its_return"),
    (12, "requests_of_an_address_are_limited_whatever_the_number"),
    (13, "a_code_of_six_digits_is_texted"),
    (14, "a_renewed_code_never_outlives_its_maximum_lifetime"),
    (15, "the_code_of_another_number_is_wrong_and_not_consumed"),
    (16, "of_fifty_who_register_one_number_with_one_code_one_gets_it"),
    (17, "five_wrong_tries_invalidate_a_code"),
    (18, "a_resend_restores_no_tries"),
    (20, "a_resend_brings_the_same_code_again"),
    (21, "codes_are_stored_as_hashes"),
    (22, "the_code_is_in_no_answer_no_header_and_no_cookie"),
    (24, "a_second_request_within_a_minute_gets_the_remaining_seconds"),
    (25, "of_many_sends_for_one_number_one_is_texted"),
    (30, "messages_to_a_number_are_limited_a_day"),
    (38, "messages_to_a_number_are_limited_an_hour"),
    (40, "after_ninety_wrong_passwords_a_code_has_to_be_used_first"),
    (41, "a_second_request_within_a_minute_gets_the_remaining_seconds"),
    (44, "after_three_failures_a_captcha_is_required_for_known_and_unknown_logins"),
    (52, "a_mobile_is_unique_byte_by_byte"),
    (58, "an_unknown_field_is_refused_and_logged"),
    (65, "learning_whether_a_number_is_registered_costs_a_captcha"),
    (70, "a_password_that_is_refused_costs_nothing_and_the_code_stays_usable"),
    (73, "a_renewed_hash_never_overwrites_a_newer_password"),
    (74, "the_password_queue_is_in_the_metrics"),
    (77, "a_number_that_never_asked_has_no_code"),
    (79, "a_session_has_its_user_and_hides_its_key"),
    (80, "over_https_the_cookie_is_bound_to_the_host"),
    (81, "every_sign_in_has_a_new_session_key_and_ends_the_old_session"),
    (82, "a_session_expires_when_idle_and_at_its_maximum_age"),
    (85, "the_session_of_another_user_is_not_found"),
    (91, "cross_site_requests_are_refused_and_change_nothing"),
    (93, "no_other_site_may_read_an_answer"),
    (95, "every_kind_of_answer_has_security_headers_and_no_store"),
    (96, "pages_contain_nothing_that_their_csp_forbids"),
    (97, "every_kind_of_answer_has_security_headers_and_no_store"),
];

/// More of these tests.
const MORE_LISTED_TESTS: [(u16, &str); 17] = [
    (37, "every_spelling_of_a_number_is_one_number"),
    (47, "behind_a_trusted_proxy_each_address_counts_for_itself"),
    (48, "an_unreadable_hop_ends_the_search"),
    (69, "any_text_is_accepted_as_password_and_compared_whole"),
    (72, "weak_hashes_have_to_be_allowed"),
    (100, "no_number_code_or_password_is_in_a_url"),
    (110, "the_envelope_of_an_account_is_complete_and_masks_the_number"),
    (112, "every_mistake_in_the_settings_is_named_at_once_and_none_is_quoted"),
    (113, "a_store_that_does_not_answer_stops_the_start"),
    (114, "a_listener_beyond_loopback_needs_a_public_url"),
    (126, "while_redis_hangs_accounts_sign_in_by_password_and_all_works_after_its_return"),
    (130, "without_the_database_requests_that_need_it_fail_with_503_and_sessions_stay"),
    (132, "an_error_rolls_everything_back"),
    (135, "after_two_unknown_outcomes_the_code_that_may_be_under_way_stays_good"),
    (137, "fifty_at_once_with_one_key_make_one_account_and_one_message"),
    (138, "forty_concurrent_writers_all_succeed"),
    (142, "sessions_and_accounts_survive_a_restart"),
];

/// The folders of the integration tests.
const TESTS: [&str; 6] = [
    "crates/haoma-db/tests/db",
    "tests/api",
    "tests/browser",
    "tests/chaos",
    "tests/stores",
    "tests/support/src",
];

/// The folders of sources that have unit tests.
const SOURCES: [&str; 2] = ["crates/haoma-db/src", "src"];

#[test]
fn every_requirement_has_its_test_or_is_named_as_missing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &Path| fs::read_to_string(path).expect("readable");
    let is_other = |path: &Path| {
        path.extension().is_some_and(|it| it == "rs") && !path.ends_with("requirements.rs")
    };
    let black_box = TESTS.iter().flat_map(|it| files(&root.join(it))).filter(|it| is_other(it));
    let units = SOURCES.iter().flat_map(|it| files(&root.join(it))).filter(|it| is_other(it));
    let units = units.filter_map(|it| Some(read(&it).split_once("#[cfg(test)]")?.1.to_owned()));
    let texts: Vec<String> = black_box.map(|it| read(&it)).chain(units).collect();
    let comments = texts
        .iter()
        .flat_map(|text| text.lines())
        .filter(|line| line.trim_start().starts_with("//"));
    let mut shown: BTreeSet<u16> = comments.flat_map(named_in).collect();
    for (number, test) in LISTED_TESTS.into_iter().chain(MORE_LISTED_TESTS) {
        let is_there = texts.iter().any(|text| text.contains(&format!("fn {test}(")));
        assert!(is_there, "R{number}: there is no {test}");
        shown.insert(number);
    }
    let left: BTreeSet<u16> = WITHOUT_TEST.iter().map(|(number, _)| *number).collect();
    let all = ALL.into_iter().flat_map(|(first, last)| first..=last);
    let untold: Vec<_> = all.filter(|it| !shown.contains(it) && !left.contains(it)).collect();

    assert!(untold.is_empty(), "no test for {untold:?}");
}

/// Returns the numbers in a comment, such as `R31` and `R46–R48`.
fn named_in(comment: &str) -> Vec<u16> {
    let number = |text: &str| text.strip_prefix('R')?.parse::<u16>().ok();
    let words = comment.split(|letter: char| !letter.is_alphanumeric() && letter != '–');
    let ranges = words.map(|word| word.split_once('–').unwrap_or((word, word)));
    let ranges = ranges.filter_map(|(first, last)| Some(number(first)?..=number(last)?));
    ranges.flatten().collect()
}

/// Returns the numbers in the rows of the table.
fn written() -> BTreeSet<u16> {
    let text = include_str!("../../../docs/requirements.md");
    let lines = text.lines().filter_map(|line| line.strip_prefix("| R")?.split_once(" | "));
    lines.map(|(number, _)| number.parse().expect("a number")).collect()
}

#[test]
fn every_cited_requirement_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders =
        ["src", "benches/parts", "benches/load/src", "crates", "fuzz", "migrations", "scripts"];
    let is_ours = |path: &Path| {
        let names: Vec<_> = path.components().map(|part| part.as_os_str().to_owned()).collect();
        !names.iter().any(|name| name == "target" || name == "corpus")
    };
    let paths = folders.iter().chain(&TESTS).flat_map(|folder| files(&root.join(folder)));
    // Comments must not cite documents that are not in the repository.
    let elsewhere = [["SECURITY", "R"], ["DESIGN", "§"]].map(|words| words.join(" "));
    let mut cited = BTreeSet::new();
    for path in paths.filter(|path| is_ours(path)) {
        // Binary files have no comments.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let is_old = elsewhere.iter().any(|citation| text.contains(citation));
        assert!(!is_old, "{} cites what is not in the repository", path.display());
        let is_comment = |line: &&str| ["//", "#", "--"].iter().any(|name| line.contains(name));
        cited.extend(text.lines().filter(is_comment).flat_map(named_in));
    }
    let all = ALL.into_iter().flat_map(|(first, last)| first..=last);
    let written = written();

    assert!(cited.len() > 80, "{cited:?}");
    assert_eq!(cited.difference(&written).collect::<Vec<_>>(), Vec::<&u16>::new());
    assert_eq!(all.filter(|it| !written.contains(it)).collect::<Vec<_>>(), Vec::<u16>::new());
}
