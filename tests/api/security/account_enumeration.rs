//! Known, unknown and locked numbers get the same answers until a client has proved that it owns the number.

use std::time::Duration;

use diesel::{OptionalExtension as _, dsl::sql, sql_types::Text};
use haoma::{
    domain::{account::AccountSelector, mobile::Mobile},
    flows::lock_user::lock_user,
    stores::db::RunQueryDsl as _,
};
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::json;
use test_support::{
    app::{TestApp, fresh_mobile, on_each_backends, on_each_with},
    client::{TestClient, TestResponse},
    interface::{Interface, OWN_INTERFACES, own_interfaces},
    sms_gateway,
};

/// With these settings a number can be requested again, and no sign-in needs a captcha.
pub(super) const OFTEN: [(&str, &str); 4] = [
    ("SMS_RESEND_SECONDS", "1"),
    ("SMS_PER_MINUTE", "100000"),
    ("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10"),
    ("SIGN_IN_FAILURES", "100"),
];

/// Returns a number with an account, one without, and one whose account is locked.
pub(super) async fn numbers(app: &TestApp) -> [String; 3] {
    let numbers = [fresh_mobile(), fresh_mobile(), fresh_mobile()];
    for it in [&numbers[0], &numbers[2]] {
        app.client().register(it).await;
    }
    let locked = app.state.db.clone();
    let mobile = Mobile::parse(&numbers[2]).expect("a number");
    lock_user(&locked, &AccountSelector::Mobile(mobile)).await.expect("locks");
    app.skip_resend_wait().await;
    numbers
}

/// Returns everything visible of an answer, except for what differs between any two.
fn seen(response: &TestResponse, mobile: &str) -> (u16, HeaderMap, Vec<(String, usize)>, String) {
    let (mut headers, body) = response.without_request_id();
    headers.remove("set-cookie");
    // A second may pass between the two answers.
    if let Some(seconds) = headers.get_mut("retry-after") {
        *seconds = HeaderValue::from_static("SECONDS");
    }
    let cookies = response.cookies();
    let cookies =
        cookies.iter().map(|cookie| (cookie.name().to_owned(), cookie.value().len())).collect();
    let mut body = body.replace(mobile, "MOBILE");
    for name in ["captcha_id", "idempotency_key"] {
        if body.contains(&format!("name=\"{name}\"")) {
            let id = response.value_after(&format!("name=\"{name}\" value=\""));
            body = body.replace(&id, "ID");
        }
    }
    (response.status.as_u16(), headers, cookies, body)
}

fn assert_alike(responses: &[(&String, TestResponse)]) {
    for pair in responses.windows(2) {
        let [one, other] = [&pair[0], &pair[1]].map(|(mobile, response)| seen(response, mobile));
        assert_eq!(one, other);
    }
}

async fn request_code(
    interface: Interface,
    client: &TestClient<'_>,
    mobile: &str,
    purpose: &str,
) -> TestResponse {
    let (id, answer) = client.solve_captcha().await;
    let fields = [("mobile", mobile), ("captcha_id", &id), ("captcha", &answer)];
    match (interface, purpose) {
        (Interface::Json | Interface::Ihome | Interface::Passport, _) => {
            let body = json!({
                "mobile": mobile, "purpose": purpose, "captcha_id": id, "captcha": answer,
            });
            client.post_json("/api/v1/sms-codes", &body).await
        }
        (Interface::Page, "login") => {
            let fields = [&[("by", "sms"), ("step", "send")], &fields[..]].concat();
            client.post_form("/login", &fields).await
        }
        (Interface::Page, _) => {
            client.post_form("/reset-password", &[&[("step", "send")], &fields[..]].concat()).await
        }
    }
}

