//! The request that each vendor gets. The tests compute the signatures again from the received bytes.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{NaiveDateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use test_support::{
    fake_vendor::{Reply, SeenRequest},
    vendor_accounts::answer,
};

use super::{ID, message, notify, send};

/// Checks a signed call of the vendor's template and returns its body.
fn yuntongxun(seen: &SeenRequest) -> Value {
    let authorization = BASE64_STANDARD.decode(&seen.headers["authorization"]).expect("base64");
    let authorization = String::from_utf8(authorization).expect("a text");
    let (account, time) = authorization.split_once(':').expect("two parts");
    assert_eq!(account, "8a11");
    let in_beijing = NaiveDateTime::parse_from_str(time, "%Y%m%d%H%M%S").expect("a time");
    let age = Utc::now().naive_utc() + TimeDelta::hours(8) - in_beijing;
    assert!((0..30).contains(&age.num_seconds()), "{time}");
    let signature = hex(&Md5::digest(format!("8a11facade{time}"))).to_uppercase();
    assert_eq!(seen.query, format!("sig={signature}"));
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.path, "/2013-12-26/Accounts/8a11/SMS/TemplateSMS");
    assert_eq!(seen.headers["accept"], "application/json");
    assert_eq!(seen.headers["content-type"], "application/json;charset=utf-8");
    serde_json::from_str(&seen.body).expect("JSON")
}

#[tokio::test]
async fn yuntongxun_sees_a_signed_template() {
    let (_, seen) = send("yuntongxun", Reply::Now(200, answer("yuntongxun", "000000"))).await;
    let notice = notify("yuntongxun", "000000").await;

    assert_eq!(
        yuntongxun(&seen),
        json!({ "to": "13800138000", "appId": "8a22", "templateId": "1",
            "datas": ["042137", "5"], "reqId": ID })
    );
    assert_eq!(
        yuntongxun(&notice),
        json!({ "to": "13800138000", "appId": "8a22", "templateId": "2", "reqId": ID })
    );
}

/// Checks a signed call of `SendSms` and returns its body.
fn tencent(seen: &SeenRequest) -> Value {
    assert_eq!((seen.method.as_str(), seen.path.as_str(), seen.query.as_str()), ("POST", "/", ""));
    let time = &seen.headers["x-tc-timestamp"];
    let age = Utc::now().timestamp() - time.parse::<i64>().expect("a number");
    assert!((0..30).contains(&age), "{time}");
    let day = (Utc::now() - TimeDelta::seconds(age)).format("%Y-%m-%d").to_string();
    let canonical = format!(
        "POST\n/\n\ncontent-type:{}\nhost:{}\n\ncontent-type;host\n{}",
        seen.headers["content-type"],
        seen.headers["host"],
        hex(&Sha256::digest(&seen.body)),
    );
    let canonical = hex(&Sha256::digest(canonical));
    let to_sign = format!("TC3-HMAC-SHA256\n{time}\n{day}/sms/tc3_request\n{canonical}");
    let key = mac(&mac(&mac(b"TC3tencent-key", &day), "sms"), "tc3_request");
    assert_eq!(
        seen.headers["authorization"],
        format!(
            "TC3-HMAC-SHA256 Credential=AKIDexample/{day}/sms/tc3_request, \
             SignedHeaders=content-type;host, Signature={}",
            hex(&mac(&key, &to_sign))
        )
    );
    let own =
        ["action", "version", "region"].map(|name| seen.headers[&format!("x-tc-{name}")].clone());
    assert_eq!(own, ["SendSms", "2021-01-11", "ap-guangzhou"]);
    serde_json::from_str(&seen.body).expect("JSON")
}

#[tokio::test]
async fn tencent_sees_a_signed_template() {
    let (_, seen) = send("tencent", Reply::Now(200, answer("tencent", "Ok"))).await;
    let notice = notify("tencent", "Ok").await;

    let with = |template, values: &[&str]| {
        json!({ "PhoneNumberSet": ["+8613800138000"], "SmsSdkAppId": "1400006666",
            "SignName": "示例科技", "TemplateId": template,
            "TemplateParamSet": values, "SessionContext": ID })
    };
    assert_eq!(tencent(&seen), with("449739", &["042137", "5"]));
    assert_eq!(tencent(&notice), with("449740", &[]));
}

