//! Requesting a code: one message, and the answer to the request.

use haoma::{
    domain::{mobile::Mobile, purpose::Purpose},
    stores::codes::CodeClient,
};
use serde_json::json;
use test_support::{
    app::{TestApp, fresh_mobile, on_each},
    databases::registered,
    interface::{Action, Interface, interfaces},
    sms_codes::other_than,
};

#[tokio::test]
async fn a_code_of_six_digits_is_texted() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());

            let sent = interface.request_code(&client, &mobile).await;

            interface.assert_success(&sent, 200);
            let message = app.gateway.messages().last().cloned().expect("a message");
            assert_eq!(message["data"]["to"], format!("+86{mobile}"));
            let code = app.gateway.code_for(&mobile);
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
            assert_eq!(app.gateway.count_for(&mobile), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn json_has_the_wait_and_the_lifetime_of_the_code() {
    on_each(async |app| {
        let sent = Interface::Json.request_code(&app.client(), &fresh_mobile()).await;

        let wait = Interface::Json.resend_after(&sent);
        assert!((1..=60).contains(&wait), "{wait}");
        assert_eq!(sent.json()["data"]["expires_in"], 300);
    })
    .await;
}

#[tokio::test]
async fn a_second_request_within_a_minute_gets_the_remaining_seconds() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);

            // The limit is that of the number, so it holds for another browser too.
            for client in [&client, &app.client()] {
                let again = interface.request_code(client, &mobile).await;

                let wait = again.header("retry-after").parse::<u64>().expect("seconds");
                assert!((1..=60).contains(&wait), "{wait}");
                assert_eq!(interface.resend_after(&again), wait, "{again:?}");
                let args = [("seconds", wait)];
                interface.assert_refused(&again, (429, "4201"), "error-too-often-resend", &args);
            }
            assert_eq!(app.gateway.count_for(&mobile), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_resend_brings_the_same_code_again() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let first = app.gateway.code_for(&mobile);
            app.skip_resend_wait().await;

            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);

            assert_eq!(app.gateway.count_for(&mobile), 2);
            assert_eq!(app.gateway.code_for(&mobile), first);
            interface.assert_success(
                &interface.register(&client, &mobile, &first, "correct horse 7").await,
                201,
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_number_that_has_an_account_is_texted_nothing() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            registered(&app.state.db, &mobile, &format!("owner-{mobile}")).await;

            let refused = interface.request_code(&client, &mobile).await;

            interface.assert_refused(&refused, (409, "4003"), "error-mobile-taken", &[]);
            assert_eq!(app.gateway.count_for(&mobile), 0);
            assert!(!has_code(app, &mobile).await, "there is no unsent code");
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_for_a_registered_number_uses_no_limit_and_needs_none() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, owner, mobile) = (app.client(), app.client(), fresh_mobile());
            registered(&app.state.db, &mobile, &format!("owner-{mobile}")).await;
            let taken = async || {
                let refused = interface.request_code(&client, &mobile).await;
                interface.assert_refused(&refused, (409, "4003"), "error-mobile-taken", &[]);
            };

            taken().await;
            let (id, answer) = owner.solve_captcha().await;
            let wish = json!({
                "mobile": mobile, "purpose": "login", "captcha_id": id, "captcha": answer,
            });
            let sent = owner.post_json("/api/v1/sms-codes", &wish).await;
            Interface::Json.assert_success(&sent, 200);

            taken().await;
        }
    })
    .await;
}

#[tokio::test]
async fn learning_whether_a_number_is_registered_costs_a_captcha() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        registered(&app.state.db, &mobile, "owner").await;
        for interface in interfaces() {
            let (id, _) = client.solve_captcha().await;
            let fields = [("mobile", mobile.as_str()), ("captcha_id", &id), ("captcha", "zzzz")];

            let refused = interface.perform(&client, Action::Send, &fields).await;

            interface.assert_refused(&refused, (422, "4004"), "error-captcha-wrong", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn the_code_is_in_no_answer_no_header_and_no_cookie() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let sent = interface.request_code(&client, &mobile).await;
            let code = app.gateway.code_for(&mobile);
            let again = interface.request_code(&client, &mobile).await;
            let page = client.get("/register").await;
            let wrong =
                interface.register(&client, &mobile, &other_than(&code), "correct horse 7").await;
            let weak = interface.register(&client, &mobile, &code, "12345678").await;

            // A form that is shown again has the code that was typed into it, because it is still good.
            let weak = (interface != Interface::Page).then_some(weak);
            for response in [sent, again, page, wrong].into_iter().chain(weak) {
                assert!(!response.headers_and_body().contains(&code), "{code} in {response:?}");
            }
            assert!(
                client
                    .cookie_jar()
                    .values()
                    .all(|value| !value.contains(&code) && !value.contains(&mobile))
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_text_of_a_message_contains_no_input() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let (id, answer) = client.solve_captcha().await;
        let body = json!({"mobile": format!("+86 {mobile}"), "purpose": "register", "captcha_id": id, "captcha": answer.to_uppercase()});
        client.post_json("/api/v1/sms-codes", &body).await;

        let message = app.gateway.messages().last().cloned().expect("a message");
        let text = message["data"]["text"].as_str().expect("text").to_owned();

        assert!(text.contains(&app.gateway.code_for(&mobile)));
        assert!(!text.contains(&id) && !text.to_lowercase().contains(&answer), "{text}");
    })
    .await;
}

/// Whether there is a valid code for registration.
async fn has_code(app: &TestApp, mobile: &str) -> bool {
    let mobile = Mobile::from_stored(mobile.to_owned());
    let issued =
        app.state.codes.issue(&mobile, Purpose::Register, (&CodeClient::default(), ""), None).await;
    !issued.expect("kv answers").is_fresh
}
