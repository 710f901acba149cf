//! Numbers that are never texted: R28.

use chrono::{Days, Utc};
use haoma::{domain::mobile::Mobile, stores::tables::sms_log};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_backends},
    client::TestClient,
    databases::registered,
    interface::{Action, INTERFACES, Interface},
    sms_codes::other_than,
};

const CODE: &str = "246810";

/// The setting for a number, ending in so many days.
fn until(mobile: &str, days: u64) -> String {
    let end = Utc::now().date_naive() + Days::new(days);
    format!("{mobile}:{CODE}@{end}")
}

async fn outcomes(haoma: &TestApp, mobile: &str) -> Vec<String> {
    let mobile = Mobile::parse(mobile).expect("a number");
    let rows = haoma.state.db.read(async move |it| sms_log::timeline(it, &mobile, 10).await).await;
    rows.expect("answers").into_iter().map(|(it, _)| it.outcome).collect()
}

async fn sends(face: Interface, who: &TestClient<'_>, mobile: &str) -> u16 {
    face.request_code(who, mobile).await.status.as_u16()
}

#[tokio::test]
async fn a_test_number_has_its_own_code_and_is_not_texted_but_captcha_and_limits_hold() {
    on_each_backends(async |home| {
        for face in INTERFACES {
            let mobile = fresh_mobile();
            let setting = format!("{}, {}", until(&fresh_mobile(), 90), until(&mobile, 0));
            let haoma = home.open(&[("SMS_TEST_NUMBERS", &setting)]).await;
            let who = haoma.client();
            let (id, _) = who.solve_captcha().await;
            let fields = [("mobile", mobile.as_str()), ("captcha_id", &id), ("captcha", "zzzz")];
            let wrong = face.perform(&who, Action::Send, &fields).await;
            face.assert_refused(&wrong, (422, "4004"), "error-captcha-wrong", &[]);

            face.assert_success(&face.request_code(&who, &mobile).await, 200);
            assert_eq!(sends(face, &who, &mobile).await, face.status(429), "once a minute");
            let guess = face.register(&who, &mobile, &other_than(CODE), PASSWORD).await;
            let registered = face.register(&who, &mobile, CODE, PASSWORD).await;
            let again = face.register(&haoma.client(), &mobile, CODE, PASSWORD).await;

            face.assert_refused(&guess, (422, "4004"), "error-sms-code-wrong", &[("tries", 4)]);
            face.assert_success(&registered, 201);
            face.assert_refused(&again, (422, "4002"), "error-sms-code-gone", &[]);
            assert!(haoma.gateway.messages().is_empty());
            assert_eq!(outcomes(&haoma, &mobile).await, ["test"]);
            // Nobody else has this code, and everybody else is texted.
            let other = fresh_mobile();
            face.assert_success(&face.request_code(&haoma.client(), &other).await, 200);
            assert_eq!(haoma.gateway.count_for(&other), 1);
            haoma.stop().await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_that_came_about_by_test_signs_in_by_test_again() {
    on_each_backends(async |home| {
        let mobile = fresh_mobile();
        let setting = until(&mobile, 30);
        let settings = [("SMS_TEST_NUMBERS", setting.as_str())];
        let haoma = home.open(&settings).await;
        let who = haoma.client();
        assert_eq!(sends(Interface::Json, &who, &mobile).await, 200);
        Interface::Json
            .assert_success(&Interface::Json.register(&who, &mobile, CODE, PASSWORD).await, 201);
        haoma.skip_resend_wait().await;

        let entered = signs_in_by_code(&haoma, &mobile, CODE).await;

        assert_eq!(entered, 200);
        assert!(haoma.gateway.messages().is_empty());
        haoma.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_number_with_a_real_past_is_texted_as_ever() {
    on_each_backends(async |home| {
        let (texted, moved_in) = (fresh_mobile(), fresh_mobile());
        let haoma = home.open(&[]).await;
        haoma.client().register(&texted).await;
        registered(&haoma.state.db, &moved_in, &format!("imported-{moved_in}")).await;
        haoma.stop().await;

        let setting = format!("{},{}", until(&texted, 30), until(&moved_in, 30));
        let settings = [("SMS_TEST_NUMBERS", setting.as_str())];
        let haoma = home.open(&settings).await;
        haoma.skip_resend_wait().await;
        for mobile in [&texted, &moved_in] {
            let refused = signs_in_by_code(&haoma, mobile, CODE).await;

            assert_eq!(refused, 422, "{mobile}");
            assert_eq!(haoma.gateway.count_for(mobile), 1, "{mobile}");
        }
        haoma.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_test_number_that_has_ended_is_a_number_like_any() {
    on_each_backends(async |home| {
        let mobile = fresh_mobile();
        let yesterday = Utc::now().date_naive() - Days::new(1);
        let setting = format!("{mobile}:{CODE}@{yesterday}");
        let haoma = home.open(&[("SMS_TEST_NUMBERS", &setting)]).await;

        assert_eq!(sends(Interface::Json, &haoma.client(), &mobile).await, 200);

        assert_eq!(haoma.gateway.count_for(&mobile), 1);
        haoma.stop().await;
    })
    .await;
}

/// Asks for a code to sign in with, and tries this one.
async fn signs_in_by_code(haoma: &TestApp, mobile: &str, code: &str) -> u16 {
    let who = haoma.client();
    let (id, answer) = who.solve_captcha().await;
    let body = serde_json::json!({
        "mobile": mobile, "purpose": "login", "captcha_id": id, "captcha": answer,
    });
    assert_eq!(who.post_json("/api/v1/sms-codes", &body).await.status.as_u16(), 200);
    haoma.state.tasks.close();
    haoma.state.tasks.wait().await;
    haoma.state.tasks.reopen();
    let body = serde_json::json!({ "mobile": mobile, "sms_code": code });
    who.post_json("/api/v1/session", &body).await.status.as_u16()
}
