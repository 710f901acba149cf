//! The owner of an account gets a notice of a reset, also through vendors that only send templates (R76).

use haoma::domain::{
    language::Language,
    mobile::Mobile,
    sms_message::{MessageId, Notice, SmsMessage, SmsPurpose},
};
use serde_json::json;
use test_support::{
    app::fresh_mobile,
    client::TestClient,
    databases::registered,
    fake_vendor::SeenRequest,
    interface::{Interface, OWN_INTERFACES},
    logs,
    vendor_accounts::NOTICES,
};
use uuid::Uuid;

use super::sms_app::{SmsApp, accepts, answers_code, on_each};

/// Sends the same fields as a form or as JSON.
async fn post(
    client: &TestClient<'_>,
    interface: Interface,
    path: &str,
    fields: &[(&'static str, &str)],
) {
    let response = if interface == Interface::Page {
        client.post_form(path, fields).await
    } else {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
        client.post_json(path, &fields.collect()).await
    };
    interface.assert_success(&response, 200);
    client.app.wait_for_background_tasks().await;
}

/// Registers a number, resets its password, and returns the number.
async fn reset(sms_app: &SmsApp, interface: Interface, provider: &str) -> String {
    let (client, mobile) = (sms_app.app.client(), fresh_mobile());
    registered(&sms_app.app.state.db, &mobile, &format!("owner-{mobile}")).await;
    let (ask, own, reset) = if interface == Interface::Page {
        ("/reset-password", ("step", "send"), "/reset-password")
    } else {
        ("/api/v1/sms-codes", ("purpose", "reset"), "/api/v1/password-resets")
    };
    let (id, captcha) = client.solve_captcha().await;
    let captcha = [("mobile", mobile.as_str()), ("captcha_id", &id), ("captcha", &captcha), own];
    post(&client, interface, ask, &captcha).await;
    let (code, password) = (sms_app.code(provider), "battery staple 8");
    let proof = [("mobile", mobile.as_str()), ("sms_code", &code), ("password", password)];
    post(&client, interface, reset, &proof).await;
    let login = [("login", mobile.as_str()), ("password", password)];
    post(&sms_app.app.client(), Interface::Json, "/api/v1/session", &login).await;
    mobile
}

/// Whether the request names the template where the vendor expects it.
fn names_template(name: &str, seen: &SeenRequest, template: &str) -> bool {
    match name {
        "yuntongxun" => seen.body.contains(&format!(r#""templateId":"{template}""#)),
        "tencent" => seen.body.contains(&format!(r#""TemplateId":"{template}""#)),
        "huawei" => seen.body.contains(&format!("&templateId={template}")),
        "volcengine" => seen.body.contains(&format!(r#""TemplateID":"{template}""#)),
        _ => seen.query.ends_with(&format!("&TemplateCode={template}")),
    }
}

#[tokio::test]
async fn each_vendor_sends_the_reset_notice_with_its_own_template() {
    let vendors =
        ["yuntongxun", "tencent", "aliyun", "huawei", "volcengine"].into_iter().zip(NOTICES);
    for ((name, (_, template)), interface) in
        vendors.flat_map(|vendor| OWN_INTERFACES.map(|interface| (vendor, interface)))
    {
        on_each(&[accepts(name)], &NOTICES, async |sms_app| {
            let mobile = reset(sms_app, interface, name).await;

            let seen = sms_app.seen(name);
            assert_eq!(seen.len(), 2, "{name}: a code and a notice");
            assert!(!names_template(name, &seen[0], template), "{name}: {seen:?}");
            assert!(names_template(name, &seen[1], template), "{name}: {seen:?}");
            let sent = format!("{}{}", seen[1].query, seen[1].body);
            assert!(sent.contains(&mobile), "{name}: {sent}");
            let (outcome, attempts) = sms_app.newest_message(&mobile).await;
            assert_eq!((outcome.as_str(), attempts.len()), ("sent", 1), "{attempts:?}");
            assert_eq!(sms_app.timeline(&mobile).await[0].0.purpose, "notice");
        })
        .await;
    }
}

#[tokio::test]
async fn a_vendor_without_a_notice_template_is_skipped() {
    on_each(
        &[accepts("tencent"), accepts("aliyun"), accepts("twilio")],
        &NOTICES[..2],
        async |sms_app| {
            reset(sms_app, Interface::Json, "tencent").await;

            assert_eq!(sms_app.request_counts(), [2, 0, 0]);
        },
    )
    .await;
    on_each(&[accepts("tencent"), accepts("aliyun"), accepts("twilio")], &[], async |sms_app| {
        reset(sms_app, Interface::Json, "tencent").await;

        assert_eq!(sms_app.request_counts(), [1, 0, 1]);
    })
    .await;
}

#[tokio::test]
async fn a_vendor_that_sends_any_text_sends_the_notice_and_one_that_lends_templates_does_not() {
    for (names, expected) in [
        (["aliyun_pnvs", "vonage"], [1, 1]),
        (["aliyun_pnvs", "sns"], [1, 1]),
        (["aliyun_pnvs", "twilio"], [1, 1]),
    ] {
        on_each(&names.map(accepts), &[], async |sms_app| {
            let mobile = reset(sms_app, Interface::Json, "aliyun_pnvs").await;

            assert_eq!(sms_app.request_counts(), expected, "{names:?}");
            let body = sms_app.seen(names[1]).remove(0).body;
            assert!(body.contains(&mobile) && !sms_app.code("aliyun_pnvs").is_empty(), "{body}");
            let mut fields = url::form_urlencoded::parse(body.as_bytes());
            let has_brand = fields.any(|(_, value)| value.starts_with("【Haoma】你的账号密码"));
            assert!(has_brand, "the brand comes first: {body}");
        })
        .await;
    }
}

#[tokio::test]
async fn without_any_notice_template_one_warning_is_logged() {
    on_each(&[accepts("tencent"), accepts("aliyun")], &[], async |sms_app| {
        let turn = logs::capture().await;

        let mobile = reset(sms_app, Interface::Json, "tencent").await;

        let masked = format!("event=notice_not_sent mobile={}****{}", &mobile[..3], &mobile[7..]);
        let lines = logs::captured(turn);
        assert_eq!(lines.iter().filter(|line| line.contains(&masked)).count(), 1, "{masked}");
        assert_eq!(sms_app.request_counts(), [1, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_template_that_is_refused_for_notices_stops_no_codes() {
    let takes_codes = accepts("tencent");
    on_each(&[takes_codes.clone(), accepts("aliyun")], &NOTICES, async |sms_app| {
        let refused = answers_code("tencent", 200, "FailedOperation.TemplateIncorrectOrUnapproved");
        for _ in 0..2 {
            sms_app.set_reply(takes_codes.clone());
            sms_app.send(&fresh_mobile()).await;
            sms_app.set_reply(refused.clone());
            let notice = SmsMessage {
                id: MessageId::new(Uuid::new_v4().simple().to_string()),
                mobile: Mobile::parse(&fresh_mobile()).expect("a number"),
                language: Language::Chinese,
                purpose: SmsPurpose::Notice(Notice::PasswordReset),
            };
            let delivery = sms_app.app.state.sms.notify(&notice).await;
            assert_eq!(delivery.outcome.as_str(), "refused");
        }

        assert_eq!(
            sms_app.request_counts(),
            [4, 0],
            "no other vendor is asked, neither for notices nor for codes"
        );
    })
    .await;
}
