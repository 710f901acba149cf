//! Delivery receipts of the vendors that sign them: a forged one changes nothing.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use ring::{digest, hmac};
use serde_json::{Value, json};
use test_support::app::fresh_mobile;

use super::{
    receipts::{
        PUBLIC_HOST, PUBLIC_URL, SECRET, SETTINGS, form, post_with, receipt, report, reported,
        twilio_signature,
    },
    sms_app::{accepts, on_each},
};

/// A request that a vendor might send: its headers and its body.
type Sent = (Vec<(&'static str, String)>, String);

/// Reports a delivery with each of the forged requests, which must change nothing, and then with the genuine one.
async fn forged_and_genuine(
    name: &'static str,
    own: &[(&str, &str)],
    forged: &[Sent],
    genuine: &Sent,
) {
    let settings = [SETTINGS.as_slice(), own].concat();
    on_each(&[accepts(name)], &settings, async |sms_app| {
        let mobile = fresh_mobile();
        sms_app.send(&mobile).await;
        let path = format!("/webhooks/sms/{name}/{SECRET}");
        let post = async |(headers, body): &Sent| {
            let headers: Vec<_> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            post_with(sms_app, &path, &headers, body).await.0
        };
        for request in forged {
            assert_eq!(post(request).await, StatusCode::NOT_FOUND, "{name}: {request:?}");
        }
        assert_eq!(receipt(sms_app, &mobile).await, None, "{name}");

        assert_eq!(post(genuine).await, StatusCode::OK, "{name}");

        let noted = ("failed".to_owned(), "MK:0001".to_owned());
        assert_eq!(receipt(sms_app, &mobile).await, Some(noted), "{name}");
    })
    .await;
}

fn address(name: &str) -> String {
    format!("{PUBLIC_URL}/webhooks/sms/{name}/{SECRET}")
}

#[tokio::test]
async fn a_report_of_twilio_needs_its_signature() {
    let body = report("twilio", "id-1", false);
    let signed = |token: &str, address: &str, body: &str| {
        let signature = twilio_signature(token, address, body);
        (vec![("x-twilio-signature", signature)], report("twilio", "id-1", false))
    };
    let address = address("twilio");
    let key = ("SMS_TWILIO_AUTH_TOKEN", "SK11:key-secret");
    for (token, own) in [
        ("twilio-token", &[][..]),
        ("the-token", &[key, ("SMS_TWILIO_RECEIPTS_TOKEN", "the-token")]),
    ] {
        let forged = [
            (Vec::new(), body.clone()),
            signed("key-secret", &address, &body),
            signed(token, &format!("{address}/"), &body),
            signed(token, &address, &report("twilio", "id-1", true)),
        ];
        forged_and_genuine("twilio", own, &forged, &signed(token, &address, &body)).await;
    }
}

/// With an API key and without the account's token nothing could be verified.
#[tokio::test]
async fn twilio_is_told_where_to_report_only_if_its_signature_can_be_verified() {
    let key = ("SMS_TWILIO_AUTH_TOKEN", "SK11:key-secret");
    for (own, is_told) in [
        (SETTINGS.to_vec(), true),
        ([&SETTINGS[..], &[key]].concat(), false),
        (vec![SETTINGS[0], ("PUBLIC_URL", "http://id.example.test")], false),
        (vec![SETTINGS[1]], false),
    ] {
        on_each(&[accepts("twilio")], &own, async |sms_app| {
            sms_app.send(&fresh_mobile()).await;

            let body = sms_app.seen("twilio").remove(0).body;

            let told = form(&[("StatusCallback", &address("twilio"))]);
            assert_eq!(body.contains(&told), is_told, "{body}");
            let report = report("twilio", "id-1", false);
            let status = reported(sms_app, "twilio", &report).await.0;
            assert_eq!(status == StatusCode::OK, is_told);
        })
        .await;
    }
}

#[tokio::test]
async fn a_report_of_vonage_needs_a_signature_once_there_is_a_secret() {
    let signed = |secret: &str, was_delivered: bool| {
        let report = report("vonage", "id-1", was_delivered);
        let values: BTreeMap<String, Value> = serde_json::from_str(&report).expect("JSON");
        let text: Vec<_> = values
            .iter()
            .map(|(name, value)| format!("&{name}={}", value.as_str().expect("a text")))
            .collect();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let mac = hmac::sign(&key, text.concat().as_bytes());
        mac.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    };
    let with = |sig: &str| {
        let mut report: Value =
            serde_json::from_str(&report("vonage", "id-1", false)).expect("JSON");
        report["sig"] = json!(sig);
        (Vec::new(), report.to_string())
    };
    let forged = [
        (Vec::new(), report("vonage", "id-1", false)),
        with(&signed("another", false)),
        with(&signed("the-signature-secret", true)),
        with(""),
    ];
    let own = [("SMS_VONAGE_SIGNATURE_SECRET", "the-signature-secret")];

    let genuine = with(&signed("the-signature-secret", false));
    forged_and_genuine("vonage", &own, &forged, &genuine).await;
}

#[tokio::test]
async fn a_report_of_huawei_needs_a_signature_where_the_operator_says_that_it_signs() {
    let body = report("huawei", "id-1", false);
    let signed = |secret: &str, host: &str, hashed: &str| {
        let hex = |bytes: &[u8]| -> String {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
        };
        let hash = hex(digest::digest(&digest::SHA256, hashed.as_bytes()).as_ref());
        let (names, date) = ("host;x-sdk-date", "20260117T080304Z");
        let lines = format!("host:{host}\nx-sdk-date:{date}\n");
        let path = format!("/webhooks/sms/huawei/{SECRET}/");
        let canonical = format!("POST\n{path}\n\n{lines}\n{names}\n{hash}");
        let canonical = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let text = format!("SDK-HMAC-SHA256\n{date}\n{canonical}");
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let mac = hex(hmac::sign(&key, text.as_bytes()).as_ref());
        let authorization =
            format!("SDK-HMAC-SHA256 Access=huaweiKey, SignedHeaders={names}, Signature={mac}");
        vec![("authorization", authorization), ("x-sdk-date", date.to_owned())]
    };
    let forged = [
        (Vec::new(), body.clone()),
        (signed("another", PUBLIC_HOST, &body), body.clone()),
        (signed("huawei-secret", "another.test", &body), body.clone()),
        (signed("huawei-secret", PUBLIC_HOST, &report("huawei", "id-1", true)), body.clone()),
    ];
    let genuine = (signed("huawei-secret", PUBLIC_HOST, &body), body);
    let own = [("SMS_HUAWEI_SIGNED_RECEIPTS", "on")];

    forged_and_genuine("huawei", &own, &forged, &genuine).await;
}

#[tokio::test]
async fn huawei_is_told_where_to_report_with_every_message() {
    on_each(&[accepts("huawei")], &SETTINGS, async |sms_app| {
        sms_app.send(&fresh_mobile()).await;

        let body = sms_app.seen("huawei").remove(0).body;

        assert!(body.contains(&form(&[("statusCallback", &address("huawei"))])), "{body}");
    })
    .await;
}
