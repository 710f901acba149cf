//! Tests that memory and Redis have to pass alike, and tests that both are bounded.

mod abuse_guard;
mod captchas;
mod clock;
mod memory;
mod one_time_codes;
mod sliding_windows;

use std::time::Duration;

use futures_util::future::join_all;
use haoma::{
    errors::Error,
    stores::kv::{
        Acquire, Asker, Decision, IssueRules, Kv, Memory, PermitId, RateLimit, StoredCode,
        Verification, Window,
    },
};

use test_support::{
    clock::TestClock,
    databases::{redis_at, redis_cluster, redis_server},
    processes::Process,
};
use tokio::runtime::Builder;

pub(crate) const MINUTE: Duration = Duration::from_mins(1);

/// Runs a test in memory, and on Redis and a Redis Cluster if they are available.
async fn on_each(test: impl AsyncFn(Kv)) {
    on_each_clock(async |kv, _| test(kv).await).await;
}

/// Does the same for a test that moves the clock.
async fn on_each_clock(test: impl AsyncFn(Kv, TestClock)) {
    let clock = TestClock::default();
    test(Kv::Memory(Memory::new(clock.clock.clone())), clock).await;
    for url in redis_server().into_iter().chain(redis_cluster()) {
        test(Kv::Redis(redis_at(&url).await), TestClock::beside(Some(&url))).await;
    }
}

/// Does the same thing a hundred times at once, on four threads.
async fn hundred<T: Send + 'static>(
    kv: &Kv,
    action: impl AsyncFn(Kv) -> T + Copy + Send + 'static,
) -> Vec<T> {
    let threads = (0..4).map(|_| {
        let kv = kv.clone();
        tokio::task::spawn_blocking(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(join_all((0..25).map(|_| action(kv.clone()))))
        })
    });
    join_all(threads).await.into_iter().flat_map(|result| result.expect("no panic")).collect()
}

fn secret(name: &str) -> StoredCode {
    StoredCode { hmac: format!("hmac of {name}"), seed: format!("seed of {name}") }
}

/// Returns a request for a permit in windows of one key, with a new permit id.
fn claim(key: &str, windows: &[Window]) -> Acquire {
    Acquire { permit_id: PermitId::new(), limits: vec![RateLimit::new(key, windows)] }
}

/// Acquires a permit in the windows of one key.
async fn take(kv: &Kv, key: &str, windows: &[Window]) -> Result<Taken, Error> {
    let claim = claim(key, windows);
    let reservation = kv.acquire(std::slice::from_ref(&claim)).await?.remove(0);
    Ok(Taken { reservation, ticket: claim.permit_id })
}

/// The outcome of a request for a permit, and the permit's id.
#[derive(Debug)]
struct Taken {
    reservation: Decision,
    ticket: PermitId,
}

impl Taken {
    fn is_granted(&self) -> bool {
        matches!(self.reservation, Decision::Granted { .. })
    }
}

#[track_caller]
fn granted(taken: Taken) -> PermitId {
    assert!(taken.is_granted(), "refused: {taken:?}");
    taken.ticket
}

#[track_caller]
fn refused(taken: &Taken) -> (usize, Duration) {
    match taken.reservation {
        Decision::Refused { window, wait, .. } => (window, wait),
        Decision::Granted { .. } | Decision::NotFilled => panic!("{taken:?}"),
    }
}

/// Verifies a code under a daily limit of wrong tries that no test reaches.
async fn guess(kv: &Kv, key: &str, hmac: &str, tries: u32) -> Verification {
    let wrong = format!("{{{key}}}:wrong");
    let wrong = (wrong.as_str(), window(MINUTE, 1_000));
    let asker = Asker::default();
    kv.verify(key, &[hmac.to_owned()], (tries, &asker), wrong).await.expect("answers")
}

/// A code that is renewed for ten minutes at most, and allows five wrong guesses.
const fn lasting(ttl: Duration) -> IssueRules {
    IssueRules { ttl, max_age: Duration::from_mins(10), max_tries: 5 }
}

const fn window(span: Duration, limit: u32) -> Window {
    Window { span, limit }
}

/// R42: a full Redis refuses new keys and evicts nothing.
#[tokio::test]
async fn a_full_redis_refuses_new_keys_and_keeps_those_that_have_not_expired() {
    if redis_server().is_none() {
        return;
    }
    let server = Process::redis().await;
    let url = format!("redis://127.0.0.1:{}/0", server.port());
    let kv = Kv::Redis(redis_at(&url).await);
    granted(take(&kv, "counter", &[window(MINUTE, 1)]).await.expect("room"));
    let mut raw = redis::Client::open(url).expect("an address").get_connection().expect("a Redis");
    let mut set = |name: &str, value: &str| {
        redis::cmd("CONFIG").arg("SET").arg(name).arg(value).exec(&mut raw).expect("set");
    };
    set("maxmemory-policy", "noeviction");
    set("maxmemory", "4mb");
    let mut number = 0;
    let refusal = loop {
        let set = kv.set(&format!("captcha {number}"), &"x".repeat(1_000), MINUTE).await;
        if let Err(error) = set {
            break error;
        }
        number += 1;
        assert!(number < 100_000, "it is never full");
    };

    assert!(matches!(refusal, Error::Store(_)), "{refusal:?}");
    // The last bytes are used up by the smallest keys.
    let mut places = 0;
    while let Ok(place) = take(&kv, &format!("another {places}"), &[window(MINUTE, 1)]).await {
        granted(place);
        places += 1;
        assert!(places < 10_000, "it is never full");
    }

    refused(&take(&kv, "counter", &[window(MINUTE, 1)]).await.expect("it is still counted"));
}
