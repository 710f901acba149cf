//! Providers that are left alone.

use reqwest::StatusCode;

use super::rig::{on_each, raw, says, takes};
use crate::haoma::fresh_mobile;

#[tokio::test]
async fn a_provider_that_failed_five_times_is_not_asked_and_the_next_one_answers() {
    on_each(&[raw("yuntongxun", 500, ""), takes("tencent")], &[], async |rig| {
        for sends in 1..=5 {
            rig.sent(&fresh_mobile()).await;
            assert_eq!(rig.asked(), [sends, sends]);
        }
        let mobile = fresh_mobile();

        rig.sent(&mobile).await;

        assert_eq!(rig.asked(), [5, 6]);
        assert_eq!(rig.told(&mobile).await.1, ["tencent sent Ok id-1"]);
    })
    .await;
}

#[tokio::test]
async fn with_nobody_else_a_dead_provider_pauses_the_service() {
    on_each(&[raw("aliyun", 500, "")], &[], async |rig| {
        for _ in 0..5 {
            rig.sent(&fresh_mobile()).await;
        }
        let mobile = fresh_mobile();

        let paused = rig.ask(&mobile).await;
        let again = rig.ask(&mobile).await;

        for answer in [paused, again] {
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "the slot was given back");
            assert_eq!(answer.errno(), "4301");
            let wait: u64 = answer.header("retry-after").parse().expect("seconds");
            assert!((1..=60).contains(&wait), "{wait}");
        }
        assert_eq!(rig.asked(), [5]);
        assert_eq!(rig.told(&mobile).await, ("paused".to_owned(), vec![]));
    })
    .await;
}

#[tokio::test]
async fn with_nobody_else_a_misconfigured_provider_is_still_asked() {
    on_each(&[says("yuntongxun", 200, "111109")], &[], async |rig| {
        let mobile = fresh_mobile();
        for sends in 1..=7 {
            let refused = rig.ask(&mobile).await;
            assert_eq!(refused.status, StatusCode::BAD_GATEWAY, "{refused:?}");
            assert_eq!(rig.asked(), [sends]);
        }

        rig.becomes(takes("yuntongxun"));

        rig.sent(&mobile).await;
    })
    .await;
}

#[tokio::test]
async fn a_misconfigured_provider_is_left_to_the_next_one() {
    on_each(&[says("yuntongxun", 200, "111109"), takes("twilio")], &[], async |rig| {
        rig.sent(&fresh_mobile()).await;
        rig.sent(&fresh_mobile()).await;

        assert_eq!(rig.asked(), [1, 2]);
    })
    .await;
}