/// Tries a wrong code.
async fn guesses(
    interface: Interface,
    client: &TestClient<'_>,
    mobile: &str,
    purpose: &str,
) -> TestResponse {
    let sent = haoma_code(client.app, mobile);
    let code = test_support::sms_codes::other_than(sent.as_deref().unwrap_or("000000"));
    let fields = [("mobile", mobile), ("sms_code", code.as_str())];
    let path = match (interface, purpose) {
        (Interface::Json | Interface::Ihome | Interface::Passport, "login") => "/api/v1/session",
        (Interface::Json | Interface::Ihome | Interface::Passport, _) => "/api/v1/password-resets",
        (Interface::Page, "login") => "/login",
        (Interface::Page, _) => "/reset-password",
    };
    let password = [("password", "battery staple 8")];
    let fields = match (interface, purpose) {
        (_, "reset") => [&fields[..], &password].concat(),
        (Interface::Page, _) => [&fields[..], &[("by", "sms"), ("step", "login")]].concat(),
        (Interface::Json | Interface::Ihome | Interface::Passport, _) => fields.to_vec(),
    };
    match interface {
        Interface::Page => client.post_form(path, &fields).await,
        Interface::Json | Interface::Ihome | Interface::Passport => {
            let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
            client.post_json(path, &fields.collect()).await
        }
    }
}

fn haoma_code(app: &TestApp, mobile: &str) -> Option<String> {
    (app.gateway.count_for(mobile) > 0).then(|| app.gateway.code_for(mobile))
}

/// R61, R64, R66.
#[tokio::test]
async fn requesting_and_guessing_a_code_reveals_nothing_about_a_number() {
    on_each_with(&OFTEN, async |app| {
        for (interface, purpose) in OWN_INTERFACES
            .iter()
            .flat_map(|interface| ["login", "reset"].map(|to| (*interface, to)))
        {
            let numbers = numbers(app).await;
            let (mut sent, mut guessed) = (Vec::new(), Vec::new());
            for mobile in &numbers {
                let client = app.client();
                sent.push((mobile, request_code(interface, &client, mobile, purpose).await));
                guessed.push((mobile, guesses(interface, &app.client(), mobile, purpose).await));
            }

            interface.assert_success(&sent[0].1, 200);
            assert_alike(&sent);
            let tries = [("tries", 4)];
            interface.assert_refused(&guessed[0].1, (422, "4004"), "error-sms-code-wrong", &tries);
            assert_alike(&guessed);
        }
    })
    .await;
}

/// R62.
#[tokio::test]
async fn a_wrong_password_reveals_nothing_about_a_number() {
    on_each_with(&OFTEN, async |app| {
        for interface in own_interfaces() {
            let mut responses = Vec::new();
            let numbers = numbers(app).await;
            for mobile in &numbers {
                let response = interface.sign_in(&app.client(), mobile, "wrong horse 7").await;
                responses.push((mobile, response));
            }

            interface.assert_refused(&responses[0].1, (401, "4102"), "error-wrong-login", &[]);
            assert_alike(&responses);
        }
    })
    .await;
}

/// R63: the same work is done for every number.
#[tokio::test]
async fn a_wrong_password_costs_one_hash_of_the_same_length_for_any_number() {
    on_each_with(&OFTEN, async |app| {
        let numbers = numbers(app).await;
        let logins = numbers.iter().map(String::as_str).chain(["nobody-here", "neither of both"]);
        for login in logins {
            let before = app.state.hasher.effort();

            Interface::Json.sign_in(&app.client(), login, "wrong horse 7").await;

            assert_eq!(app.state.hasher.effort() - before, 1000, "{login}");
        }
    })
    .await;
}

/// R64, R128: refusals do not reveal which numbers get messages, until no number gets one.
#[tokio::test]
async fn the_refusal_of_a_provider_shows_in_no_answer_until_all_are_paused() {
    on_each_with(&OFTEN, async |app| {
        for purpose in ["login", "reset"] {
            app.gateway.answer(sms_gateway::Answer::Status(503));
            let numbers = numbers_without_messages(app).await;
            let mut responses = Vec::new();
            for mobile in &numbers {
                responses.push((
                    mobile,
                    request_code(Interface::Json, &app.client(), mobile, purpose).await,
                ));
            }

            Interface::Json.assert_success(&responses[0].1, 200);
            assert_alike(&responses);
        }
    })
    .await;
}

