//! Rolling windows: limits.

use std::time::Duration;

use haoma::stores::kv::{Kv, Reservation, Window};

use super::{MINUTE, granted, hundred, on_each, refused, window};

const HOUR: Duration = Duration::from_hours(1);

async fn reserve(kv: &Kv, windows: &[Window]) -> Reservation {
    kv.reserve("limit", windows).await.expect("answers")
}

async fn wait(kv: &Kv, window: Window) -> Duration {
    kv.wait("limit", window).await.expect("answers")
}

#[tokio::test]
async fn of_a_hundred_askers_one_gets_the_only_place() {
    on_each(async |kv| {
        let asked = hundred(&kv, async |kv| reserve(&kv, &[window(MINUTE, 1)]).await).await;

        assert_eq!(asked.iter().filter(|it| matches!(it, Reservation::Granted(_))).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn of_a_hundred_askers_seven_get_the_seven_places_of_the_narrowest_window() {
    on_each(async |kv| {
        let windows = async |kv| reserve(&kv, &[window(MINUTE, 20), window(HOUR, 7)]).await;
        let asked = hundred(&kv, windows).await;

        assert_eq!(asked.iter().filter(|it| matches!(it, Reservation::Granted(_))).count(), 7);
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
async fn a_refusal_takes_no_place_in_any_window() {
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
async fn a_place_given_back_is_one_place() {
    on_each(async |kv| {
        let three = [window(MINUTE, 3)];
        let first = granted(reserve(&kv, &three).await);
        granted(reserve(&kv, &three).await);
        granted(reserve(&kv, &three).await);
        refused(&reserve(&kv, &three).await);

        kv.release("limit", &first).await.expect("answers");
        kv.release("limit", &first).await.expect("twice is harmless");

        granted(reserve(&kv, &three).await);
        refused(&reserve(&kv, &three).await);
    })
    .await;
}

#[tokio::test]
async fn a_place_comes_free_when_the_oldest_event_leaves() {
    on_each(async |kv| {
        let two = [window(Duration::from_millis(900), 2)];
        granted(reserve(&kv, &two).await);
        tokio::time::sleep(Duration::from_millis(500)).await;
        granted(reserve(&kv, &two).await);
        refused(&reserve(&kv, &two).await);
        tokio::time::sleep(Duration::from_millis(500)).await;

        granted(reserve(&kv, &two).await);

        refused(&reserve(&kv, &two).await);
    })
    .await;
}

#[tokio::test]
async fn the_wait_is_told_and_asking_takes_no_place() {
    on_each(async |kv| {
        let one = window(MINUTE, 1);
        assert_eq!(wait(&kv, one).await, Duration::ZERO);
        let ticket = granted(reserve(&kv, &[one]).await);

        let first = wait(&kv, one).await;
        let second = wait(&kv, one).await;

        assert!(first > Duration::ZERO && first <= MINUTE, "{first:?}");
        assert!(second <= first, "{second:?} after {first:?}");
        assert_eq!(wait(&kv, window(MINUTE, 2)).await, Duration::ZERO);
        kv.release("limit", &ticket).await.expect("answers");
        assert_eq!(wait(&kv, one).await, Duration::ZERO);
    })
    .await;
}

#[tokio::test]
async fn a_window_without_places_refuses_everybody() {
    on_each(async |kv| {
        let (_, time) = refused(&reserve(&kv, &[window(MINUTE, 0)]).await);

        assert_eq!(time, MINUTE);
        assert_eq!(wait(&kv, window(MINUTE, 0)).await, MINUTE);
    })
    .await;
}

#[tokio::test]
async fn keys_do_not_share_places() {
    on_each(async |kv| {
        granted(reserve(&kv, &[window(MINUTE, 1)]).await);

        granted(kv.reserve("another", &[window(MINUTE, 1)]).await.expect("answers"));
    })
    .await;
}
