//! Providers that the circuit breaker skips.

use reqwest::StatusCode;
use test_support::{app::fresh_mobile, metrics::Scrape};

use super::sms_app::{SmsApp, accepts, answers_code, answers_raw, on_each};

#[tokio::test]
async fn a_provider_that_failed_five_times_is_skipped() {
    let vendors = [answers_raw("yuntongxun", 500, ""), accepts("tencent")];
    on_each(&vendors, &[("METRICS_BIND", "127.0.0.1:0")], async |sms_app| {
        for sends in 1..=5 {
            assert_skipped(sms_app, [("yuntongxun", false), ("tencent", false)]).await;
            sms_app.send(&fresh_mobile()).await;
            assert_eq!(sms_app.request_counts(), [sends, sends]);
        }
        let mobile = fresh_mobile();

        sms_app.send(&mobile).await;

        assert_eq!(sms_app.request_counts(), [5, 6]);
        assert_skipped(sms_app, [("yuntongxun", true), ("tencent", false)]).await;
        assert_readiness(sms_app, "up").await;
        assert_eq!(sms_app.newest_message(&mobile).await.1, ["tencent sent Ok id-1"]);
    })
    .await;
}

async fn assert_skipped<const N: usize>(sms_app: &SmsApp, providers: [(&str, bool); N]) {
    let scrape = Scrape::of(&sms_app.app).await;
    for (name, is_left_alone) in providers {
        let sample = format!("haoma_sms_left_alone{{provider=\"{name}\"}}");
        scrape.assert(&sample, f64::from(u8::from(is_left_alone)));
    }
}

/// Whatever the state of the providers, sign-in by password works.
async fn assert_readiness(sms_app: &SmsApp, word: &str) {
    let ready = sms_app.app.client().get("/readyz").await;
    assert_eq!((ready.status, ready.body), (StatusCode::OK, format!("{{\"status\":\"{word}\"}}")));
}

#[tokio::test]
async fn a_failing_provider_without_a_fallback_pauses_the_service() {
    on_each(&[answers_raw("aliyun", 500, "")], &[], async |sms_app| {
        for _ in 0..5 {
            sms_app.send(&fresh_mobile()).await;
        }
        let mobile = fresh_mobile();

        let paused = sms_app.request_code(&mobile).await;
        let again = sms_app.request_code(&mobile).await;

        for response in [paused, again] {
            assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "the permit was returned");
            assert_eq!(response.errno(), "4301");
            let wait: u64 = response.header("retry-after").parse().expect("seconds");
            assert!((1..=60).contains(&wait), "{wait}");
        }
        assert_eq!(sms_app.request_counts(), [5]);
        assert_readiness(sms_app, "degraded").await;
        assert_eq!(sms_app.newest_message(&mobile).await, ("paused".to_owned(), vec![]));
    })
    .await;
}

#[tokio::test]
async fn a_misconfigured_provider_without_a_fallback_is_still_asked() {
    on_each(&[answers_code("yuntongxun", 200, "111109")], &[], async |sms_app| {
        let mobile = fresh_mobile();
        for sends in 1..=7 {
            let refused = sms_app.request_code(&mobile).await;
            assert_eq!(refused.status, StatusCode::BAD_GATEWAY, "{refused:?}");
            assert_eq!(sms_app.request_counts(), [sends]);
        }

        sms_app.set_reply(accepts("yuntongxun"));

        sms_app.send(&mobile).await;
    })
    .await;
}

#[tokio::test]
async fn a_misconfigured_provider_is_skipped_for_the_next_one() {
    on_each(
        &[answers_code("yuntongxun", 200, "111109"), accepts("twilio")],
        &[],
        async |sms_app| {
            sms_app.send(&fresh_mobile()).await;
            sms_app.send(&fresh_mobile()).await;

            assert_eq!(sms_app.request_counts(), [1, 2]);
        },
    )
    .await;
}
