//! Tests of sliding windows, which hold the rate limits.

use std::{slice, time::Duration};

use haoma::stores::kv::{Acquire, Decision, Kv, PermitId, RateLimit, Window};

use super::{
    MINUTE, Taken, claim, granted, hundred, on_each, on_each_clock, refused, take, window,
};

const HOUR: Duration = Duration::from_hours(1);

async fn reserve(kv: &Kv, windows: &[Window]) -> Taken {
    take(kv, "limit", windows).await.expect("answers")
}

async fn wait(kv: &Kv, window: Window) -> Duration {
    kv.waits(&[("limit", window)]).await.expect("answers").remove(0)
}

#[tokio::test]
async fn of_a_hundred_callers_at_once_one_gets_the_only_permit() {
    on_each(async |kv| {
        let asked = hundred(&kv, async |kv| reserve(&kv, &[window(MINUTE, 1)]).await).await;

        assert_eq!(asked.iter().filter(|response| response.is_granted()).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn of_a_hundred_callers_at_once_seven_get_the_seven_permits_of_the_narrowest_window() {
    on_each(async |kv| {
        let windows = async |kv| reserve(&kv, &[window(MINUTE, 20), window(HOUR, 7)]).await;
        let asked = hundred(&kv, windows).await;

        assert_eq!(asked.iter().filter(|response| response.is_granted()).count(), 7);
    })
    .await;
}

#[tokio::test]
async fn several_windows_at_once_refuse_with_the_longest_wait() {
    on_each(async |kv| {
        let (short, long) = (window(MINUTE, 1), window(HOUR, 1));
        granted(reserve(&kv, &[short, long]).await);

        let (index, time) = refused(&reserve(&kv, &[short, long]).await);
        assert_eq!(index, 1);
        assert!(time > MINUTE && time <= HOUR, "{time:?}");

        let (index, time) = refused(&reserve(&kv, &[short, window(HOUR, 2)]).await);
        assert_eq!(index, 0);
        assert!(time > Duration::ZERO && time <= MINUTE, "{time:?}");
    })
    .await;
}

#[tokio::test]
async fn a_refusal_uses_up_no_window() {
    on_each(async |kv| {
        let (short, long) = (window(MINUTE, 1), window(HOUR, 2));
        granted(reserve(&kv, &[short, long]).await);
        for _ in 0..5 {
            assert_eq!(refused(&reserve(&kv, &[short, long]).await).0, 0);
        }

        granted(reserve(&kv, &[long]).await);

        assert_eq!(refused(&reserve(&kv, &[long]).await).0, 0);
    })
    .await;
}

#[tokio::test]
async fn a_returned_permit_is_one_permit() {
    on_each(async |kv| {
        let three = [window(MINUTE, 3)];
        let first = granted(reserve(&kv, &three).await);
        granted(reserve(&kv, &three).await);
        granted(reserve(&kv, &three).await);
        refused(&reserve(&kv, &three).await);

        kv.release(&[("limit", &first)]).await.expect("answers");
        kv.release(&[("limit", &first)]).await.expect("twice is harmless");

        granted(reserve(&kv, &three).await);
        refused(&reserve(&kv, &three).await);
    })
    .await;
}

#[tokio::test]
async fn a_permit_is_free_again_when_the_oldest_event_expires() {
    on_each_clock(async |kv, clock| {
        let two = [window(Duration::from_millis(900), 2)];
        granted(reserve(&kv, &two).await);
        clock.advance(Duration::from_millis(500)).await;
        granted(reserve(&kv, &two).await);
        refused(&reserve(&kv, &two).await);
        clock.advance(Duration::from_millis(500)).await;

        granted(reserve(&kv, &two).await);

        refused(&reserve(&kv, &two).await);
    })
    .await;
}

#[tokio::test]
async fn a_peek_returns_the_wait_and_acquires_nothing() {
    on_each(async |kv| {
        let one = window(MINUTE, 1);
        assert_eq!(wait(&kv, one).await, Duration::ZERO);
        let ticket = granted(reserve(&kv, &[one]).await);

        let first = wait(&kv, one).await;
        let second = wait(&kv, one).await;

        assert!(first > Duration::ZERO && first <= MINUTE, "{first:?}");
        assert!(second <= first, "{second:?} after {first:?}");
        assert_eq!(wait(&kv, window(MINUTE, 2)).await, Duration::ZERO);
        kv.release(&[("limit", &ticket)]).await.expect("answers");
        assert_eq!(wait(&kv, one).await, Duration::ZERO);
    })
    .await;
}

#[tokio::test]
async fn a_limit_of_zero_refuses_every_caller() {
    on_each(async |kv| {
        let (_, time) = refused(&reserve(&kv, &[window(MINUTE, 0)]).await);

        assert_eq!(time, MINUTE);
        assert_eq!(wait(&kv, window(MINUTE, 0)).await, MINUTE);
    })
    .await;
}

#[tokio::test]
async fn keys_do_not_share_permits() {
    on_each(async |kv| {
        granted(reserve(&kv, &[window(MINUTE, 1)]).await);

        granted(take(&kv, "another", &[window(MINUTE, 1)]).await.expect("answers"));
    })
    .await;
}

/// Returns a request on two keys of one slot, like those of an address and its subnet.
fn both(one: u32, other: u32) -> Acquire {
    let mut both = claim("{slot}:one", &[window(MINUTE, one)]);
    both.limits.push(RateLimit::new("{slot}", [window(MINUTE, other)]));
    both
}

#[tokio::test]
async fn permits_on_several_keys_are_acquired_all_or_none() {
    on_each(async |kv| {
        let other = take(&kv, "{slot}", &[window(MINUTE, 2)]).await.expect("answers");
        granted(other);
        let asked =
            hundred(&kv, async |kv| kv.acquire(&[both(7, 4)]).await.expect("answers")).await;

        let granted =
            asked.iter().filter(|response| matches!(response[0], Decision::Granted { .. }));
        assert_eq!(granted.count(), 3, "the narrower one had one already");
        let refused = asked.iter().find_map(|response| match response[0] {
            Decision::Refused { window, .. } => Some(window),
            Decision::Granted { .. } | Decision::NotFilled => None,
        });
        assert_eq!(refused, Some(1), "windows are numbered over all keys");
        let wide = [("{slot}:one", window(MINUTE, 4)), ("{slot}:one", window(MINUTE, 3))];
        let waits = kv.waits(&wide).await.expect("answers");
        assert!(waits[0].is_zero() && !waits[1].is_zero(), "a refusal took nothing: {waits:?}");
    })
    .await;
}

#[tokio::test]
async fn several_acquires_are_decided_one_by_one_and_return_what_was_used() {
    on_each(async |kv| {
        granted(take(&kv, "b", &[window(MINUTE, 1)]).await.expect("answers"));
        let claims = [
            claim("a", &[window(MINUTE, 2), window(HOUR, 9)]),
            claim("b", &[window(MINUTE, 1)]),
            claim("a", &[window(MINUTE, 2), window(HOUR, 9)]),
        ];

        let reserved = kv.acquire(&claims).await.expect("answers");

        assert_eq!(reserved[0], Decision::Granted { used: vec![0, 0] });
        assert!(matches!(reserved[1], Decision::Refused { window: 0, .. }), "{reserved:?}");
        assert_eq!(reserved[2], Decision::Granted { used: vec![1, 1] });
    })
    .await;
}

#[tokio::test]
async fn a_check_decides_like_an_acquire_and_takes_nothing() {
    on_each(async |kv| {
        let claims = || [claim("a", &[window(MINUTE, 2), window(HOUR, 1)])];
        for _ in 0..3 {
            let checked = kv.check(&claims()).await.expect("answers");
            assert_eq!(checked[0], Decision::Granted { used: vec![0, 0] });
        }
        kv.acquire(&claims()).await.expect("answers");

        let checked = kv.check(&claims()).await.expect("answers");
        let refused = kv.acquire(&claims()).await.expect("answers");

        for decision in [&checked[0], &refused[0]] {
            let Decision::Refused { window: 1, used, .. } = decision else {
                panic!("not refused: {decision:?}")
            };
            assert_eq!(*used, [1, 1], "as many as before");
        }
    })
    .await;
}

#[tokio::test]
async fn acquiring_one_permit_id_again_counts_once() {
    on_each(async |kv| {
        let named = |name: &str| {
            let claim = claim("names", &[window(MINUTE, 2)]);
            Acquire { permit_id: PermitId::named(name), ..claim }
        };
        for name in ["ada", "ada", "ada", "bob"] {
            let reserved = kv.acquire(&[named(name)]).await.expect("answers");
            assert!(matches!(reserved[0], Decision::Granted { .. }), "{name} {reserved:?}");
        }

        let third = kv.acquire(&[named("cyd")]).await.expect("answers");

        assert!(matches!(third[0], Decision::Refused { .. }), "{third:?}");
    })
    .await;
}

/// R43.
#[tokio::test]
async fn a_key_that_must_be_filled_is_used_only_after_filling() {
    on_each(async |kv| {
        let mut claim = claim("budget", &[window(MINUTE, 2), window(HOUR, 3)]);
        claim.limits[0].must_be_filled = true;
        let ask = async |ticket: &str| {
            let claim = Acquire { permit_id: PermitId::named(ticket), ..claim.clone() };
            kv.acquire(&[claim]).await.expect("answers").remove(0)
        };
        assert_eq!(ask("first").await, Decision::NotFilled);
        let past = |name: &str, seconds| (PermitId::named(name), Duration::from_secs(seconds));
        // The key is filled twice, as two concurrent callers would, and one event is too old to count.
        for _ in 0..2 {
            let past = [past("lately", 30), past("earlier", 1_800), past("long ago", 7_200)];
            kv.fill(&claim.limits[0], &past).await.expect("answers");
        }

        assert_eq!(ask("second").await, Decision::Granted { used: vec![1, 2] });
        let full = ask("third").await;
        assert!(matches!(full, Decision::Refused { window: 1, .. }), "{full:?}");
        kv.remove("budget").await.expect("answers");
        assert_eq!(ask("fourth").await, Decision::NotFilled, "and forgotten again");
    })
    .await;
}

/// A claim of somebody on a window whose last third is for newcomers.
fn claim_of(asker: &str, windows: &[Window]) -> Acquire {
    let mut claim = claim("{slot}", windows);
    claim.limits[0].asker_key = Some(format!("{{slot}}:from:{asker}"));
    claim
}

async fn claims_granted(kv: &Kv, asker: &str, windows: &[Window], count: usize) -> usize {
    let claims: Vec<_> = (0..count).map(|_| claim_of(asker, windows)).collect();
    let decisions = kv.acquire(&claims).await.expect("answers");
    decisions.iter().filter(|decision| matches!(decision, Decision::Granted { .. })).count()
}

#[tokio::test]
async fn the_last_third_of_a_window_is_for_those_who_have_nothing_in_it() {
    on_each_clock(async |kv, clock| {
        let windows = [window(MINUTE, 6), window(HOUR, 9)];
        assert_eq!(claims_granted(&kv, "greedy", &windows, 10).await, 4);
        assert_eq!(claims_granted(&kv, "a", &windows, 2).await, 1);
        assert_eq!(claims_granted(&kv, "b", &windows, 2).await, 1);
        assert_eq!(claims_granted(&kv, "c", &windows, 1).await, 0, "the minute is full");

        clock.advance(MINUTE).await;

        // The hour has six of nine, so three places are left for those who have none of the hour.
        assert_eq!(claims_granted(&kv, "greedy", &windows, 1).await, 0);
        assert_eq!(claims_granted(&kv, "a", &windows, 1).await, 0);
        assert_eq!(claims_granted(&kv, "c", &windows, 2).await, 1);
        let refused = kv.acquire(&[claim_of("a", &windows)]).await.expect("answers").remove(0);
        let Decision::Refused { window: 1, used, wait } = refused else { panic!("{refused:?}") };
        assert_eq!(used, [1, 7]);
        assert!(wait > MINUTE && wait <= HOUR, "{wait:?}");
    })
    .await;
}

#[tokio::test]
async fn a_hundred_askers_of_two_kinds_share_a_window_exactly() {
    on_each(async |kv| {
        let windows = [window(MINUTE, 30)];
        let asked = hundred(&kv, async |kv| {
            let greedy = claim_of("greedy", &[window(MINUTE, 30)]);
            let newcomer = claim_of(PermitId::new().as_str(), &[window(MINUTE, 30)]);
            kv.acquire(&[greedy, newcomer]).await.expect("answers")
        })
        .await;

        let granted = |which: usize| {
            let decisions = asked.iter().map(|decisions| &decisions[which]);
            decisions.filter(|decision| matches!(decision, Decision::Granted { .. })).count()
        };
        assert_eq!(granted(0) + granted(1), 30);
        assert!(granted(0) <= 20, "{}", granted(0));
        assert_eq!(claims_granted(&kv, "late", &windows, 1).await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_released_makes_whoever_asked_a_newcomer_again() {
    on_each(async |kv| {
        let windows = [window(MINUTE, 3)];
        assert_eq!(claims_granted(&kv, "a", &windows, 1).await, 1);
        let claim = claim_of("b", &windows);
        assert!(matches!(kv.acquire(slice::from_ref(&claim)).await, Ok(decisions)
            if matches!(decisions[0], Decision::Granted { .. })));
        let refused = kv.acquire(&[claim_of("b", &windows)]).await.expect("answers").remove(0);
        assert!(matches!(&refused, Decision::Refused { used, .. } if *used == [2]), "{refused:?}");

        kv.release(&claim.permits().collect::<Vec<_>>()).await.expect("answers");

        assert_eq!(claims_granted(&kv, "b", &windows, 1).await, 1);
    })
    .await;
}
