//! Tests of one-time codes.

use std::time::Duration;

use haoma::stores::kv::{Kv, UsedCode, Verification};

use super::{MINUTE, hundred, on_each, on_each_clock, secret, window};

const LONG: Duration = Duration::from_mins(10);

async fn guess(kv: &Kv, name: &str) -> Verification {
    super::guess(kv, "code", &secret(name).hmac, 5).await
}

/// Issues a code that has to be the valid one afterwards.
async fn keep(kv: &Kv, name: &str) {
    let offer = kv.issue("code", &secret(name), MINUTE, LONG).await.expect("answers");
    assert_eq!(offer.code, secret(name));
}

async fn spent(kv: &Kv, name: &str) -> UsedCode {
    match guess(kv, name).await {
        Verification::Right(spent) => spent,
        other
        @ (Verification::Wrong { .. } | Verification::Gone | Verification::Refused { .. }) => {
            panic!("{other:?}")
        }
    }
}

#[tokio::test]
async fn of_a_hundred_wrong_tries_at_once_five_are_compared_with_a_code() {
    on_each(async |kv| {
        keep(&kv, "a").await;

        let guesses = hundred(&kv, async |kv| guess(&kv, "wrong").await).await;

        let mut left: Vec<u32> = guesses
            .iter()
            .filter_map(|guesse| match guesse {
                Verification::Wrong { tries_left } => Some(*tries_left),
                Verification::Right(_) | Verification::Gone | Verification::Refused { .. } => None,
            })
            .collect();
        left.sort_unstable();
        assert_eq!(left, [0, 1, 2, 3, 4]);
        assert_eq!(guesses.iter().filter(|guesse| **guesse == Verification::Gone).count(), 95);
        assert_eq!(guess(&kv, "a").await, Verification::Gone);
    })
    .await;
}

#[tokio::test]
async fn of_a_hundred_right_tries_at_once_one_consumes_the_code() {
    on_each(async |kv| {
        keep(&kv, "a").await;

        let guesses = hundred(&kv, async |kv| guess(&kv, "a").await).await;

        assert_eq!(
            guesses.iter().filter(|guesse| matches!(guesse, Verification::Right(_))).count(),
            1
        );
        assert_eq!(guesses.iter().filter(|guesse| **guesse == Verification::Gone).count(), 99);
    })
    .await;
}

#[tokio::test]
async fn a_code_issued_again_stays_the_same_and_gets_no_new_tries() {
    on_each(async |kv| {
        keep(&kv, "a").await;
        assert_eq!(guess(&kv, "wrong").await, Verification::Wrong { tries_left: 4 });
        assert_eq!(guess(&kv, "wrong").await, Verification::Wrong { tries_left: 3 });

        let offer = kv.issue("code", &secret("b"), MINUTE, LONG).await.expect("answers");

        assert_eq!(offer.code, secret("a"));
        assert!(!offer.is_fresh);
        assert!(offer.expires_in <= MINUTE && offer.expires_in > MINUTE / 2, "{offer:?}");
        assert_eq!(guess(&kv, "b").await, Verification::Wrong { tries_left: 2 });
        assert_eq!(spent(&kv, "a").await.tries, 3);
    })
    .await;
}

#[tokio::test]
async fn a_new_code_is_new_and_lives_for_the_given_time() {
    on_each(async |kv| {
        let offer = kv.issue("code", &secret("a"), MINUTE, LONG).await.expect("answers");

        assert!(offer.is_fresh);
        assert_eq!(offer.expires_in, MINUTE);
        let used = spent(&kv, "a").await;
        assert_eq!((used.tries, &used.code), (0, &secret("a")));
        assert!(used.ttl <= MINUTE && used.ttl > MINUTE / 2, "{used:?}");
    })
    .await;
}

#[tokio::test]
async fn a_code_too_old_to_be_renewed_is_replaced() {
    on_each_clock(async |kv, clock| {
        let (ttl, longest) = (Duration::from_secs(1), Duration::from_millis(1200));
        let first = kv.issue("code", &secret("a"), ttl, longest).await.expect("answers");
        assert!(first.is_fresh);
        assert_eq!(guess(&kv, "wrong").await, Verification::Wrong { tries_left: 4 });
        clock.advance(Duration::from_millis(800)).await;

        let second = kv.issue("code", &secret("b"), ttl, longest).await.expect("answers");

        assert!(second.is_fresh, "{second:?}");
        assert_eq!(second.code, secret("b"));
        // The old code is gone together with its tries, which belong to one code.
        assert_eq!(guess(&kv, "a").await, Verification::Wrong { tries_left: 4 });
        assert_eq!(spent(&kv, "b").await.tries, 1);
    })
    .await;
}

