//! The invariants that hold after every fault.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use mysql_async::prelude::Queryable as _;
use test_support::app::fresh_mobile;
use tokio::time::{Instant, sleep};

use super::{
    clients::Registration,
    env::ChaosEnv,
    site::{Reply, Site},
};

/// The number of concurrent requests.
const AT_ONCE: usize = 20;

/// The possible answers while something is down: success, too often (an earlier try may have been sent), a lost code or
/// captcha, a number that an earlier try has registered, or "later". A captcha has no errno.
const POSSIBLE: [(u16, &str); 10] = [
    (200, ""),
    (200, "0"),
    (201, "0"),
    (422, "4002"),
    (409, "4003"),
    (429, "4201"),
    (503, "4001"),
    (503, "4301"),
    (503, "4201"),
    (503, "4500"),
];

/// Checks R131–R134 and R137 for all numbers so far.
pub(super) async fn assert_all_is_well(env: &ChaosEnv, registrations: &[Registration]) {
    let accounts = counts(env, "SELECT mobile, COUNT(*) FROM users GROUP BY mobile").await;
    assert!(accounts.values().all(|value| *value == 1), "a number with two accounts");
    each(registrations, |at, registration| {
        assert_all_or_nothing(&env.site, at, registration, &accounts)
    })
    .await;
    each(registrations, |at, registration| assert_nothing_revives(&env.site, at, registration))
        .await;
    assert_messages(env, registrations).await;
    for registration in registrations {
        let strange = registration
            .answers
            .iter()
            .flatten()
            .find(|(status, errno)| !POSSIBLE.contains(&(*status, errno.as_str())));
        assert!(strange.is_none(), "{registration:?}: {}", env.logs());
    }
    env.assert_no_panic();
}

/// Registers the remaining numbers with a new code (R132). Within a minute of its last message a number gets no other;
/// with `is_patient` the test waits for that, and otherwise it checks that the number is not reported as taken.
pub(super) async fn assert_the_rest_registers_anew(
    env: &ChaosEnv,
    registrations: &[Registration],
    is_patient: bool,
) {
    let accounts = counts(env, "SELECT mobile, COUNT(*) FROM users GROUP BY mobile").await;
    let is_free = |registration: &&Registration| !accounts.contains_key(&registration.mobile);
    let free: Vec<Registration> = registrations.iter().filter(is_free).cloned().collect();
    let begun = Instant::now();
    each(&free, |at, registration| async move {
        loop {
            let solved = env.site.solves(at).await.expect("a picture");
            let asked =
                env.site.request_code(at, &registration.mobile, &solved).await.expect("an answer");
            match asked.status {
                200 => break,
                429 if !is_patient => return,
                429 if begun.elapsed() < Duration::from_secs(90) => {
                    sleep(Duration::from_secs(1)).await;
                }
                _ => panic!("{asked:?}: {registration:?}"),
            }
        }
        let code = env.site.gateway.last_code_for(&registration.mobile).expect("a code");
        let registered =
            env.site.register(at, &registration.mobile, &code, &registration.password).await;
        assert_verdict(registered.as_ref(), (201, "0"), registration);
    })
    .await;
}

/// Calls a function for all numbers, some at once.
async fn each<'a, F: Future<Output = ()>>(
    registrations: &'a [Registration],
    action: impl Fn(usize, &'a Registration) -> F,
) {
    for some in registrations.chunks(AT_ONCE) {
        join_all(some.iter().enumerate().map(|(at, registration)| action(at, registration))).await;
    }
}

/// An acknowledged account can sign in; any existing account has its password; any other number is unknown.
async fn assert_all_or_nothing(
    site: &Site,
    at: usize,
    registration: &Registration,
    accounts: &BTreeMap<String, u64>,
) {
    let has_account = accounts.contains_key(&registration.mobile);
    assert!(
        has_account || registration.registered.is_none(),
        "acknowledged and lost: {registration:?}"
    );
    let verdict = if has_account { (200, "0") } else { (401, "4102") };
    let signed_in = site.sign_in(at, &registration.mobile, &registration.password).await;
    assert_verdict(signed_in.as_ref(), verdict, registration);
}

/// A code, a captcha or a session that was used up stays so.
async fn assert_nothing_revives(site: &Site, at: usize, registration: &Registration) {
    if let (Some(begun), Some(code)) = (&registration.registered, &registration.code) {
        // If the code were valid, the answer would be that the number is taken.
        let again = site.register(at, &registration.mobile, code, &registration.password).await;
        assert_verdict(again.as_ref(), (422, "4002"), registration);
        if registration.is_signed_out {
            let known = site.is_known(at, begun).await;
            assert_verdict(known.as_ref(), (401, "4101"), registration);
        }
    }
    if let Some(captcha) = &registration.captcha {
        let again = site.request_code(at, &fresh_mobile(), captcha).await;
        assert_verdict(again.as_ref(), (422, "4002"), registration);
    }
}

#[track_caller]
fn assert_verdict(reply: Option<&Reply>, verdict: (u16, &str), registration: &Registration) {
    let answers = reply.map(|reply| (reply.status, reply.errno.as_str()));
    assert_eq!(answers, Some(verdict), "{registration:?}");
}

/// No number got two messages, and the SMS log has every message that was sent.
async fn assert_messages(env: &ChaosEnv, registrations: &[Registration]) {
    let counted = "SELECT mobile, COUNT(*) FROM sms_messages \
        WHERE outcome IN ('pending', 'sent', 'unknown', 'too_frequent') GROUP BY mobile";
    let counted = counts(env, counted).await;
    for registration in registrations {
        let texted = env.site.gateway.count_for(&registration.mobile);
        let answers = counted.get(&registration.mobile).copied().unwrap_or_default();
        assert!(texted <= 1, "{texted} messages within a minute: {registration:?}");
        assert!(
            answers >= u64::try_from(texted).expect("a few"),
            "not in the ledger: {registration:?}"
        );
    }
}

/// Returns rows of a text and a count.
pub(super) async fn counts(env: &ChaosEnv, query: &str) -> BTreeMap<String, u64> {
    let mut connection = mysql_async::Conn::from_url(env.database()).await.expect("a MySQL server");
    let rows: Vec<(String, u64)> = connection.query(query).await.expect("rows");
    connection.disconnect().await.expect("disconnects");
    rows.into_iter().collect()
}
