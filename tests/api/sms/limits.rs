//! The providers' own limits for one number, and the countries that they serve.

use reqwest::StatusCode;
use test_support::app::fresh_mobile;

use super::sms_app::{SmsApp, accepts, on_each};

/// Sends two messages to one number, further apart than our own limit requires.
async fn twice(sms_app: &SmsApp, mobile: &str) {
    sms_app.send(mobile).await;
    sms_app.app.skip_resend_wait().await;
    sms_app.send(mobile).await;
}

#[tokio::test]
async fn a_vendor_that_would_refuse_a_number_is_skipped() {
    for own in [
        [("SMS_TENCENT_SECONDS_PER_MOBILE", "30"), ("SMS_TENCENT_PER_MOBILE_DAY", "0")],
        [("SMS_TENCENT_SECONDS_PER_MOBILE", "0"), ("SMS_TENCENT_PER_MOBILE_DAY", "1")],
        [("SMS_TENCENT_SECONDS_PER_MOBILE", "0"), ("SMS_TENCENT_PER_MOBILE_HOUR", "1")],
    ] {
        let settings = [[("SMS_RESEND_SECONDS", "1")].as_slice(), &own].concat();
        on_each(&[accepts("tencent"), accepts("yuntongxun")], &settings, async |sms_app| {
            let mobile = fresh_mobile();

            twice(sms_app, &mobile).await;

            assert_eq!(sms_app.request_counts(), [1, 1], "{own:?}");
            assert_eq!(sms_app.newest_message(&mobile).await.1, ["yuntongxun sent 000000 id-1"]);
            assert_eq!(
                sms_app.code("tencent"),
                sms_app.code("yuntongxun"),
                "the living code again"
            );
            sms_app.send(&fresh_mobile()).await;
            assert_eq!(sms_app.request_counts(), [2, 1], "another number has limits of its own");
        })
        .await;
    }
}

#[tokio::test]
async fn when_every_vendor_would_refuse_a_number_none_is_asked() {
    let settings = [("SMS_RESEND_SECONDS", "1"), ("SMS_ALIYUN_SECONDS_PER_MOBILE", "60")];
    on_each(&[accepts("aliyun")], &settings, async |sms_app| {
        let mobile = fresh_mobile();
        sms_app.send(&mobile).await;
        sms_app.app.skip_resend_wait().await;

        let refused = sms_app.request_code(&mobile).await;

        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.errno(), "4201");
        assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|count| count > 0));
        assert_eq!(sms_app.request_counts(), [1]);
        assert_eq!(sms_app.newest_message(&mobile).await, ("too_frequent".to_owned(), vec![]));
        let registered = sms_app.register(&mobile, &sms_app.code("aliyun")).await;
        assert_eq!(registered.status, StatusCode::CREATED, "the code that was texted stays good");
    })
    .await;
}

#[tokio::test]
async fn a_number_goes_to_the_first_vendor_that_serves_its_country() {
    let vendors = [accepts("tencent"), accepts("twilio")];
    on_each(&vendors, &[("SMS_REGIONS", "CN,HK")], async |sms_app| {
        let (at_home, abroad) = (fresh_mobile(), "+85251234567");

        sms_app.send(abroad).await;
        sms_app.send(&at_home).await;

        let to =
            |name| sms_app.messages(name).into_iter().map(|message| message.0).collect::<Vec<_>>();
        assert_eq!(to("tencent"), [at_home]);
        assert_eq!(to("twilio"), [abroad]);
        assert_eq!(sms_app.newest_message(abroad).await.1, ["twilio sent 201 id-1"]);
    })
    .await;
}

#[tokio::test]
async fn a_number_that_no_vendor_serves_is_refused_without_asking_one() {
    on_each(&[accepts("tencent")], &[("SMS_REGIONS", "CN,HK")], async |sms_app| {
        let refused = sms_app.request_code("+85251234567").await;

        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.errno(), "4301");
        assert_eq!(sms_app.request_counts(), [0]);
    })
    .await;
}

#[tokio::test]
async fn numbers_of_other_countries_are_refused_unless_they_are_named() {
    on_each(&[accepts("twilio")], &[], async |sms_app| {
        let refused = sms_app.request_code("+85251234567").await;

        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(refused.errno(), "4103");
        assert_eq!(sms_app.request_counts(), [0]);
    })
    .await;
}