#[tokio::test]
async fn a_renewed_code_never_outlives_its_maximum_lifetime() {
    on_each_clock(async |kv, clock| {
        let (ttl, longest) = (Duration::from_millis(700), Duration::from_millis(900));
        kv.issue("code", &secret("a"), ttl, longest).await.expect("answers");
        clock.advance(Duration::from_millis(300)).await;

        let renewed = kv.issue("code", &secret("b"), ttl, longest).await.expect("answers");
        clock.advance(Duration::from_millis(700)).await;

        assert!(!renewed.is_fresh);
        assert!(renewed.expires_in <= Duration::from_millis(600), "{renewed:?}");
        assert_eq!(guess(&kv, "a").await, Verification::Gone);
    })
    .await;
}

#[tokio::test]
async fn a_restored_code_has_its_tries_and_its_remaining_lifetime() {
    on_each(async |kv| {
        keep(&kv, "a").await;
        assert_eq!(guess(&kv, "wrong").await, Verification::Wrong { tries_left: 4 });
        let used = spent(&kv, "a").await;
        assert!(used.ttl <= MINUTE && used.ttl > MINUTE / 2, "{used:?}");
        assert_eq!(guess(&kv, "a").await, Verification::Gone);

        kv.restore("code", &used).await.expect("answers");
        kv.restore("code", &used).await.expect("twice is harmless");

        assert_eq!(guess(&kv, "wrong").await, Verification::Wrong { tries_left: 3 });
        let again = spent(&kv, "a").await;
        assert_eq!((again.tries, &again.code), (2, &secret("a")));
        assert!(again.ttl <= used.ttl && again.age >= used.age, "{again:?} after {used:?}");
    })
    .await;
}

#[tokio::test]
async fn a_restored_code_expires_when_it_would_have_expired() {
    on_each_clock(async |kv, clock| {
        let short = Duration::from_millis(400);
        kv.issue("code", &secret("a"), short, LONG).await.expect("answers");
        let used = spent(&kv, "a").await;
        kv.restore("code", &used).await.expect("answers");

        clock.advance(Duration::from_millis(700)).await;

        assert_eq!(guess(&kv, "a").await, Verification::Gone);
    })
    .await;
}

#[tokio::test]
async fn restoring_never_overwrites_a_newer_code() {
    on_each(async |kv| {
        keep(&kv, "a").await;
        let used = spent(&kv, "a").await;
        keep(&kv, "b").await;

        kv.restore("code", &used).await.expect("answers");

        assert_eq!(guess(&kv, "a").await, Verification::Wrong { tries_left: 4 });
        assert_eq!(spent(&kv, "b").await.tries, 1);
    })
    .await;
}

#[tokio::test]
async fn revoking_a_code_removes_no_other_code() {
    on_each(async |kv| {
        keep(&kv, "a").await;

        kv.revoke("code", &secret("b")).await.expect("answers");
        kv.revoke("another", &secret("a")).await.expect("answers");
        assert_eq!(guess(&kv, "wrong").await, Verification::Wrong { tries_left: 4 });
        kv.revoke("code", &secret("a")).await.expect("answers");

        assert_eq!(guess(&kv, "a").await, Verification::Gone);
    })
    .await;
}

/// Verifies a code under a limit of seven wrong tries a day.
async fn guess_of_all(kv: Kv, key: &str, name: &str) -> Verification {
    let wrong = ("{all}:wrong", window(Duration::from_hours(24), 7));
    kv.verify(key, &[secret(name).hmac], 100, wrong).await.expect("answers")
}

/// R19, R39.
#[tokio::test]
async fn wrong_tries_are_counted_over_all_codes_of_a_number_and_right_ones_are_not() {
    on_each(async |kv| {
        for key in ["{all}:one", "{all}:two"] {
            kv.issue(key, &secret("a"), MINUTE, LONG).await.expect("answers");
        }
        let right = hundred(&kv, async move |kv| guess_of_all(kv, "{all}:one", "a").await).await;
        assert!(
            right
                .iter()
                .all(|result| matches!(result, Verification::Right(_) | Verification::Gone)),
            "{right:?}"
        );

        let wrong = hundred(&kv, async move |kv| guess_of_all(kv, "{all}:two", "b").await).await;

        let compared =
            wrong.iter().filter(|result| matches!(result, Verification::Wrong { .. })).count();
        let refused =
            wrong.iter().filter(|result| matches!(result, Verification::Refused { .. })).count();
        assert_eq!((compared, refused), (7, 93));
        let last = guess_of_all(kv, "{all}:two", "a").await;
        assert!(matches!(last, Verification::Refused { .. }), "not even the right one: {last:?}");
    })
    .await;
}
