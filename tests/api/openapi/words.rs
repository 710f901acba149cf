//! The names of errors and of problems with fields: each is described with its errno and its status, and reveals no
//! more than its message.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use fluent_bundle::FluentArgs;
use haoma::{
    errors::{Error, LimitMessage, Price, Problem, ProofProblem},
    http::response::error_table::error_row,
    i18n::{catalog::Catalog, language::LANGUAGES, problem_messages::problem_message},
};

use super::document::{at, causes, described, document};

const WAIT: Duration = Duration::from_mins(1);

/// Returns an error of each name.
fn failures() -> Vec<Error> {
    let limits = [
        LimitMessage::Resend,
        LimitMessage::Mobile,
        LimitMessage::Address,
        LimitMessage::Prefix,
        LimitMessage::SignIn,
        LimitMessage::WrongCodes,
    ];
    let proofs = [
        ProofProblem::Missing,
        ProofProblem::Wrong,
        ProofProblem::Expired,
        ProofProblem::Used,
        ProofProblem::Insufficient,
    ]
    .map(|problem| Error::PriceRequired(Price::proof_of_work(1, problem)));
    let others = [
        Error::Input(Vec::new()),
        Error::Unreadable,
        Error::TooLarge,
        Error::UrlTooLong,
        Error::HeadersTooLarge,
        Error::UnsupportedType,
        Error::NotFound,
        Error::MethodNotAllowed { allow: String::new() },
        Error::CrossSite,
        Error::UnknownHost,
        Error::PlainHttp,
        Error::OriginMissing,
        Error::CaptchaGone,
        Error::CaptchaWrong,
        Error::SmsCodeGone,
        Error::SmsCodeWrong { tries_left: 1 },
        Error::MobileTaken,
        Error::OwnMobile,
        Error::NameTaken,
        Error::KeyReused,
        Error::KeyInFlight { retry_after: WAIT },
        Error::NotSignedIn,
        Error::SignedInElsewhere,
        Error::SignUpClosed,
        Error::NoAccount,
        Error::WrongLogin { captcha_required: false },
        Error::PriceRequired(Price::captcha()),
        Error::PriceRequired(Price::harder_captcha()),
        Error::WrongPassword,
        Error::SignInAgain,
        Error::AccountLocked,
        Error::Busy { retry_after: WAIT },
        Error::SmsRefused,
        Error::SmsPaused { retry_after: WAIT },
        Error::SmsBudgetSpent { retry_after: WAIT },
        Error::SmsSignInClosed,
        Error::PasswordSignInClosed,
        Error::SmsBadNumber,
        Error::store("x"),
        Error::internal("x"),
    ];
    let limits = limits.map(|limit| Error::TooOften { limit, retry_after: WAIT });
    others.into_iter().chain(limits).chain(proofs).collect()
}

/// A problem of each kind.
const PROBLEMS: [Problem; 22] = [
    Problem::Missing,
    Problem::NewPasswordMissing,
    Problem::Malformed,
    Problem::NotText,
    Problem::NotBoolean,
    Problem::TooLong,
    Problem::Repeated,
    Problem::Unknown,
    Problem::MobileMalformed,
    Problem::MobileMalformedIn(phonenumber::country::Id::HK),
    Problem::CountryNotServed(phonenumber::country::Id::HK),
    Problem::CountryUnknown,
    Problem::SmsCodeMalformed,
    Problem::SmsCodesDiffer,
    Problem::NameMalformed,
    Problem::PasswordShort { least: 8 },
    Problem::PasswordPlain,
    Problem::PasswordLong,
    Problem::PasswordCommon,
    Problem::PasswordPersonal,
    Problem::PasswordsDiffer,
    Problem::TermsNotAccepted,
];

fn source(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("readable")
}

/// Returns the keys in a source file that have a prefix, without the prefix.
fn keys(path: &str, prefix: &str) -> BTreeSet<String> {
    let source = source(path);
    let texts = source.split('"').skip(1).step_by(2);
    texts.filter_map(|text| text.strip_prefix(prefix)).map(str::to_owned).collect()
}

