//! Signing in by a code and resetting a password twice, on the faces that have an idempotency key.

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
};

const NEW_PASSWORD: &str = "battery staple 8";

/// Somebody with an account has been texted a code; the number, and the code.
async fn texted(haoma: &TestApp, person: &TestClient<'_>, purpose: &str) -> (String, String) {
    let mobile = fresh_mobile();
    haoma.client().register(&mobile).await;
    haoma.skip_resend_wait().await;
    let sms_code = code(person, &mobile, purpose).await;
    (mobile, sms_code)
}

/// Sends it a second time while the first may still be running: 409 is asked again, as it says.
async fn twice(person: &TestClient<'_>, path: &str, key: &str, body: &Value) -> [TestResponse; 2] {
    let patiently = async || loop {
        let answer = post(person, path, key, body).await;
        if answer.status != StatusCode::CONFLICT {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let (first, second) = tokio::join!(patiently(), patiently());
    [first, second]
}

async fn sessions_of(person: &TestClient<'_>) -> usize {
    let listed = person.get("/api/v1/sessions").await.json();
    listed["data"]["sessions"].as_array().expect("sessions").len()
}

#[tokio::test]
async fn two_at_once_begin_one_session_and_both_are_let_in() {
    on_each(async |haoma| {
        let person = haoma.client();
        let (mobile, sms_code) = texted(haoma, &person, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "remember": true });
        let key = fresh_key();

        let [first, second] = twice(&person, "/api/v1/session", &key, &body).await;
        let third = post(&person, "/api/v1/session", &key, &body).await;

        for answer in [&first, &second, &third] {
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            assert_eq!(answer.body, first.body);
            let cookies = answer.cookies();
            let own = cookies.iter().find(|it| it.name() == "haoma").expect("a session");
            assert_eq!(own.max_age().map(time::Duration::whole_days), Some(30));
        }
        assert!(person.is_signed_in().await);
        // The session of the registration, and one more.
        assert_eq!(sessions_of(&person).await, 2);
    })
    .await;
}

#[tokio::test]
async fn an_app_gets_the_same_token_again() {
    on_each(async |haoma| {
        let person = haoma.client();
        let (mobile, sms_code) = texted(haoma, &person, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        let key = fresh_key();

        let [first, second] = twice(&haoma.client(), "/api/v1/tokens", &key, &body).await;

        assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
        assert_eq!((first.status, &first.body), (second.status, &second.body));
        // The same key at another endpoint is another request, and the code is used up.
        let other = post(&haoma.client(), "/api/v1/session", &key, &body).await;
        assert_eq!(other.errno(), "4002", "{other:?}");
    })
    .await;
}

/// Whoever has only seen the code has another key, or none.
#[tokio::test]
async fn a_code_that_was_seen_lets_no_other_browser_in() {
    on_each(async |haoma| {
        let person = haoma.client();
        let (mobile, sms_code) = texted(haoma, &person, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        let key = fresh_key();
        let entered = post(&person, "/api/v1/session", &key, &body).await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");

        let thief = haoma.client();
        let mut refused = vec![
            thief.post_json("/api/v1/session", &body).await,
            thief.post_json("/api/v1/tokens", &body).await,
            post(&thief, "/api/v1/session", &fresh_key(), &body).await,
        ];
        // One who has asked for a code of the number too.
        haoma.skip_resend_wait().await;
        code(&thief, &mobile, "login").await;
        refused.push(thief.post_json("/api/v1/session", &body).await);
        // And even one who has guessed a poor key is not the browser that asked for the code.
        refused.push(post(&thief, "/api/v1/session", &key, &body).await);
        refused.push(post(&haoma.client(), "/api/v1/session", &key, &body).await);
        let form =
            [("by", "sms"), ("mobile", &*mobile), ("sms_code", &sms_code), ("step", "login")];
        refused.push(thief.post_form("/login", &form).await);

        for answer in &refused {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
            assert!(answer.cookies().iter().all(|it| it.name() != "haoma"), "{answer:?}");
        }
        assert!(!thief.is_signed_in().await);
        assert!(person.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_request_that_is_repeated_after_the_session_has_ended_lets_nobody_in() {
    on_each(async |haoma| {
        let person = haoma.client();
        let (mobile, sms_code) = texted(haoma, &person, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        let key = fresh_key();
        post(&person, "/api/v1/session", &key, &body).await;
        person.delete("/api/v1/session").await;

        // The next person at the same screen goes back and sends the form once more.
        let repeated = post(&person, "/api/v1/session", &key, &body).await;

        assert_eq!(repeated.errno(), "4002", "{repeated:?}");
        assert!(!person.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_may_be_repeated_for_as_long_as_a_code_may_live() {
    on_each(async |haoma| {
        let person = haoma.client();
        let (mobile, sms_code) = texted(haoma, &person, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        let key = fresh_key();
        post(&person, "/api/v1/session", &key, &body).await;
        haoma.advance(Duration::from_mins(9)).await;
        let soon = post(&person, "/api/v1/session", &key, &body).await;
        haoma.advance(Duration::from_mins(1)).await;
        let late = post(&person, "/api/v1/session", &key, &body).await;

        assert_eq!((soon.status, late.status.as_u16()), (StatusCode::OK, 422), "{late:?}");
        assert!(person.is_signed_in().await, "the session itself lives on");
    })
    .await;
}

#[tokio::test]
async fn tries_at_another_code_under_the_same_key_count() {
    let few = [("SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES", "4")];
    on_each_with(&few, async |haoma| {
        let person = haoma.client();
        let (mobile, sms_code) = texted(haoma, &person, "login").await;
        let body = |code: &str| json!({ "mobile": mobile, "sms_code": code });
        // One try was the registration's.
        let entered = post(&person, "/api/v1/session", "1", &body(&sms_code)).await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
        let wrong = if sms_code == "000000" { "000001" } else { "000000" };
        let thief = haoma.client();
        let mut statuses = Vec::new();
        for code in [wrong, wrong, &*sms_code] {
            statuses.push(post(&thief, "/api/v1/session", "1", &body(code)).await.status);
        }

        assert_eq!(statuses.iter().map(StatusCode::as_u16).collect::<Vec<_>>(), [422, 422, 429]);
        assert!(!thief.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_number_without_an_account_is_told_so_twice_and_registers() {
    on_each(async |haoma| {
        let (person, mobile) = (haoma.client(), fresh_mobile());
        let sms_code = code(&person, &mobile, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        let key = fresh_key();

        for answer in twice(&person, "/api/v1/session", &key, &body).await {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer:?}");
        }
        let body_of_users = json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });
        let registered = person.post_json(USERS, &body_of_users).await;
        assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
        let late = post(&haoma.client(), "/api/v1/session", &key, &body).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "{late:?}");
    })
    .await;
}

#[tokio::test]
async fn a_reset_that_is_sent_twice_is_done_once() {
    on_each(async |haoma| {
        let person = haoma.client();
        let (mobile, sms_code) = texted(haoma, &person, "reset").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": NEW_PASSWORD });
        let (path, key) = ("/api/v1/password-resets", fresh_key());

        let [first, second] = twice(&person, path, &key, &body).await;
        assert_eq!(first.status, StatusCode::OK, "{first:?}");
        assert_eq!((first.status, &first.body), (second.status, &second.body));
        let login = json!({ "login": mobile, "password": NEW_PASSWORD });
        let entered = person.post_json("/api/v1/session", &login).await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
        let third = post(&person, path, &key, &body).await;
        assert_eq!(third.status, StatusCode::OK, "{third:?}");
        assert!(person.is_signed_in().await, "it was not done again");

        let mut other = body.clone();
        other["password"] = json!("another staple 9");
        let other_key = post(&haoma.client(), path, &fresh_key(), &other).await;
        let same_key = post(&haoma.client(), path, &key, &other).await;
        assert_eq!((other_key.errno(), same_key.errno()), ("4002".into(), "4103".into()));
    })
    .await;
}

#[tokio::test]
async fn a_double_click_on_the_pages_is_one_click() {
    on_each(async |haoma| {
        let person = haoma.client();
        for (page, path, purpose, by, step) in [
            ("/login?by=sms", "/login", "login", "sms", "login"),
            ("/reset-password", "/reset-password", "reset", "", "reset"),
        ] {
            let (mobile, sms_code) = texted(haoma, &person, purpose).await;
            let shown = person.get(page).await;
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
            let clicks = (0..2).map(async |_| person.post_form(path, &form).await);
            let clicks = join_all(clicks).await;
            let again = person.post_form(path, &form).await;

            let to = if by.is_empty() { "/login?done=reset" } else { "/account" };
            for answer in clicks.iter().chain([&again]) {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {answer:?}");
                assert_eq!(answer.header("location"), to);
            }
            if !by.is_empty() {
                assert_eq!(person.get("/account").await.status, StatusCode::OK);
            }
        }
    })
    .await;
}

/// The second click of somebody who goes on to register.
#[tokio::test]
async fn a_double_click_of_somebody_without_an_account_leads_on_to_registering() {
    on_each(async |haoma| {
        let (person, mobile) = (haoma.client(), fresh_mobile());
        let sms_code = code(&person, &mobile, "login").await;
        let shown = person.get("/login?by=sms").await;
        let form = [
            ("by", "sms"),
            ("mobile", &*mobile),
            ("sms_code", &sms_code),
            ("idempotency_key", hidden(&shown, "idempotency_key")),
            ("step", "login"),
        ];
        let clicks = (0..2).map(async |_| person.post_form("/login", &form).await);
        for answer in join_all(clicks).await {
            assert_eq!(answer.header("location"), "/register", "{answer:?}");
        }
        let registered = person.post_form("/register", &[("password", PASSWORD)]).await;
        assert_eq!(registered.header("location"), "/account", "{registered:?}");
    })
    .await;
}
