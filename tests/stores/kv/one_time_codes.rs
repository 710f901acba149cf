//! Tests of one-time codes.

use std::time::Duration;

use futures_util::future::join_all;
use haoma::stores::kv::{Asker, IssueRules, Kv, UsedCode, Verification};
use test_support::databases::{redis_at, redis_cluster, redis_query, redis_server};

use super::{MINUTE, hundred, lasting, on_each, on_each_clock, secret, window};

async fn guess(kv: &Kv, name: &str) -> Verification {
    super::guess(kv, "code", &secret(name).hmac, 5).await
}

/// Issues a code that has to be the valid one afterwards.
async fn keep(kv: &Kv, name: &str) {
    let offer =
        kv.issue("code", &secret(name), lasting(MINUTE), &Asker::default()).await.expect("answers");
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

        let offer = kv
            .issue("code", &secret("b"), lasting(MINUTE), &Asker::default())
            .await
            .expect("answers");

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
        let offer = kv
            .issue("code", &secret("a"), lasting(MINUTE), &Asker::default())
            .await
            .expect("answers");

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
        let rules =
            IssueRules { max_age: Duration::from_millis(1200), ..lasting(Duration::from_secs(1)) };
        let first =
            kv.issue("code", &secret("a"), rules, &Asker::default()).await.expect("answers");
        assert!(first.is_fresh);
        assert_eq!(guess(&kv, "wrong").await, Verification::Wrong { tries_left: 4 });
        clock.advance(Duration::from_millis(800)).await;

        let second =
            kv.issue("code", &secret("b"), rules, &Asker::default()).await.expect("answers");

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
        let rules = IssueRules {
            max_age: Duration::from_millis(900),
            ..lasting(Duration::from_millis(700))
        };
        kv.issue("code", &secret("a"), rules, &Asker::default()).await.expect("answers");
        clock.advance(Duration::from_millis(300)).await;

        let renewed =
            kv.issue("code", &secret("b"), rules, &Asker::default()).await.expect("answers");
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
        kv.issue("code", &secret("a"), lasting(short), &Asker::default()).await.expect("answers");
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
    kv.verify(key, &[secret(name).hmac], (100, &Asker::default()), wrong).await.expect("answers")
}

