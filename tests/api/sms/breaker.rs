//! Providers that the circuit breaker skips.

use reqwest::StatusCode;
use test_support::{app::fresh_mobile, metrics::Scrape};

use super::rig::{Rig, on_each, raw, says, takes};

#[tokio::test]
async fn a_provider_that_failed_five_times_is_skipped() {
    let vendors = [raw("yuntongxun", 500, ""), takes("tencent")];
    on_each(&vendors, &[("METRICS_BIND", "127.0.0.1:0")], async |rig| {
        for sends in 1..=5 {
            assert_left_alone(rig, [("yuntongxun", false), ("tencent", false)]).await;
            rig.sent(&fresh_mobile()).await;
            assert_eq!(rig.asked(), [sends, sends]);
        }
        let mobile = fresh_mobile();

        rig.sent(&mobile).await;

        assert_eq!(rig.asked(), [5, 6]);
        assert_left_alone(rig, [("yuntongxun", true), ("tencent", false)]).await;
        assert_readiness(rig, "up").await;
        assert_eq!(rig.told(&mobile).await.1, ["tencent sent Ok id-1"]);
    })
    .await;
}

async fn assert_left_alone<const N: usize>(rig: &Rig, providers: [(&str, bool); N]) {
    let scrape = Scrape::of(&rig.app).await;
    for (name, is_left_alone) in providers {
        let sample = format!("haoma_sms_left_alone{{provider=\"{name}\"}}");
        scrape.assert(&sample, f64::from(u8::from(is_left_alone)));
    }
}

/// Whatever the state of the providers, sign-in by password works.
async fn assert_readiness(rig: &Rig, word: &str) {
    let ready = rig.app.client().get("/readyz").await;
    assert_eq!((ready.status, ready.body), (StatusCode::OK, format!("{{\"status\":\"{word}\"}}")));
}

#[tokio::test]
async fn a_failing_provider_without_a_fallback_pauses_the_service() {
    on_each(&[raw("aliyun", 500, "")], &[], async |rig| {
        for _ in 0..5 {
            rig.sent(&fresh_mobile()).await;
        }
        let mobile = fresh_mobile();

        let paused = rig.ask(&mobile).await;
        let again = rig.ask(&mobile).await;

        for response in [paused, again] {
            assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "the slot was given back");
            assert_eq!(response.errno(), "4301");
            let wait: u64 = response.header("retry-after").parse().expect("seconds");
            assert!((1..=60).contains(&wait), "{wait}");
        }
        assert_eq!(rig.asked(), [5]);
        assert_readiness(rig, "degraded").await;
        assert_eq!(rig.told(&mobile).await, ("paused".to_owned(), vec![]));
    })
    .await;
}

#[tokio::test]
async fn a_misconfigured_provider_without_a_fallback_is_still_asked() {
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
async fn a_misconfigured_provider_is_skipped_for_the_next_one() {
    on_each(&[says("yuntongxun", 200, "111109"), takes("twilio")], &[], async |rig| {
        rig.sent(&fresh_mobile()).await;
        rig.sent(&fresh_mobile()).await;

        assert_eq!(rig.asked(), [1, 2]);
    })
    .await;
}