fn is_word(word: &str) -> bool {
    let mut parts = word.split('-');
    parts.all(|part| !part.is_empty() && part.bytes().all(|letter| letter.is_ascii_lowercase()))
}

fn schema(name: &str) -> BTreeMap<&'static str, &'static str> {
    described(at(at(at(document(), "components"), "schemas"), name))
}

/// Error names are in the error table, and those of limits beside their messages; this list has all of them.
#[test]
fn every_word_for_a_failure_is_described_with_its_number_and_its_status() {
    let mut known = keys("src/http/response/error_table.rs", "error-");
    known.extend(keys("src/errors/limit.rs", "error-"));
    let failures = failures();
    let words: BTreeSet<_> =
        failures.iter().map(|error| error_row(error).name().to_owned()).collect();
    assert_eq!(words, known, "a failure that `failures` above does not have");
    assert!(words.iter().all(|word| is_word(word)), "{words:?}");
    assert_eq!(schema("ErrorWord").keys().copied().collect::<Vec<_>>(), Vec::from_iter(&words));

    let expected: BTreeSet<_> = failures
        .iter()
        .map(error_row)
        .map(|row| (row.name(), row.errno.code(), row.status.as_str().to_owned()))
        .collect();
    let described: BTreeSet<_> =
        causes().iter().map(|cause| (cause.word, cause.errno, cause.status.to_owned())).collect();
    assert_eq!(described, expected);
}

#[test]
fn every_reason_is_described() {
    let source = source("src/errors/problem.rs");
    let variants = source.split_once("pub enum Problem {").expect("the problems").1;
    let variants = variants.split_once("\n}").expect("an end").0;
    let is_variant =
        |line: &&str| line.starts_with("    ") && line[4..].starts_with(char::is_uppercase);
    assert_eq!(variants.lines().filter(is_variant).count(), PROBLEMS.len());

    let reasons: BTreeSet<_> = PROBLEMS.iter().map(|problem| problem.reason()).collect();
    assert!(reasons.iter().all(|word| is_word(word)), "{reasons:?}");
    assert_eq!(schema("Reason").keys().copied().collect::<BTreeSet<_>>(), reasons);
}

/// Errors that share a message, so as not to reveal who has an account, have to share a name.
#[test]
fn an_error_name_reveals_no_more_than_its_sentence() {
    let catalogue = Catalog::load().expect("words");
    for language in LANGUAGES {
        let mut words: BTreeMap<String, &str> = BTreeMap::new();
        for error in &failures() {
            let row = error_row(error);
            let word = row.name();
            // What is wrong with a proof of work tells nothing about accounts.
            if word.starts_with("proof-") {
                continue;
            }
            let said = words.insert(row.message(&catalogue, language), word);
            assert!(said.is_none_or(|other| other == word), "{word} and {said:?}");
        }
        let mut reasons: BTreeMap<String, &str> = BTreeMap::new();
        for problem in PROBLEMS {
            let reason = problem.reason();
            let said = reasons.insert(problem_message(&catalogue, language, problem), reason);
            assert!(said.is_none_or(|other| other == reason), "{reason} and {said:?}");
        }
        // The name is the key of the message.
        let say = |key: &str| catalogue.translate(language, key, &FluentArgs::new());
        assert_eq!(
            say("error-mobile-taken"),
            error_row(&Error::MobileTaken).message(&catalogue, language)
        );
    }
}

/// The table of errors in docs/api.md has every name in the row of its errno.
#[test]
fn docs_api_lists_every_error_name_with_its_errno() {
    let page = source("docs/api.md");
    for error in failures() {
        let row = error_row(&error);
        let (word, errno) = (row.name(), row.errno.code());
        let line = page.lines().find(|line| line.starts_with(&format!("| {errno} |")));
        let line = line.unwrap_or_else(|| panic!("no line of {errno}"));
        assert!(line.contains(&format!("`{word}`")), "{word} is not in the line of {errno}");
    }
}