/// R19, R39.
#[tokio::test]
async fn wrong_tries_are_counted_over_all_codes_of_a_number_and_right_ones_are_not() {
    on_each(async |kv| {
        for key in ["{all}:one", "{all}:two"] {
            kv.issue(key, &secret("a"), lasting(MINUTE), &Asker::default()).await.expect("answers");
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

/// A client that asks under this name, or is known by it.
fn client(name: &str, is_known: bool) -> Asker {
    Asker { names: vec![name.to_owned()], is_known }
}

async fn ask(kv: &Kv, name: &str, asker: &Asker) -> bool {
    kv.issue("code", &secret(name), lasting(MINUTE), asker).await.expect("answers").is_fresh
}

async fn guess_as(kv: &Kv, asker: &Asker, name: &str) -> Verification {
    let wrong = ("{code}:wrong", window(MINUTE, 1_000));
    kv.verify("code", &[secret(name).hmac], (5, asker), wrong).await.expect("answers")
}

async fn use_up(kv: &Kv, asker: &Asker) {
    for tries_left in (0..5).rev() {
        assert_eq!(guess_as(kv, asker, "wrong").await, Verification::Wrong { tries_left });
    }
    assert_eq!(guess_as(kv, asker, "wrong").await, Verification::Gone);
}

#[tokio::test]
async fn strangers_use_up_tries_of_their_own_and_leave_those_of_each_who_asked() {
    on_each(async |kv| {
        let (owner, stranger, others) =
            (client("aa", false), client("bb", false), client("cc", false));
        assert!(ask(&kv, "a", &owner).await);
        assert!(!ask(&kv, "b", &stranger).await);

        use_up(&kv, &stranger).await;
        use_up(&kv, &others).await;
        assert_eq!(guess_as(&kv, &client("dd", false), "a").await, Verification::Gone);

        assert_eq!(guess_as(&kv, &owner, "wrong").await, Verification::Wrong { tries_left: 4 });
        assert!(matches!(guess_as(&kv, &owner, "a").await, Verification::Right(_)));
    })
    .await;
}

#[tokio::test]
async fn others_have_as_many_tries_together_as_one_who_asked() {
    on_each(async |kv| {
        ask(&kv, "a", &client("aa", false)).await;

        let tries = (0..100).map(async |number| {
            guess_as(&kv, &client(&format!("bb{number:02}"), false), "wrong").await
        });
        let tries = join_all(tries).await;

        let compared = tries.iter().filter(|guess| matches!(guess, Verification::Wrong { .. }));
        assert_eq!(compared.count(), 5);
    })
    .await;
}

#[tokio::test]
async fn a_known_client_has_tries_of_its_own_without_having_asked() {
    on_each(async |kv| {
        ask(&kv, "a", &client("aa", false)).await;
        use_up(&kv, &client("bb", false)).await;

        let known = client("cc", true);
        assert_eq!(guess_as(&kv, &known, "wrong").await, Verification::Wrong { tries_left: 4 });
        assert_eq!(guess_as(&kv, &known, "wrong").await, Verification::Wrong { tries_left: 3 });
        assert!(matches!(guess_as(&kv, &known, "a").await, Verification::Right(_)));
    })
    .await;
}

#[tokio::test]
async fn who_asks_again_without_tries_gets_a_new_code_unless_another_can_use_the_old_one() {
    on_each(async |kv| {
        let (owner, stranger) = (client("aa", false), client("bb", false));
        assert!(ask(&kv, "a", &owner).await);
        use_up(&kv, &owner).await;
        assert!(ask(&kv, "b", &owner).await, "nobody can use the old one");

        assert!(!ask(&kv, "c", &stranger).await);
        use_up(&kv, &stranger).await;
        assert!(!ask(&kv, "d", &stranger).await, "the owner can use it");

        assert_eq!(guess_as(&kv, &stranger, "wrong").await, Verification::Wrong { tries_left: 4 });
        assert!(matches!(guess_as(&kv, &owner, "b").await, Verification::Right(_)));
    })
    .await;
}

#[tokio::test]
async fn however_many_strangers_ask_a_known_client_has_tries_of_its_own() {
    on_each(async |kv| {
        for number in 0..100 {
            ask(&kv, "a", &client(&format!("{number:04}"), false)).await;
        }
        let known = client("aaaa", true);
        ask(&kv, "a", &known).await;

        // The first sixteen of them have tries of their own, and all others share five.
        let mut compared = 0;
        for number in 0..100 {
            let stranger = client(&format!("{number:04}"), false);
            while let Verification::Wrong { .. } = guess_as(&kv, &stranger, "wrong").await {
                compared += 1;
            }
        }
        assert_eq!(compared, 16 * 5 + 5);
        assert_eq!(guess_as(&kv, &known, "wrong").await, Verification::Wrong { tries_left: 4 });
    })
    .await;
}

#[tokio::test]
async fn a_code_that_is_put_back_keeps_the_tries_of_each_client() {
    on_each(async |kv| {
        let (owner, other) = (client("aa", false), client("bb", false));
        ask(&kv, "a", &owner).await;
        guess_as(&kv, &owner, "wrong").await;
        guess_as(&kv, &other, "wrong").await;
        guess_as(&kv, &other, "wrong").await;
        let Verification::Right(used) = guess_as(&kv, &owner, "a").await else { panic!("right") };

        kv.restore("code", &used).await.expect("answers");

        assert_eq!(guess_as(&kv, &owner, "wrong").await, Verification::Wrong { tries_left: 3 });
        assert_eq!(guess_as(&kv, &other, "wrong").await, Verification::Wrong { tries_left: 2 });
    })
    .await;
}

#[tokio::test]
async fn a_client_is_found_by_any_of_its_names() {
    on_each(async |kv| {
        let names = vec!["aa".to_owned(), "bb".to_owned()];
        ask(&kv, "a", &Asker { names, is_known: false }).await;
        use_up(&kv, &client("cc", false)).await;

        let later = Asker { names: vec!["dd".to_owned(), "bb".to_owned()], is_known: false };
        assert_eq!(guess_as(&kv, &later, "wrong").await, Verification::Wrong { tries_left: 4 });
        assert_eq!(
            guess_as(&kv, &client("aa", false), "wrong").await,
            Verification::Wrong { tries_left: 4 }
        );
    })
    .await;
}

/// Codes of the version before this one lie in Redis at the moment of an update.
#[tokio::test]
async fn a_code_of_an_older_version_is_taken_and_keeps_its_tries() {
    for url in redis_server().into_iter().chain(redis_cluster()) {
        let kv = Kv::Redis(redis_at(&url).await);
        let made = chrono::Utc::now().timestamp_millis().to_string();
        let (hmac, seed) = (secret("a").hmac, secret("a").seed);
        let fields = ["hmac", &hmac, "seed", &seed, "tries", "3", "made", &made];
        redis_query::<u32>(&url, &[&["HSET", "code"], fields.as_slice()].concat()).await;
        redis_query::<u32>(&url, &["PEXPIRE", "code", "60000"]).await;
        let owner = client("aa", false);

        assert_eq!(guess_as(&kv, &owner, "wrong").await, Verification::Wrong { tries_left: 1 });
        assert!(!ask(&kv, "b", &owner).await, "it is renewed");

        assert_eq!(guess_as(&kv, &owner, "wrong").await, Verification::Wrong { tries_left: 4 });
        assert!(matches!(guess_as(&kv, &owner, "a").await, Verification::Right(_)));
    }
}
