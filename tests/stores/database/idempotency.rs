//! Tests of the table of idempotency keys, on both databases.

use haoma::{
    errors::Error,
    stores::tables::{
        idempotency_keys,
        idempotency_keys::{ClaimResult, IdempotencyRecord, StoredResponse},
    },
};
use test_support::databases::{now, on_each};

#[tokio::test]
async fn a_key_left_by_a_crash_is_in_flight_for_a_minute_and_stored_for_a_day() {
    on_each(async |db| {
        let now = now();
        let wish = |body: &str| IdempotencyRecord {
            key_hash: "k".repeat(64),
            endpoint: "users",
            body_hmac: body.repeat(64),
            older: Vec::new(),
        };
        let claim = async |body: &str, seconds: i64| {
            let (wish, at) = (wish(body), now + chrono::TimeDelta::seconds(seconds));
            db.write(async move |connection| idempotency_keys::claim(connection, &wish, at).await)
                .await
        };

        let first = claim("b", 0).await;
        let early = claim("b", 59).await;
        let late = claim("b", 60).await;
        let again = claim("b", 61).await;
        let (Ok(ClaimResult::Claimed(old)), Ok(ClaimResult::Claimed(mark))) = (first, late) else {
            panic!("claims")
        };
        assert!(matches!(early, Err(Error::KeyInFlight { .. })), "{early:?}");
        assert!(matches!(again, Err(Error::KeyInFlight { .. })), "{again:?}");

        let kept = StoredResponse { status: 201, body: "{}".to_owned(), user_id: None };
        let (of_late, of_first) = (kept.clone(), StoredResponse { status: 200, ..kept.clone() });
        let settle = db.write(async move |connection| {
            idempotency_keys::finish(connection, &wish("b"), mark, &of_late).await?;
            idempotency_keys::finish(connection, &wish("b"), old, &of_first).await?;
            idempotency_keys::release(connection, &wish("b"), old).await
        });
        settle.await.expect("settles");
        let done = claim("b", 60 + 86_399).await;
        let other = claim("c", 60 + 86_399).await;
        let next_day = claim("c", 60 + 86_400).await;

        assert!(
            matches!(done, Ok(ClaimResult::Done(stored)) if stored == kept),
            "who was late changes nothing"
        );
        assert!(matches!(other, Err(Error::KeyReused)), "{other:?}");
        assert!(matches!(next_day, Ok(ClaimResult::Claimed(_))), "{next_day:?}");
    })
    .await;
}
