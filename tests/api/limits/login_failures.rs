//! Failures in a row: after many, a way to sign in is closed, and the other way opens it again (R19, R36).

use diesel::sql_query;
use haoma::{
    domain::{account::AccountSelector, mobile::Mobile},
    flows::lock_user::unlock_user,
    stores::db::RunQueryDsl as _,
};
use serde_json::json;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_backends, on_each_with},
    client::TestResponse,
    interface::{Interface, interfaces},
    sms_codes::{code, other_than},
};

/// Allows enough tries of passwords and codes.
const SETTINGS: [(&str, &str); 3] = [
    ("SIGN_IN_FAILURES", "100"),
    ("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10"),
    ("SMS_PER_MOBILE_HOUR", "100"),
];

/// Registers a number and sets its failures in a row.
async fn with_failures(app: &TestApp, column: &str, failures: u32) -> String {
    let mobile = fresh_mobile();
    app.client().register(&mobile).await;
    app.wait_for_background_tasks().await;
    let update = format!("UPDATE users SET {column} = {failures} WHERE mobile = '{mobile}'");
    let done = app
        .state
        .db
        .write(async move |connection| Ok(sql_query(&update).execute(connection).await?))
        .await;
    assert_eq!(done.expect("answers"), 1);
    app.skip_resend_wait().await;
    mobile
}

async fn by_code(app: &TestApp, mobile: &str, is_right: bool) -> TestResponse {
    let client = app.client();
    let right = code(&client, mobile, "login").await;
    let sms_code = if is_right { right } else { other_than(&right) };
    let body = json!({ "mobile": mobile, "sms_code": sms_code });
    let response = client.post_json("/api/v1/session", &body).await;
    app.wait_for_background_tasks().await;
    app.skip_resend_wait().await;
    response
}

async fn by_password(
    app: &TestApp,
    interface: Interface,
    mobile: &str,
    password: &str,
) -> TestResponse {
    let response = interface.sign_in(&app.client(), mobile, password).await;
    app.wait_for_background_tasks().await;
    response
}

#[tokio::test]
async fn after_ninety_wrong_passwords_a_code_has_to_be_used_first() {
    on_each_with(&SETTINGS, async |app| {
        let mobile = with_failures(app, "password_failures", 88).await;
        let refused = (401, "4102");
        let right = by_password(app, Interface::Json, &mobile, PASSWORD).await;
        Interface::Json.assert_success(&right, 200);
        let mobile = with_failures(app, "password_failures", 88).await;
        for _ in 0..2 {
            let wrong = by_password(app, Interface::Json, &mobile, "not it at all").await;
            Interface::Json.assert_refused(&wrong, refused, "error-wrong-login", &[]);
        }

        for interface in interfaces() {
            let closed = by_password(app, interface, &mobile, PASSWORD).await;
            interface.assert_refused(&closed, (403, "4104"), "error-password-sign-in-closed", &[]);
            let nobody = by_password(app, interface, &fresh_mobile(), PASSWORD).await;
            interface.assert_refused(&nobody, refused, "error-wrong-login", &[]);
        }

        Interface::Json.assert_success(&by_code(app, &mobile, true).await, 200);
        Interface::Json
            .assert_success(&by_password(app, Interface::Json, &mobile, PASSWORD).await, 200);
    })
    .await;
}

#[tokio::test]
async fn after_ninety_wrong_codes_a_password_has_to_be_used_first() {
    on_each_with(&SETTINGS, async |app| {
        let mobile = with_failures(app, "code_failures", 89).await;
        let wrong = by_code(app, &mobile, false).await;
        Interface::Json.assert_refused(
            &wrong,
            (422, "4004"),
            "error-sms-code-wrong",
            &[("tries", 4)],
        );

        let closed = by_code(app, &mobile, true).await;
        Interface::Json.assert_refused(&closed, (403, "4104"), "error-sms-sign-in-closed", &[]);
        let client = app.client();
        let sms_code = code(&client, &mobile, "reset").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": "a new one 9" });
        let reset = client.post_json("/api/v1/password-resets", &body).await;
        Interface::Json.assert_refused(&reset, (403, "4104"), "error-sms-sign-in-closed", &[]);

        Interface::Json
            .assert_success(&by_password(app, Interface::Json, &mobile, PASSWORD).await, 200);
        app.skip_resend_wait().await;
        Interface::Json.assert_success(&by_code(app, &mobile, true).await, 200);
    })
    .await;
}

/// R43.
#[tokio::test]
async fn failures_in_a_row_survive_a_restart_and_the_operator_can_reset_them() {
    on_each_backends(async |backends| {
        let first = backends.open(&SETTINGS).await;
        let mobile = with_failures(&first, "password_failures", 89).await;
        by_password(&first, Interface::Json, &mobile, "not it at all").await;
        first.stop().await;

        let second = backends.open(&SETTINGS).await;
        let closed = by_password(&second, Interface::Json, &mobile, PASSWORD).await;
        let key = "error-password-sign-in-closed";
        Interface::Json.assert_refused(&closed, (403, "4104"), key, &[]);
        let number = Mobile::from_stored(mobile.clone());
        let unlocked = unlock_user(&second.state.db, &AccountSelector::Mobile(number)).await;
        unlocked.expect("unlocked");

        Interface::Json
            .assert_success(&by_password(&second, Interface::Json, &mobile, PASSWORD).await, 200);
        second.stop().await;
    })
    .await;
}

/// R35: at an unattended open session, the password cannot be guessed faster.
#[tokio::test]
async fn guesses_of_the_current_password_count_as_failed_sign_ins() {
    on_each_with(&[("SIGN_IN_FAILURES", "4")], async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let change = async |current: &str| {
            let body = json!({ "password": current, "new_password": "a new one 9" });
            let request = client.request(reqwest::Method::PUT, "/api/v1/user/password");
            let request = request.header("content-type", "application/json");
            client.send(request.body(body.to_string())).await
        };
        let delete = async |current: &str| {
            let request = client.request(reqwest::Method::DELETE, "/api/v1/user");
            let request = request.header("content-type", "application/json");
            client.send(request.body(json!({ "password": current }).to_string())).await
        };
        for _ in 0..2 {
            assert_eq!(change("not it at all").await.errno(), "4106");
            assert_eq!(delete("not it at all").await.errno(), "4106");
        }

        let refused = change(PASSWORD).await;

        assert_eq!((refused.status.as_u16(), refused.errno().as_str()), (429, "4201"));
        assert_eq!(delete(PASSWORD).await.status.as_u16(), 429);
        let elsewhere = Interface::Json.sign_in(&app.client(), &mobile, PASSWORD).await;
        assert_eq!(elsewhere.status.as_u16(), 200, "they are the device's own: {elsewhere:?}");
        assert!(client.is_signed_in().await, "and lives on");
    })
    .await;
}
