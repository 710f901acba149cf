//! Test numbers, which never get a message (R28).

use chrono::{Days, Utc};
use haoma::{domain::mobile::Mobile, stores::tables::sms_log};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_backends},
    client::TestClient,
    databases::registered,
    interface::{Action, Interface, interfaces},
    sms_codes::other_than,
};

const CODE: &str = "246810";

/// Returns the setting for a number that expires in so many days.
fn until(mobile: &str, days: u64) -> String {
    let end = Utc::now().date_naive() + Days::new(days);
    format!("{mobile}:{CODE}@{end}")
}

async fn outcomes(app: &TestApp, mobile: &str) -> Vec<String> {
    let mobile = Mobile::parse(mobile).expect("a number");
    let rows = app
        .state
        .db
        .read(async move |connection| sms_log::timeline(connection, &mobile, 10).await)
        .await;
    rows.expect("answers").into_iter().map(|(message, _)| message.outcome).collect()
}

async fn sends(interface: Interface, client: &TestClient<'_>, mobile: &str) -> u16 {
    interface.request_code(client, mobile).await.status.as_u16()
}

#[tokio::test]
async fn a_test_number_has_its_fixed_code_without_a_message_under_captcha_and_limits() {
    on_each_backends(async |backends| {
        for interface in interfaces() {
            let mobile = fresh_mobile();
            let setting = format!("{}, {}", until(&fresh_mobile(), 90), until(&mobile, 0));
            let app = backends.open(&[("SMS_TEST_NUMBERS", &setting)]).await;
            let client = app.client();
            let (id, _) = client.solve_captcha().await;
            let fields = [("mobile", mobile.as_str()), ("captcha_id", &id), ("captcha", "zzzz")];
            let wrong = interface.perform(&client, Action::Send, &fields).await;
            interface.assert_refused(&wrong, (422, "4004"), "error-captcha-wrong", &[]);

            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            assert_eq!(
                sends(interface, &client, &mobile).await,
                interface.status(429),
                "once a minute"
            );
            let guess = interface.register(&client, &mobile, &other_than(CODE), PASSWORD).await;
            let registered = interface.register(&client, &mobile, CODE, PASSWORD).await;
            let again = interface.register(&app.client(), &mobile, CODE, PASSWORD).await;

            interface.assert_refused(
                &guess,
                (422, "4004"),
                "error-sms-code-wrong",
                &[("tries", 4)],
            );
            interface.assert_success(&registered, 201);
            interface.assert_refused(&again, (422, "4002"), "error-sms-code-gone", &[]);
            assert!(app.gateway.messages().is_empty());
            assert_eq!(outcomes(&app, &mobile).await, ["test"]);
            // The fixed code works for no other number, and other numbers get messages.
            let other = fresh_mobile();
            interface.assert_success(&interface.request_code(&app.client(), &other).await, 200);
            assert_eq!(app.gateway.count_for(&other), 1);
            app.stop().await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_registered_with_a_test_code_signs_in_with_it() {
    on_each_backends(async |backends| {
        let mobile = fresh_mobile();
        let setting = until(&mobile, 30);
        let settings = [("SMS_TEST_NUMBERS", setting.as_str())];
        let app = backends.open(&settings).await;
        let client = app.client();
        assert_eq!(sends(Interface::Json, &client, &mobile).await, 200);
        Interface::Json
            .assert_success(&Interface::Json.register(&client, &mobile, CODE, PASSWORD).await, 201);
        app.skip_resend_wait().await;

        let entered = signs_in_by_code(&app, &mobile, CODE).await;

        assert_eq!(entered, 200);
        assert!(app.gateway.messages().is_empty());
        app.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_number_with_a_real_account_is_texted() {
    on_each_backends(async |backends| {
        let (texted, moved_in) = (fresh_mobile(), fresh_mobile());
        let app = backends.open(&[]).await;
        app.client().register(&texted).await;
        registered(&app.state.db, &moved_in, &format!("imported-{moved_in}")).await;
        app.stop().await;

        let setting = format!("{},{}", until(&texted, 30), until(&moved_in, 30));
        let settings = [("SMS_TEST_NUMBERS", setting.as_str())];
        let app = backends.open(&settings).await;
        app.skip_resend_wait().await;
        for mobile in [&texted, &moved_in] {
            let refused = signs_in_by_code(&app, mobile, CODE).await;

            assert_eq!(refused, 422, "{mobile}");
            assert_eq!(app.gateway.count_for(mobile), 1, "{mobile}");
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_expired_test_number_is_an_ordinary_number() {
    on_each_backends(async |backends| {
        let mobile = fresh_mobile();
        let yesterday = Utc::now().date_naive() - Days::new(1);
        let setting = format!("{mobile}:{CODE}@{yesterday}");
        let app = backends.open(&[("SMS_TEST_NUMBERS", &setting)]).await;

        assert_eq!(sends(Interface::Json, &app.client(), &mobile).await, 200);

        assert_eq!(app.gateway.count_for(&mobile), 1);
        app.stop().await;
    })
    .await;
}

/// Requests a code for sign-in and tries this one.
async fn signs_in_by_code(app: &TestApp, mobile: &str, code: &str) -> u16 {
    let client = app.client();
    let (id, answer) = client.solve_captcha().await;
    let body = serde_json::json!({
        "mobile": mobile, "purpose": "login", "captcha_id": id, "captcha": answer,
    });
    assert_eq!(client.post_json("/api/v1/sms-codes", &body).await.status.as_u16(), 200);
    app.state.tasks.close();
    app.state.tasks.wait().await;
    app.state.tasks.reopen();
    let body = serde_json::json!({ "mobile": mobile, "sms_code": code });
    client.post_json("/api/v1/session", &body).await.status.as_u16()
}
