//! Messages are written in the language of their reader.

use reqwest::{Method, StatusCode, header::ACCEPT_LANGUAGE};
use serde_json::{Value, json};
use test_support::app::{TestApp, fresh_mobile, on_each_with};

/// Asks for a code in a language, and returns what the gateway got.
async fn data_of_code(app: &TestApp, mobile: &str, language: &str) -> Value {
    let client = app.client();
    let (captcha_id, captcha) = app.captcha_without_picture().await;
    let body = json!({
        "mobile": mobile, "purpose": "login", "captcha_id": captcha_id, "captcha": captcha,
    });
    let request = client.request(Method::POST, "/api/v1/sms-codes").json(&body);
    let asked = client.send(request.header(ACCEPT_LANGUAGE, language)).await;
    assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
    app.wait_for_background_tasks().await;
    app.gateway.messages().last().expect("a message")["data"].clone()
}

#[tokio::test]
async fn a_code_is_written_in_the_language_of_who_asks_for_it() {
    let settings = [("BRAND_NAME", "Ada"), ("SMS_TEXT_EN", r"{code}: {brand}\n{minutes} min")];
    on_each_with(&settings, async |app| {
        for (language, tag) in [
            ("zh-CN", "zh-CN"),
            ("en-GB,en;q=0.9", "en"),
            ("fr", "zh-CN"),
            ("zh-HK", "zh-TW"),
            ("ja", "ja"),
            ("ko-KR", "ko"),
        ] {
            let data = data_of_code(app, &fresh_mobile(), language).await;
            let code = data["code"].as_str().expect("a code");
            let text = match tag {
                "en" => format!("{code}: Ada\n5 min"),
                "zh-TW" => format!("【Ada】您的驗證碼為 {code}，5 分鐘內有效，請勿告訴他人。"),
                "ja" => format!(
                    "【Ada】認証コードは{code}です。5分以内に入力してください。他の人には教えないでください。"
                ),
                "ko" => format!(
                    "[Ada] 인증번호는 {code}입니다. 5분 안에 입력해 주세요. 다른 사람에게 알려 주지 마세요."
                ),
                _ => format!("【Ada】验证码 {code}，5 分钟内有效，请勿告诉他人。"),
            };
            assert_eq!((data["lang"].as_str(), data["text"].as_str()), (Some(tag), Some(&*text)));
            assert_eq!(data["region"], "CN");
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_texts_in_its_language_and_so_does_the_notice_of_a_reset() {
    on_each_with(&[], async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        app.skip_resend_wait().await;
        let (captcha_id, captcha) = app.captcha_without_picture().await;
        let ask = [
            ("mobile", mobile.as_str()),
            ("captcha_id", &captcha_id),
            ("captcha", &captcha),
            ("step", "send"),
        ];
        let asked = client.post_form("/reset-password?lang=en", &ask).await;
        assert!(asked.status.is_success() || asked.status.is_redirection(), "{asked:?}");
        app.wait_for_background_tasks().await;
        let data = app.gateway.messages().last().expect("a message")["data"].clone();
        assert_eq!(data["lang"], "en", "{data}");
        assert!(data["text"].as_str().expect("a text").contains("is your Haoma code"), "{data}");

        let code = data["code"].as_str().expect("a code").to_owned();
        let reset =
            [("mobile", mobile.as_str()), ("sms_code", &code), ("password", "battery staple 8")];
        client.post_form("/reset-password?lang=en", &reset).await;
        app.wait_for_background_tasks().await;
        let notice = app.gateway.messages().last().expect("a notice").clone();
        assert_eq!(
            (notice["type"].as_str(), notice["data"]["lang"].as_str()),
            (Some("sms.notice"), Some("en"))
        );
        let text = notice["data"]["text"].as_str().expect("a text");
        assert!(text.starts_with("Haoma: Your password was reset"), "{text}");
    })
    .await;
}
