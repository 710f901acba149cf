//! The request that each of the newer vendors gets. The tests compute the signatures again from the received bytes.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{NaiveDateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use test_support::{
    fake_vendor::{Reply, SeenRequest},
    vendor_accounts::answer,
};

use super::{
    ID, message, notify,
    requests::{hex, mac},
    send,
};

/// Reads the pairs of a form.
fn form(body: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Checks that a time like `20240101T190405Z` is about now.
fn is_now(time: &str) {
    let time = NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%SZ").expect("a time");
    assert!((0..30).contains(&(Utc::now().naive_utc() - time).num_seconds()), "{time}");
}

/// Checks a signed call of `batchSendSms` and returns its form.
fn huawei(seen: &SeenRequest) -> Vec<(String, String)> {
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/sms/batchSendSms/v1"));
    let names = "content-type;host;x-sdk-content-sha256;x-sdk-date";
    let lines = names.split(';').map(|part| format!("{part}:{}\n", seen.headers[part]));
    let lines = lines.collect::<Vec<_>>().concat();
    let canonical = format!("POST\n{}/\n\n{lines}\n{names}\nUNSIGNED-PAYLOAD", seen.path);
    let date = &seen.headers["x-sdk-date"];
    is_now(date);
    let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Sha256::digest(canonical)));
    let signature = hex(&mac(b"huawei-secret", &to_sign));
    assert_eq!(
        seen.headers["authorization"],
        format!("SDK-HMAC-SHA256 Access=huaweiKey, SignedHeaders={names}, Signature={signature}")
    );
    form(&seen.body)
}

#[tokio::test]
async fn huawei_sees_a_signed_template() {
    let (_, seen) = send("huawei", Reply::Now(200, answer("huawei", "000000"))).await;
    let notice = notify("huawei", "000000").await;

    let with =
        |template| [("from", "8824110605000"), ("to", "+8613800138000"), ("templateId", template)];
    let template = with("1d18a7f4e1b84f6c8fc1546b48b3baea");
    let values = [("templateParas", r#"["042137","5"]"#)];
    assert_eq!(huawei(&seen), pairs(&[template.as_slice(), &values].concat()));
    assert_eq!(huawei(&notice), pairs(&with("2d18a7f4e1b84f6c8fc1546b48b3baea")));
}

/// Checks a call that is signed with a key made of day, region and service, and its scope.
fn scoped(seen: &SeenRequest, (algorithm, secret): (&str, &str), scope: [&str; 3], date: &str) {
    let authorization = &seen.headers["authorization"];
    let names = authorization.split("SignedHeaders=").nth(1).expect("names");
    let names = names.split(',').next().expect("names");
    let lines = names.split(';').map(|part| format!("{part}:{}\n", seen.headers[part]));
    let lines = lines.collect::<Vec<_>>().concat();
    let (query, hash) = (&seen.query, hex(&Sha256::digest(&seen.body)));
    let canonical = format!("POST\n/\n{query}\n{lines}\n{names}\n{hash}");
    is_now(date);
    let day = &date[..8];
    let [region, service, end] = scope;
    let whole = format!("{day}/{region}/{service}/{end}");
    let to_sign = format!("{algorithm}\n{date}\n{whole}\n{}", hex(&Sha256::digest(canonical)));
    let key = [day, region, service, end]
        .iter()
        .fold(secret.as_bytes().to_vec(), |key, part| mac(&key, part));
    let signature = hex(&mac(&key, &to_sign));
    assert!(authorization.starts_with(&format!("{algorithm} Credential=")), "{authorization}");
    assert!(authorization.contains(&whole), "{authorization}");
    assert!(authorization.ends_with(&format!("Signature={signature}")), "{authorization}");
}

#[tokio::test]
async fn volcengine_sees_a_signed_template() {
    let (_, seen) = send("volcengine", Reply::Now(200, answer("volcengine", "OK"))).await;
    let notice = notify("volcengine", "OK").await;

    for (seen, template, param) in
        [(&seen, "ST_7a1b2c3d", r#"{"code":"042137"}"#), (&notice, "ST_8a1b2c3d", "{}")]
    {
        let scope = ["cn-north-1", "volcSMS", "request"];
        scoped(seen, ("HMAC-SHA256", "volcengine-key"), scope, &seen.headers["x-date"]);
        assert!(
            seen.headers["authorization"].contains("content-type;host;x-content-sha256;x-date")
        );
        assert_eq!(seen.query, "Action=SendSms&Version=2020-01-01");
        assert_eq!(
            serde_json::from_str::<Value>(&seen.body).expect("JSON"),
            json!({ "SmsAccount": "7a1b2c3d", "Sign": "示例科技", "TemplateID": template,
                "TemplateParam": param, "PhoneNumbers": "13800138000", "Tag": ID })
        );
    }
}

#[tokio::test]
async fn sns_sees_a_signed_form_with_the_text() {
    let (_, seen) = send("sns", Reply::Now(200, answer("sns", "200"))).await;

    let scope = ["ap-southeast-1", "sns", "aws4_request"];
    let secret = ("AWS4-HMAC-SHA256", "AWS4sns-secret-key");
    scoped(&seen, secret, scope, &seen.headers["x-amz-date"]);
    assert!(seen.headers["authorization"].contains("content-type;host;x-amz-date"), "{seen:?}");
    let entry = "MessageAttributes.entry.1";
    let (name, kind, value) = (
        format!("{entry}.Name"),
        format!("{entry}.Value.DataType"),
        format!("{entry}.Value.StringValue"),
    );
    assert_eq!(
        form(&seen.body),
        pairs(&[
            ("Action", "Publish"),
            ("Version", "2010-03-31"),
            ("PhoneNumber", "+8613800138000"),
            ("Message", &message().text),
            (&name, "AWS.SNS.SMS.SMSType"),
            (&kind, "String"),
            (&value, "Transactional"),
        ])
    );
}

#[tokio::test]
async fn vonage_sees_a_form_with_the_text() {
    let (_, seen) = send("vonage", Reply::Now(200, answer("vonage", "0"))).await;

    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/sms/json"));
    let credentials = BASE64_STANDARD.encode("abcd1234:vonage-secret");
    assert_eq!(seen.headers["authorization"], format!("Basic {credentials}"));
    assert_eq!(
        form(&seen.body),
        pairs(&[
            ("to", "8613800138000"),
            ("from", "Haoma"),
            ("text", &message().text),
            ("client-ref", ID),
            ("type", "unicode"),
            ("ttl", "300000"),
        ])
    );
}