/// Checks a signed call of an action of Aliyun, which has everything in its query.
fn acs3(seen: &SeenRequest, (key, secret): (&str, &str), action: &str) {
    assert_eq!((seen.method.as_str(), seen.path.as_str(), seen.body.as_str()), ("POST", "/", ""));
    let names =
        "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
    let lines = names.split(';').map(|part| format!("{part}:{}\n", seen.headers[part]));
    let canonical = ["POST\n/\n".to_owned(), seen.query.clone(), "\n".to_owned()]
        .into_iter()
        .chain(lines)
        .chain([format!("\n{names}\n{}", hex(&Sha256::digest("")))])
        .collect::<Vec<_>>()
        .concat();
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", hex(&Sha256::digest(canonical)));
    let signature = hex(&mac(secret.as_bytes(), &to_sign));
    assert_eq!(
        seen.headers["authorization"],
        format!("ACS3-HMAC-SHA256 Credential={key},SignedHeaders={names},Signature={signature}")
    );
    assert_eq!(seen.headers["x-acs-action"], action);
    assert_eq!(seen.headers["x-acs-version"], "2017-05-25");
    let time = &seen.headers["x-acs-date"];
    let time = NaiveDateTime::parse_from_str(time, "%Y-%m-%dT%H:%M:%SZ").expect("a time");
    assert!((0..30).contains(&(Utc::now().naive_utc() - time).num_seconds()), "{time}");
}

#[tokio::test]
async fn aliyun_sees_a_signed_query_and_a_nonce_of_its_own() {
    let (_, seen) = send("aliyun", Reply::Now(200, answer("aliyun", "OK"))).await;
    let notice = notify("aliyun", "OK").await;

    for sent in [&seen, &notice] {
        acs3(sent, ("LTAIexample", "aliyun-key"), "SendSms");
    }
    let nonce = "x-acs-signature-nonce";
    assert_ne!(seen.headers[nonce], notice.headers[nonce]);
    let both = format!(
        "OutId={ID}&PhoneNumbers=13800138000&SignName=%E7%A4%BA%E4%BE%8B%E7%A7%91%E6%8A%80&TemplateCode="
    );
    let code = "SMS_154950909&TemplateParam=%7B%22code%22%3A%22042137%22%7D";
    assert_eq!(seen.query, format!("{both}{code}"));
    assert_eq!(notice.query, format!("{both}SMS_154950910"));
}

#[tokio::test]
async fn aliyun_pnvs_sees_our_code_in_the_lent_template() {
    let (_, seen) = send("aliyun_pnvs", Reply::Now(200, answer("aliyun_pnvs", "OK"))).await;

    acs3(&seen, ("LTAIpnvs", "pnvs-key"), "SendSmsVerifyCode");
    let sign_name = "%E9%80%9F%E9%80%9A%E4%BA%92%E8%81%94%E9%AA%8C%E8%AF%81%E7%A0%81";
    let param = "%7B%22code%22%3A%22042137%22%2C%22min%22%3A%225%22%7D";
    assert_eq!(
        seen.query,
        format!(
            "OutId={ID}&PhoneNumber=13800138000&SignName={sign_name}&TemplateCode=100001&TemplateParam={param}"
        )
    );
}

#[tokio::test]
async fn twilio_sees_a_form_with_the_text() {
    let (_, seen) = send("twilio", Reply::Now(201, answer("twilio", "201"))).await;

    assert_eq!(seen.method, "POST");
    assert_eq!(seen.path, "/2010-04-01/Accounts/AC11/Messages.json");
    assert_eq!(seen.headers["content-type"], "application/x-www-form-urlencoded");
    let credentials = BASE64_STANDARD.encode("AC11:twilio-token");
    assert_eq!(seen.headers["authorization"], format!("Basic {credentials}"));
    assert!(seen.body.starts_with("To=%2B8613800138000&From=%2B15005550006&"), "{}", seen.body);
    let form: Vec<_> = url::form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect();
    assert_eq!(form[2], ("Body".to_owned(), message().text));
    assert_eq!(form[3], ("ValidityPeriod".to_owned(), "300".to_owned()));
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

pub(super) fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