/// Returns numbers as `numbers` does, created while the gateway refuses.
async fn numbers_without_messages(app: &TestApp) -> [String; 3] {
    app.gateway.answer(sms_gateway::Answer::Accept);
    let numbers = numbers(app).await;
    app.gateway.answer(sms_gateway::Answer::Status(503));
    numbers
}

/// R128.
#[tokio::test]
async fn once_all_providers_are_paused_every_number_gets_the_error() {
    on_each_with(&OFTEN, async |app| {
        let numbers = numbers_without_messages(app).await;
        for _ in 0..5 {
            request_code(Interface::Json, &app.client(), &fresh_mobile(), "login").await;
            settle(app).await;
        }
        for purpose in ["login", "reset"] {
            let mut responses = Vec::new();
            for mobile in &numbers {
                responses.push((
                    mobile,
                    request_code(Interface::Json, &app.client(), mobile, purpose).await,
                ));
            }

            let told = &responses[0].1;
            Interface::Json.assert_refused(
                told,
                (503, "4301"),
                "error-sms-paused",
                &[("minutes", 1)],
            );
            assert_alike(&responses);
        }
    })
    .await;
}

/// A number without an account would not get them back: no provider refuses it. tests/api/defence/sameness.rs compares.
#[tokio::test]
async fn a_refusal_after_the_answer_keeps_the_permit_and_the_code() {
    on_each_with(&[], async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        app.gateway.answer(sms_gateway::Answer::Status(401));
        Interface::Json
            .assert_success(&request_code(Interface::Json, &client, &mobile, "login").await, 200);
        settle(app).await;
        let refused = app.gateway.code_for(&mobile);
        app.gateway.answer(sms_gateway::Answer::Accept);

        let at_once = request_code(Interface::Json, &client, &mobile, "login").await;
        app.skip_resend_wait().await;
        let later = request_code(Interface::Json, &client, &mobile, "login").await;
        settle(app).await;

        assert_eq!(at_once.status.as_u16(), 429, "{at_once:?}");
        Interface::Json.assert_success(&later, 200);
        assert_eq!(app.gateway.code_for(&mobile), refused, "the same code is sent again");
    })
    .await;
}

/// R125: the answer has been sent, so the message has to be sent too.
#[tokio::test]
async fn shutdown_waits_for_a_message_that_is_being_sent() {
    on_each_backends(async |backends| {
        let app = backends.open(&[]).await;
        app.gateway.answer(sms_gateway::Answer::After(Duration::from_secs(1)));
        let mobile = fresh_mobile();
        Interface::Json.assert_success(
            &request_code(Interface::Json, &app.client(), &mobile, "login").await,
            200,
        );
        while app.gateway.count_for(&mobile) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(outcome(&app, &mobile).await.as_deref(), Some("pending"));
        app.stop().await;

        let app = backends.open(&[]).await;

        assert_eq!(outcome(&app, &mobile).await.as_deref(), Some("sent"));
        app.stop().await;
    })
    .await;
}

async fn settle(app: &TestApp) {
    app.state.tasks.close();
    app.state.tasks.wait().await;
    app.state.tasks.reopen();
}

/// Returns the outcome in the SMS log of the message to a number.
async fn outcome(app: &TestApp, mobile: &str) -> Option<String> {
    let row = format!("(SELECT outcome FROM sms_messages WHERE mobile = '{mobile}')");
    let found = app.state.db.read(async move |connection| {
        Ok(diesel::select(sql::<Text>(&row)).get_result(connection).await.optional()?)
    });
    found.await.expect("answers")
}
