//! The clock of a test acts on both backends like real time.

use std::time::Duration;

use haoma::stores::kv::{
    Acquire, Asker, Completion, CompletionWindow, Decision, Event, IssueRules, Kv, PermitId,
    Verification,
};
use tokio::time::sleep;

use super::{MINUTE, claim, granted, guess, lasting, on_each_clock, refused, secret, take, window};

const HOUR: Duration = Duration::from_hours(1);
const SECOND: Duration = Duration::from_secs(1);

/// Stores a value of each kind with a lifetime of a minute.
async fn put(kv: &Kv) {
    kv.set("text", "abcd", MINUTE).await.expect("kept");
    kv.issue(
        "secret",
        &secret("a"),
        IssueRules { max_age: HOUR, ..lasting(MINUTE) },
        &Asker::default(),
    )
    .await
    .expect("kept");
    granted(take(kv, "window", &[window(MINUTE, 1)]).await.expect("answers"));
}

async fn assert_is_there(kv: &Kv) {
    assert_eq!(kv.get("text").await.expect("answers").as_deref(), Some("abcd"));
    assert!(matches!(guess(kv, "secret", "wrong", 100).await, Verification::Wrong { .. }));
    refused(&take(kv, "window", &[window(MINUTE, 1)]).await.expect("answers"));
}

async fn assert_is_gone(kv: &Kv) {
    assert_eq!(kv.get("text").await.expect("answers"), None);
    assert_eq!(guess(kv, "secret", &secret("a").hmac, 100).await, Verification::Gone);
    granted(take(kv, "window", &[window(MINUTE, 1)]).await.expect("answers"));
}

#[tokio::test]
async fn values_expire_when_the_clock_has_moved_by_their_lifetime() {
    on_each_clock(async |kv, clock| {
        put(&kv).await;

        clock.advance(MINUTE / 2).await;
        assert_is_there(&kv).await;
        let wait = kv.waits(&[("window", window(MINUTE, 1))]).await.expect("answers")[0];
        assert!(wait <= MINUTE / 2 && wait > Duration::ZERO, "{wait:?}");

        clock.advance(MINUTE / 2).await;
        assert_is_gone(&kv).await;
    })
    .await;
}

/// The only test that waits: it shows that real time has the effect that the clock of the other tests has.
#[tokio::test]
async fn values_expire_by_the_clock_of_the_store_too() {
    on_each_clock(async |kv, _| {
        let moment = Duration::from_millis(50);
        kv.set("text", "abcd", moment).await.expect("kept");
        kv.issue(
            "secret",
            &secret("a"),
            IssueRules { max_age: HOUR, ..lasting(moment) },
            &Asker::default(),
        )
        .await
        .expect("kept");
        granted(take(&kv, "window", &[window(moment, 1)]).await.expect("answers"));

        sleep(2 * moment).await;

        assert_eq!(kv.get("text").await.expect("answers"), None);
        assert_eq!(guess(&kv, "secret", &secret("a").hmac, 100).await, Verification::Gone);
        granted(take(&kv, "window", &[window(moment, 1)]).await.expect("answers"));
    })
    .await;
}

#[tokio::test]
async fn the_age_of_a_code_follows_the_clock() {
    on_each_clock(async |kv, clock| {
        kv.issue(
            "secret",
            &secret("a"),
            IssueRules { max_age: HOUR, ..lasting(HOUR) },
            &Asker::default(),
        )
        .await
        .expect("kept");

        clock.advance(10 * MINUTE).await;

        let spent = match guess(&kv, "secret", &secret("a").hmac, 5).await {
            Verification::Right(spent) => spent,
            other @ (Verification::Wrong { .. }
            | Verification::Gone
            | Verification::Refused { .. }) => {
                panic!("{other:?}")
            }
        };
        assert!(spent.age >= 10 * MINUTE && spent.ttl <= 50 * MINUTE, "{spent:?}");
        kv.restore("secret", &spent).await.expect("answers");
        clock.advance(50 * MINUTE).await;
        assert_eq!(guess(&kv, "secret", &secret("a").hmac, 5).await, Verification::Gone);
    })
    .await;
}

#[tokio::test]
async fn a_filled_key_stays_filled_and_its_events_expire_one_by_one() {
    on_each_clock(async |kv, clock| {
        let mut asked = claim("budget", &[window(HOUR, 2)]);
        asked.limits[0].must_be_filled = true;
        let past =
            [(PermitId::named("first"), 40 * MINUTE), (PermitId::named("second"), 20 * MINUTE)];
        kv.fill(&asked.limits[0], &past).await.expect("answers");
        let ask = async |name: &str| {
            let claim = Acquire { permit_id: PermitId::named(name), ..asked.clone() };
            kv.acquire(&[claim]).await.expect("answers").remove(0)
        };
        let full = ask("third").await;
        assert!(matches!(full, Decision::Refused { .. }), "{full:?}");

        clock.advance(20 * MINUTE).await;
        assert_eq!(ask("third").await, Decision::Granted { used: vec![1] });
        clock.advance(20 * MINUTE).await;
        assert_eq!(ask("fourth").await, Decision::Granted { used: vec![1] });
    })
    .await;
}

#[tokio::test]
async fn a_completion_counts_once_its_waiting_time_is_over() {
    on_each_clock(async |kv, clock| {
        let record = async |event| {
            let key = "{tally}".to_owned();
            let tally = CompletionWindow { key, event, min_age: MINUTE, sample_size: 10 };
            kv.record_completion(&[tally]).await.expect("answers").remove(0)
        };
        record(Event::Started("first".to_owned())).await;
        record(Event::Completed("first".to_owned())).await;

        clock.advance(59 * SECOND).await;
        assert_eq!(
            record(Event::Started("second".to_owned())).await,
            Completion { total: 0, completed: 0 }
        );
        clock.advance(SECOND).await;
        assert_eq!(
            record(Event::Started("third".to_owned())).await,
            Completion { total: 1, completed: 1 }
        );
    })
    .await;
}
