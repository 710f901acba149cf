//! Delivery receipts of vendors.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HOST},
};
use ring::hmac;
use serde_json::{Value, json};
use test_support::app::fresh_mobile;

use super::sms_app::{SmsApp, accepts, on_each};

pub(super) const SECRET: &str = "receiptsSecretOfTheTests0123";
pub(super) const PUBLIC_HOST: &str = "id.example.test";
pub(super) const PUBLIC_URL: &str = "https://id.example.test";
pub(super) const SETTINGS: [(&str, &str); 2] =
    [("SMS_RECEIPTS_SECRET", SECRET), ("PUBLIC_URL", PUBLIC_URL)];
const VENDORS: [(&str, &str); 8] = [
    ("tencent", r#"{"result":0,"errmsg":"OK"}"#),
    ("aliyun", r#"{"code":0,"msg":"OK"}"#),
    ("aliyun_pnvs", r#"{"code":0,"msg":"OK"}"#),
    ("yuntongxun", r#"{"statusCode":"000000"}"#),
    ("volcengine", r#"{"code":0,"msg":"OK"}"#),
    ("huawei", ""),
    ("vonage", ""),
    ("twilio", ""),
];

/// Returns a receipt for a message in the format of the vendor.
pub(super) fn report(name: &str, id: &str, was_delivered: bool) -> String {
    let json = match name {
        "tencent" => json!([{
            "user_receive_time": "2026-01-17 08:03:04", "nationcode": "86",
            "mobile": "13900000000", "sid": id, "description": "x",
            "report_status": if was_delivered { "SUCCESS" } else { "FAIL" },
            "errmsg": if was_delivered { "DELIVRD" } else { "MK:0001" },
        }]),
        "aliyun" | "aliyun_pnvs" => json!([{
            "phone_number": "13900000000", "send_time": "2026-01-17 08:03:04",
            "report_time": "2026-01-17 08:03:05", "success": was_delivered,
            "err_code": if was_delivered { "DELIVERED" } else { "MK:0001" },
            "err_msg": "x", "sms_size": "1", "biz_id": id, "out_id": "",
        }]),
        "volcengine" => json!([{
            "account": "2001", "sub_account": "7a1b2c3d", "signature": "示例科技",
            "mobile": "13900000000", "channel_type": "CN_OTP", "template_id": "ST_7a1b2c3d",
            "message_id": id, "description": "x", "msg_count": 1, "send_time": 1_669_171_012_444_u64,
            "status_code": if was_delivered { "0" } else { "MK:0001" },
        }]),
        "vonage" => json!({
            "msisdn": "8613900000000", "to": "Haoma", "network-code": "46000", "messageId": id,
            "price": "0.0333", "status": if was_delivered { "delivered" } else { "failed" },
            "err-code": if was_delivered { "0" } else { "MK:0001" }, "scts": "2601170803",
            "message-timestamp": "2026-01-17 08:03:04",
        }),
        "huawei" => {
            let status = if was_delivered { "DELIVRD" } else { "MK:0001" };
            return form(&[
                ("sequence", "1"),
                ("total", "1"),
                ("smsMsgId", id),
                ("status", status),
            ]);
        }
        "twilio" => {
            let status = if was_delivered { "delivered" } else { "undelivered" };
            let code = if was_delivered { "" } else { "MK:0001" };
            return form(&[
                ("MessageSid", id),
                ("MessageStatus", status),
                ("To", "+8613900000000"),
                ("ErrorCode", code),
            ]);
        }
        _ => json!({ "Request": {
            "action": "SMSArrived", "smsType": "1", "apiVersion": "2013-12-26", "content": id,
            "fromNum": "13900000000", "dateSent": "20260117080304", "recvTime": "20260117080305",
            "status": if was_delivered { "0" } else { "1" },
            "deliverCode": if was_delivered { "DELIVRD" } else { "MK:0001" },
        } }),
    };
    json.to_string()
}

pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Returns the header with which Twilio signs a report to an address.
pub(super) fn twilio_signature(token: &str, address: &str, body: &str) -> String {
    let mut pairs: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| name + &value).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let text = format!("{address}{}", pairs.concat());
    BASE64_STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

/// Posts to a path, and returns status and body.
async fn post(sms_app: &SmsApp, path: &str, body: &str) -> (StatusCode, String) {
    let address = format!("{PUBLIC_URL}{path}");
    let signature = twilio_signature("twilio-token", &address, body);
    post_with(sms_app, path, &[("x-twilio-signature", &signature)], body).await
}

pub(super) async fn post_with(
    sms_app: &SmsApp,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (StatusCode, String) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.post(format!("{}{path}", sms_app.app.base)).header(HOST, PUBLIC_HOST);
    let request = request.header(CONTENT_TYPE, "application/json").body(body.to_owned());
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.expect("an answer");
    (response.status(), response.text().await.expect("a body"))
}

pub(super) async fn reported(sms_app: &SmsApp, name: &str, report: &str) -> (StatusCode, String) {
    post(sms_app, &format!("/webhooks/sms/{name}/{SECRET}"), report).await
}

/// Returns the receipt of a number's only attempt: its state, and the carrier's code.
pub(super) async fn receipt(sms_app: &SmsApp, mobile: &str) -> Option<(String, String)> {
    let (_, mut attempts) = sms_app.timeline(mobile).await.pop().expect("a message");
    let attempt = attempts.remove(0);
    Some((attempt.receipt?, attempt.receipt_error?))
}

#[tokio::test]
async fn a_failed_delivery_is_recorded_and_frees_the_number_once() {
    for (name, acknowledgement) in VENDORS {
        let settings = [
            SETTINGS[0],
            SETTINGS[1],
            ("SMS_TENCENT_SECONDS_PER_MOBILE", "0"),
            ("SMS_ALIYUN_SECONDS_PER_MOBILE", "0"),
            ("SMS_ALIYUN_PNVS_SECONDS_PER_MOBILE", "0"),
        ];
        on_each(&[accepts(name)], &settings, async |sms_app| {
            let mobile = fresh_mobile();
            sms_app.send(&mobile).await;
            assert_eq!(sms_app.request_code(&mobile).await.status, StatusCode::TOO_MANY_REQUESTS);

            let response = reported(sms_app, name, &report(name, "id-1", false)).await;

            assert_eq!(response, (StatusCode::OK, acknowledgement.to_owned()));
            let noted = ("failed".to_owned(), "MK:0001".to_owned());
            assert_eq!(receipt(sms_app, &mobile).await, Some(noted));
            // The second message has the same id. A repetition of the first receipt does not free its permit, so its
            // own receipt is recorded first.
            sms_app.send(&mobile).await;
            let response = reported(sms_app, name, &report(name, "id-1", true)).await;
            assert_eq!(response.0, StatusCode::OK);
            let response = reported(sms_app, name, &report(name, "id-1", false)).await;
            assert_eq!(response, (StatusCode::OK, acknowledgement.to_owned()));
            assert_eq!(sms_app.request_code(&mobile).await.status, StatusCode::TOO_MANY_REQUESTS);
        })
        .await;
    }
}

#[tokio::test]
async fn a_delivery_is_recorded_and_frees_nothing() {
    for (name, acknowledgement) in VENDORS {
        on_each(&[accepts(name)], &SETTINGS, async |sms_app| {
            let mobile = fresh_mobile();
            sms_app.send(&mobile).await;

            for _ in 0..2 {
                let response = reported(sms_app, name, &report(name, "id-1", true)).await;
                assert_eq!(response, (StatusCode::OK, acknowledgement.to_owned()));
            }

            let state = receipt(sms_app, &mobile).await.map(|delivery| delivery.0);
            assert_eq!(state.as_deref(), Some("delivered"));
            assert_eq!(sms_app.request_code(&mobile).await.status, StatusCode::TOO_MANY_REQUESTS);
        })
        .await;
    }
}

#[tokio::test]
async fn the_receipt_path_is_404_without_its_secret() {
    on_each(&[accepts("tencent")], &SETTINGS, async |sms_app| {
        let mobile = fresh_mobile();
        sms_app.send(&mobile).await;
        let body = report("tencent", "id-1", false);

        for secret in ["x", "receiptsSecretOfTheTests012", "receiptsSecretOfTheTests01234"] {
            let (status, _) =
                post(sms_app, &format!("/webhooks/sms/tencent/{secret}"), &body).await;
            assert_eq!(status, StatusCode::NOT_FOUND);
        }

        assert_eq!(receipt(sms_app, &mobile).await, None);
    })
    .await;
    on_each(&[accepts("tencent")], &SETTINGS[1..], async |sms_app| {
        let body = report("tencent", "id-1", false);
        let (status, _) = post(sms_app, &format!("/webhooks/sms/tencent/{SECRET}"), &body).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn an_invalid_receipt_is_refused_and_one_of_an_unknown_message_is_acknowledged() {
    on_each(&[accepts("tencent"), accepts("twilio")], &SETTINGS, async |sms_app| {
        for (name, acknowledgement) in VENDORS {
            let path = format!("/webhooks/sms/{name}/{SECRET}");
            for body in ["", "{", "[1]", "null", "<xml/>", r#"{"Request":{}}"#] {
                assert_eq!(post(sms_app, &path, body).await.0, StatusCode::BAD_REQUEST, "{body}");
            }
            let response = reported(sms_app, name, &report(name, "nobody's", false)).await;
            assert_eq!(response, (StatusCode::OK, acknowledgement.to_owned()));
        }
        let (status, _) = post(sms_app, &format!("/webhooks/sms/sns/{SECRET}"), "[]").await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    })
    .await;
}

/// Vendors send up to a hundred receipts at once.
#[tokio::test]
async fn a_report_of_a_hundred_messages_is_read_and_a_larger_one_than_any_is_not() {
    for name in ["tencent", "aliyun"] {
        on_each(&[accepts(name)], &SETTINGS, async |sms_app| {
            let mobile = fresh_mobile();
            sms_app.send(&mobile).await;
            let path = format!("/webhooks/sms/{name}/{SECRET}");
            let one = |id: &str| {
                let all: Value = serde_json::from_str(&report(name, id, true)).expect("JSON");
                let mut one = all[0].clone();
                one["description"] = json!("x".repeat(2000));
                one
            };
            let mut all: Vec<_> = (0..99).map(|nth| one(&format!("another-{nth}"))).collect();
            all.push(one("id-1"));
            let batch = Value::from(all.clone()).to_string();
            all.extend_from_within(..);
            let too_large = Value::from(all).to_string();
            assert!((200_000..256 * 1024).contains(&batch.len()), "{}", batch.len());
            assert!(too_large.len() > 256 * 1024);

            assert_eq!(post(sms_app, &path, &too_large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
            assert_eq!(receipt(sms_app, &mobile).await, None);
            assert_eq!(post(sms_app, &path, &batch).await.0, StatusCode::OK);
            let state = receipt(sms_app, &mobile).await.map(|delivery| delivery.0);
            assert_eq!(state.as_deref(), Some("delivered"));
        })
        .await;
    }
}
