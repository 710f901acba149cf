//! Repeated sign-ins by code and password resets, on the interfaces that have an idempotency key.

use std::time::Duration;

use actix_web::cookie::time;
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    client::{TestClient, TestResponse},
    idempotency::{USERS, fresh_key, hidden, post},
    sms_codes::code,
    tokens::text_at,
};

const NEW_PASSWORD: &str = "battery staple 8";
const SESSION: &str = "/api/v1/session";

/// Registers a user and requests a code; returns the number and the code.
async fn texted(app: &TestApp, client: &TestClient<'_>, purpose: &str) -> (String, String) {
    let mobile = fresh_mobile();
    app.client().register(&mobile).await;
    app.skip_resend_wait().await;
    let sms_code = code(client, &mobile, purpose).await;
    (mobile, sms_code)
}

/// Registers a user and requests a code; returns the body of a sign-in with it.
async fn sign_in_body(app: &TestApp, client: &TestClient<'_>) -> Value {
    let (mobile, sms_code) = texted(app, client, "login").await;
    json!({ "mobile": mobile, "sms_code": sms_code })
}

/// Sends a request a second time while the first may still be running, and repeats it after a 409.
async fn twice(client: &TestClient<'_>, path: &str, key: &str, body: &Value) -> [TestResponse; 2] {
    let patiently = async || loop {
        let response = post(client, path, key, body).await;
        if response.status != StatusCode::CONFLICT {
            return response;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let (first, second) = tokio::join!(patiently(), patiently());
    [first, second]
}

async fn sessions_of(client: &TestClient<'_>) -> usize {
    let listed = client.get("/api/v1/sessions").await.json();
    listed["data"]["sessions"].as_array().expect("sessions").len()
}

#[tokio::test]
async fn two_sign_ins_with_one_code_at_once_create_one_session_and_both_succeed() {
    on_each(async |app| {
        let (client, key) = (app.client(), fresh_key());
        let mut body = sign_in_body(app, &client).await;
        body["remember"] = json!(true);

        let [first, second] = twice(&client, SESSION, &key, &body).await;
        let third = post(&client, SESSION, &key, &body).await;

        for response in [&first, &second, &third] {
            assert_eq!(response.status, StatusCode::OK, "{response:?}");
            assert_eq!(response.body, first.body);
            let cookies = response.cookies();
            let own = cookies.iter().find(|cookie| cookie.name() == "haoma").expect("a session");
            assert_eq!(own.max_age().map(time::Duration::whole_days), Some(30));
        }
        assert!(client.is_signed_in().await);
        // There are the session of the registration and one more.
        assert_eq!(sessions_of(&client).await, 2);
    })
    .await;
}

#[tokio::test]
async fn an_app_gets_the_same_token_again() {
    on_each(async |app| {
        let (client, key) = (app.client(), fresh_key());
        let body = sign_in_body(app, &client).await;

        let [first, second] = twice(&app.client(), "/api/v1/tokens", &key, &body).await;

        assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
        assert_eq!(second.status, StatusCode::CREATED, "{second:?}");
        assert_eq!(first.body, second.body);
        // The same key at another endpoint is another request, and the code is used up.
        let other = post(&app.client(), SESSION, &key, &body).await;
        assert_eq!(other.errno(), "4002", "{other:?}");
    })
    .await;
}

/// An attacker who has only seen the code has another key, or none.
#[tokio::test]
async fn an_observed_code_signs_in_no_other_browser() {
    on_each(async |app| {
        let (client, key) = (app.client(), fresh_key());
        let body = sign_in_body(app, &client).await;
        let entered = post(&client, SESSION, &key, &body).await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");

        let thief = app.client();
        let mut refused = vec![
            thief.post_json(SESSION, &body).await,
            thief.post_json("/api/v1/tokens", &body).await,
            post(&thief, SESSION, &fresh_key(), &body).await,
        ];
        // This attacker has requested a code for the number too.
        app.skip_resend_wait().await;
        let (mobile, sms_code) = (text_at(&body, "/mobile"), text_at(&body, "/sms_code"));
        code(&thief, &mobile, "login").await;
        refused.push(thief.post_json(SESSION, &body).await);
        // An attacker who guesses the key is still not the browser that requested the code.
        refused.push(post(&thief, SESSION, &key, &body).await);
        refused.push(post(&app.client(), SESSION, &key, &body).await);
        let form =
            [("by", "sms"), ("mobile", &*mobile), ("sms_code", &sms_code), ("step", "login")];
        refused.push(thief.post_form("/login", &form).await);

        for response in &refused {
            assert_eq!(response.status, StatusCode::UNPROCESSABLE_ENTITY, "{response:?}");
            assert!(
                response.cookies().iter().all(|cookie| cookie.name() != "haoma"),
                "{response:?}"
            );
        }
        assert!(!thief.is_signed_in().await);
        assert!(client.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_request_repeated_after_the_session_has_ended_signs_in_no_one() {
    on_each(async |app| {
        let (client, key) = (app.client(), fresh_key());
        let body = sign_in_body(app, &client).await;
        post(&client, SESSION, &key, &body).await;
        client.delete(SESSION).await;

        // The next person at the same browser goes back and sends the form again.
        let repeated = post(&client, SESSION, &key, &body).await;

        assert_eq!(repeated.errno(), "4002", "{repeated:?}");
        assert!(!client.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_may_be_repeated_for_as_long_as_a_code_may_live() {
    on_each(async |app| {
        let (client, key) = (app.client(), fresh_key());
        let body = sign_in_body(app, &client).await;
        post(&client, SESSION, &key, &body).await;
        app.advance(Duration::from_mins(9)).await;
        let soon = post(&client, SESSION, &key, &body).await;
        app.advance(Duration::from_mins(1)).await;
        let late = post(&client, SESSION, &key, &body).await;

        assert_eq!((soon.status, late.status.as_u16()), (StatusCode::OK, 422), "{late:?}");
        assert!(client.is_signed_in().await, "the session itself lives on");
    })
    .await;
}

#[tokio::test]
async fn tries_of_another_code_under_the_same_key_count() {
    let few = [("SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES", "2")];
    on_each_with(&few, async |app| {
        let client = app.client();
        let (mobile, sms_code) = texted(app, &client, "login").await;
        let body = |code: &str| json!({ "mobile": mobile, "sms_code": code });
        // Right codes use no try.
        let entered = post(&client, SESSION, "1", &body(&sms_code)).await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
        let wrong = if sms_code == "000000" { "000001" } else { "000000" };
        let thief = app.client();
        let mut statuses = Vec::new();
        for code in [wrong, wrong, &*sms_code] {
            statuses.push(post(&thief, SESSION, "1", &body(code)).await.status);
        }

        assert_eq!(statuses.iter().map(StatusCode::as_u16).collect::<Vec<_>>(), [422, 422, 400]);
        assert!(!thief.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_number_without_an_account_is_told_so_twice_and_registers() {
    on_each_with(&[("ACCOUNT_PASSWORD", "required")], async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        let key = fresh_key();

        for response in twice(&client, SESSION, &key, &body).await {
            assert_eq!(response.status, StatusCode::NOT_FOUND, "{response:?}");
        }
        let body_of_users = json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });
        let registered = client.post_json(USERS, &body_of_users).await;
        assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
        let late = post(&app.client(), SESSION, &key, &body).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "{late:?}");
    })
    .await;
}

#[tokio::test]
async fn a_reset_that_is_sent_twice_is_done_once() {
    on_each(async |app| {
        let client = app.client();
        let (mobile, sms_code) = texted(app, &client, "reset").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": NEW_PASSWORD });
        let (path, key) = ("/api/v1/password-resets", fresh_key());

        let [first, second] = twice(&client, path, &key, &body).await;
        assert_eq!(first.status, StatusCode::OK, "{first:?}");
        assert_eq!((first.status, &first.body), (second.status, &second.body));
        let login = json!({ "login": mobile, "password": NEW_PASSWORD });
        let entered = client.post_json(SESSION, &login).await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
        let third = post(&client, path, &key, &body).await;
        assert_eq!(third.status, StatusCode::OK, "{third:?}");
        assert!(client.is_signed_in().await, "it was not done again");

        let mut other = body.clone();
        other["password"] = json!("another staple 9");
        let other_key = post(&app.client(), path, &fresh_key(), &other).await;
        let same_key = post(&app.client(), path, &key, &other).await;
        assert_eq!((other_key.errno(), same_key.errno()), ("4002".into(), "4103".into()));
    })
    .await;
}

#[tokio::test]
async fn a_double_click_on_the_pages_is_one_click() {
    on_each(async |app| {
        let client = app.client();
        for (page, path, purpose, by, step) in [
            ("/login?by=sms", "/login", "login", "sms", "login"),
            ("/reset-password", "/reset-password", "reset", "", "reset"),
        ] {
            let (mobile, sms_code) = texted(app, &client, purpose).await;
            let shown = client.get(page).await;
            let key = hidden(&shown, "idempotency_key").to_owned();
            let mut form = vec![
                ("mobile", mobile.as_str()),
                ("sms_code", &sms_code),
                ("idempotency_key", &key),
                ("step", step),
            ];
            match by {
                "" => form.push(("password", NEW_PASSWORD)),
                by => form.push(("by", by)),
            }
            let clicks = (0..2).map(async |_| client.post_form(path, &form).await);
            let clicks = join_all(clicks).await;
            let again = client.post_form(path, &form).await;

            let to = if by.is_empty() { "/login?by=password" } else { "/account" };
            for response in clicks.iter().chain([&again]) {
                assert_eq!(response.status, StatusCode::SEE_OTHER, "{path}: {response:?}");
                assert_eq!(response.header("location"), to);
            }
            if !by.is_empty() {
                assert_eq!(client.get("/account").await.status, StatusCode::OK);
            }
        }
    })
    .await;
}

/// The second click is that of a person who goes on to register.
#[tokio::test]
async fn a_double_click_without_an_account_leads_to_registration() {
    on_each_with(&[("ACCOUNT_PASSWORD", "required")], async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;
        let shown = client.get("/login?by=sms").await;
        let form = [
            ("by", "sms"),
            ("mobile", &*mobile),
            ("sms_code", &sms_code),
            ("idempotency_key", hidden(&shown, "idempotency_key")),
            ("step", "login"),
        ];
        let clicks = (0..2).map(async |_| client.post_form("/login", &form).await);
        for response in join_all(clicks).await {
            assert_eq!(response.header("location"), "/register", "{response:?}");
        }
        let registered = client.post_form("/register", &[("password", PASSWORD)]).await;
        assert_eq!(registered.header("location"), "/account", "{registered:?}");
    })
    .await;
}
