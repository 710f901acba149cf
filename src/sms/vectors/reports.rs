//! Reports of vendors as their SDKs sign and verify them.

use serde_json::Value;

use super::{secret, text, vectors};
use crate::sms::receipts::{Receipts, ReceiptsSecret, ReportRequest, Signature};

fn is_genuine(signature: Signature, header: impl Fn(&str) -> Option<String>, body: &str) -> bool {
    let provider = match signature {
        Signature::Twilio { .. } => "twilio",
        Signature::Vonage { .. } => "vonage",
        Signature::Huawei { .. } => "huawei",
    };
    let secret = ReceiptsSecret::parse("receiptsSecretOfTheVectors").unwrap();
    let receipts = Receipts { secret, signatures: vec![signature] };
    receipts.is_genuine(provider, &ReportRequest { header: &header, body: body.as_bytes() })
}

#[test]
fn a_report_of_twilio_is_genuine_and_a_changed_one_is_not() {
    let vector = vectors("twilio_report").remove(0);
    let signature = || Signature::Twilio {
        auth_token: secret(&vector, "/given/auth_token"),
        address: secret(&vector, "/given/address"),
    };
    let signed = text(&vector, "/expect/signature");
    let with = |header: Option<&str>, body: &str| {
        let header = header.map(str::to_owned);
        is_genuine(
            signature(),
            |name| header.clone().filter(|_| name == "x-twilio-signature"),
            body,
        )
    };
    let body = text(&vector, "/expect/body");

    assert!(with(Some(signed), body));
    assert!(!with(Some(signed), &body.replace("delivered", "failed")));
    assert!(!with(None, body));
    assert!(!with(Some("AAAA"), body));
}

#[test]
fn a_report_of_vonage_is_genuine_with_an_hmac_of_sha_2() {
    for (name, expected) in [
        ("vonage_report_sha256", true),
        ("vonage_report_sha512", true),
        ("vonage_report_md5", false),
    ] {
        let vector = vectors(name).remove(0);
        let with = |body: &str| {
            let secret = secret(&vector, "/given/secret");
            is_genuine(Signature::Vonage { secret }, |_| None, body)
        };
        let body = text(&vector, "/expect/body");

        assert_eq!(with(body), expected, "{name}");
        assert!(!with(&body.replace("delivered", "failed")), "{name}");
        assert!(!with(&body.replace("\"sig\"", "\"gis\"")), "{name}");
    }
}

#[test]
fn a_report_of_huawei_is_genuine_and_a_changed_one_is_not() {
    for (name, covers_body) in [("huawei_report_unhashed", false), ("huawei_report_hashed", true)] {
        let vector = vectors(name).remove(0);
        let headers = vector.pointer("/expect/headers").and_then(Value::as_object).unwrap();
        let with = |changed: &str, body: &str| {
            let signature = Signature::Huawei {
                app_key: text(&vector, "/given/app_key").to_owned(),
                app_secret: secret(&vector, "/given/app_secret"),
                address: secret(&vector, "/given/callback"),
            };
            let header = |name: &str| {
                let value = headers.get(name)?.as_str()?.to_owned();
                Some(if name == changed { value.replace('3', "4") } else { value })
            };
            is_genuine(signature, header, body)
        };
        let body = text(&vector, "/expect/body");

        assert!(with("", body), "{name}");
        assert!(!with("authorization", body), "{name}");
        assert_eq!(with("", &body.replace("DELIVRD", "REJECTD")), !covers_body, "{name}");
    }
}

#[test]
fn without_a_secret_a_report_of_twilio_is_no_proof_and_those_of_others_need_none() {
    let secret = ReceiptsSecret::parse("receiptsSecretOfTheVectors").unwrap();
    let receipts = Receipts { secret, signatures: Vec::new() };
    let request = ReportRequest { header: &|_| None, body: b"" };

    assert!(!receipts.is_genuine("twilio", &request));
    for provider in ["tencent", "aliyun", "volcengine", "vonage", "huawei"] {
        assert!(receipts.is_genuine(provider, &request), "{provider}");
    }
}
