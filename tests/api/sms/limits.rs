//! The providers' own limits for one number, and the countries that they serve.

use reqwest::StatusCode;
use test_support::app::fresh_mobile;

use super::rig::{Rig, on_each, takes};

/// Sends two messages to one number, further apart than our own limit requires.
async fn twice(rig: &Rig, mobile: &str) {
    rig.sent(mobile).await;
    rig.app.skip_resend_wait().await;
    rig.sent(mobile).await;
}

#[tokio::test]
async fn a_vendor_that_would_refuse_a_number_is_skipped() {
    for own in [
        [("SMS_TENCENT_SECONDS_PER_MOBILE", "30"), ("SMS_TENCENT_PER_MOBILE_DAY", "0")],
        [("SMS_TENCENT_SECONDS_PER_MOBILE", "0"), ("SMS_TENCENT_PER_MOBILE_DAY", "1")],
        [("SMS_TENCENT_SECONDS_PER_MOBILE", "0"), ("SMS_TENCENT_PER_MOBILE_HOUR", "1")],
    ] {
        let settings = [[("SMS_RESEND_SECONDS", "1")].as_slice(), &own].concat();
        on_each(&[takes("tencent"), takes("yuntongxun")], &settings, async |rig| {
            let mobile = fresh_mobile();

            twice(rig, &mobile).await;

            assert_eq!(rig.asked(), [1, 1], "{own:?}");
            assert_eq!(rig.told(&mobile).await.1, ["yuntongxun sent 000000 id-1"]);
            assert_eq!(rig.code("tencent"), rig.code("yuntongxun"), "the living code again");
            rig.sent(&fresh_mobile()).await;
            assert_eq!(rig.asked(), [2, 1], "another number has limits of its own");
        })
        .await;
    }
}

#[tokio::test]
async fn when_every_vendor_would_refuse_a_number_none_is_asked() {
    let settings = [("SMS_RESEND_SECONDS", "1"), ("SMS_ALIYUN_SECONDS_PER_MOBILE", "60")];
    on_each(&[takes("aliyun")], &settings, async |rig| {
        let mobile = fresh_mobile();
        rig.sent(&mobile).await;
        rig.app.skip_resend_wait().await;

        let refused = rig.ask(&mobile).await;

        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.errno(), "4201");
        assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|count| count > 0));
        assert_eq!(rig.asked(), [1]);
        assert_eq!(rig.told(&mobile).await, ("too_frequent".to_owned(), vec![]));
        let registered = rig.register(&mobile, &rig.code("aliyun")).await;
        assert_eq!(registered.status, StatusCode::CREATED, "the code that was texted stays good");
    })
    .await;
}

#[tokio::test]
async fn a_number_goes_to_the_first_vendor_that_serves_its_country() {
    let vendors = [takes("tencent"), takes("twilio")];
    on_each(&vendors, &[("SMS_REGIONS", "CN,HK")], async |rig| {
        let (at_home, abroad) = (fresh_mobile(), "+85251234567");

        rig.sent(abroad).await;
        rig.sent(&at_home).await;

        let to = |name| rig.messages(name).into_iter().map(|message| message.0).collect::<Vec<_>>();
        assert_eq!(to("tencent"), [at_home]);
        assert_eq!(to("twilio"), [abroad]);
        assert_eq!(rig.told(abroad).await.1, ["twilio sent 201 id-1"]);
    })
    .await;
}

#[tokio::test]
async fn a_number_that_no_vendor_serves_is_refused_without_asking_one() {
    on_each(&[takes("tencent")], &[("SMS_REGIONS", "CN,HK")], async |rig| {
        let refused = rig.ask("+85251234567").await;

        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.errno(), "4301");
        assert_eq!(rig.asked(), [0]);
    })
    .await;
}

#[tokio::test]
async fn numbers_of_other_countries_are_refused_unless_they_are_named() {
    on_each(&[takes("twilio")], &[], async |rig| {
        let refused = rig.ask("+85251234567").await;

        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(refused.errno(), "4103");
        assert_eq!(rig.asked(), [0]);
    })
    .await;
}
