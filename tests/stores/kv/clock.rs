//! The clock of a test acts on both backends like real time.

use std::{slice, time::Duration};

use haoma::stores::kv::{
    Acquire, Asker, Completion, CompletionRule, Decision, Event, IssueRules, Kv, LevelChange,
    OperationEvent, PermitId, Standing, Verification,
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
async fn an_operation_is_judged_when_it_is_old_enough_and_one_caller_is_told() {
    on_each_clock(async |kv, clock| {
        let key = "{tally}".to_owned();
        let record = async |event| {
            let event = OperationEvent { key: key.clone(), event, capacity: 10 };
            kv.record_operation(&[event]).await.expect("answers");
        };
        let rule = CompletionRule {
            key: key.clone(),
            capacity: 10,
            min_age: MINUTE,
            sample_size: 5,
            min_total: 2,
            min_percent: 60,
            spans: [HOUR, 10 * MINUTE],
            min_gap: MINUTE,
        };
        let judge = async || kv.judge(slice::from_ref(&rule)).await.expect("answers").remove(0);
        for name in ["first", "second"] {
            record(Event::Started(name.to_owned())).await;
        }
        record(Event::Completed("first".to_owned())).await;

        clock.advance(59 * SECOND).await;
        assert_eq!(judge().await, Standing::default());
        clock.advance(SECOND).await;
        let raised = judge().await;

        assert_eq!((raised.level, raised.change), (1, Some(LevelChange::Judged)));
        assert_eq!(raised.sample, Completion { total: 2, completed: 1 });
        let again = judge().await;
        assert_eq!((again.level, again.change), (1, None), "the same operations raise it once");
        clock.advance(HOUR).await;
        let over = judge().await;
        assert_eq!((over.level, over.change), (0, Some(LevelChange::Expired)));
    })
    .await;
}

#[tokio::test]
async fn the_second_level_tells_how_much_was_completed_in_the_last_hour() {
    on_each_clock(async |kv, clock| {
        let key = "{tally}".to_owned();
        let record = async |event| {
            let event = OperationEvent { key: key.clone(), event, capacity: 20 };
            kv.record_operation(&[event]).await.expect("answers");
        };
        let rule = CompletionRule {
            key: key.clone(),
            capacity: 20,
            min_age: Duration::ZERO,
            sample_size: 10,
            min_total: 10,
            min_percent: 50,
            spans: [HOUR, HOUR],
            min_gap: SECOND,
        };
        for round in 0..2 {
            for number in 0..10 {
                let name = format!("{round}-{number}");
                record(Event::Started(name.clone())).await;
                if number < 3 {
                    record(Event::Completed(name)).await;
                }
            }
            clock.advance(2 * SECOND).await;
            let level = kv.judge(slice::from_ref(&rule)).await.expect("answers")[0].level;
            assert_eq!(level, round + 1);
            clock.advance(SECOND).await;
        }
        let last_hour = async || {
            let standing = kv.judge(slice::from_ref(&rule)).await.expect("answers").remove(0);
            (standing.level, standing.completed_last_hour)
        };
        // The key is full and holds some seconds: it is estimated for the whole hour.
        let (level, estimate) = last_hour().await;
        assert_eq!(level, 2);
        assert!((1_000..=6 * 3_600).contains(&estimate), "{estimate}");

        clock.advance(Duration::from_secs(3_590)).await;

        assert_eq!(last_hour().await, (2, 6));
    })
    .await;
}
