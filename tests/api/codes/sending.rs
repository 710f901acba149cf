//! Asking for a code: one message, and what is told of it.

use haoma::domain::{mobile::Mobile, purpose::Purpose};
use serde_json::json;
use test_support::{
    app::{TestApp, fresh_mobile, on_each},
    databases::registered,
    interface::{Action, INTERFACES, Interface},
    sms_codes::other_than,
};

#[tokio::test]
async fn a_code_of_six_digits_is_texted() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());

            let sent = face.request_code(&who, &mobile).await;

            face.assert_success(&sent, 200);
            let message = haoma.gateway.messages().last().cloned().expect("a message");
            assert_eq!(message["data"]["to"], format!("+86{mobile}"));
            let code = haoma.gateway.code_for(&mobile);
            assert!(code.len() == 6 && code.bytes().all(|it| it.is_ascii_digit()), "{code}");
            assert_eq!(haoma.gateway.count_for(&mobile), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn json_tells_how_long_to_wait_and_how_long_the_code_lives() {
    on_each(async |haoma| {
        let sent = Interface::Json.request_code(&haoma.client(), &fresh_mobile()).await;

        let wait = Interface::Json.resend_after(&sent);
        assert!((1..=60).contains(&wait), "{wait}");
        assert_eq!(sent.json()["data"]["expires_in"], 300);
    })
    .await;
}

#[tokio::test]
async fn a_second_ask_within_a_minute_is_told_the_remaining_seconds() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            face.assert_success(&face.request_code(&who, &mobile).await, 200);

            // Somebody else's browser as well: the limit is the number's.
            for who in [&who, &haoma.client()] {
                let again = face.request_code(who, &mobile).await;

                let wait = again.header("retry-after").parse::<u64>().expect("seconds");
                assert!((1..=60).contains(&wait), "{wait}");
                assert_eq!(face.resend_after(&again), wait, "{again:?}");
                let args = [("seconds", wait)];
                face.assert_refused(&again, (429, "4201"), "error-too-often-resend", &args);
            }
            assert_eq!(haoma.gateway.count_for(&mobile), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_resend_brings_the_same_code_again() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            face.assert_success(&face.request_code(&who, &mobile).await, 200);
            let first = haoma.gateway.code_for(&mobile);
            haoma.skip_resend_wait().await;

            face.assert_success(&face.request_code(&who, &mobile).await, 200);

            assert_eq!(haoma.gateway.count_for(&mobile), 2);
            assert_eq!(haoma.gateway.code_for(&mobile), first);
            face.assert_success(
                &face.register(&who, &mobile, &first, "correct horse 7").await,
                201,
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_number_that_has_an_account_is_texted_nothing() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            registered(&haoma.state.db, &mobile, &format!("owner-{mobile}")).await;

            let refused = face.request_code(&who, &mobile).await;

            face.assert_refused(&refused, (409, "4003"), "error-mobile-taken", &[]);
            assert_eq!(haoma.gateway.count_for(&mobile), 0);
            assert!(!has_code(haoma, &mobile).await, "a code that nobody was told");
        }
    })
    .await;
}

#[tokio::test]
async fn to_ask_about_a_number_that_has_an_account_takes_no_place_and_needs_none() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, owner, mobile) = (haoma.client(), haoma.client(), fresh_mobile());
            registered(&haoma.state.db, &mobile, &format!("owner-{mobile}")).await;
            let taken = async || {
                let refused = face.request_code(&who, &mobile).await;
                face.assert_refused(&refused, (409, "4003"), "error-mobile-taken", &[]);
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
async fn whether_a_number_has_an_account_costs_a_picture() {
    on_each(async |haoma| {
        let (who, mobile) = (haoma.client(), fresh_mobile());
        registered(&haoma.state.db, &mobile, "owner").await;
        for face in INTERFACES {
            let (id, _) = who.solve_captcha().await;
            let fields = [("mobile", mobile.as_str()), ("captcha_id", &id), ("captcha", "zzzz")];

            let refused = face.perform(&who, Action::Send, &fields).await;

            face.assert_refused(&refused, (422, "4004"), "error-captcha-wrong", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn the_code_is_in_no_answer_no_header_and_no_cookie() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            let sent = face.request_code(&who, &mobile).await;
            let code = haoma.gateway.code_for(&mobile);
            let again = face.request_code(&who, &mobile).await;
            let page = who.get("/register").await;
            let wrong = face.register(&who, &mobile, &other_than(&code), "correct horse 7").await;
            let weak = face.register(&who, &mobile, &code, "12345678").await;

            for answer in [sent, again, page, wrong, weak] {
                assert!(!answer.headers_and_body().contains(&code), "{code} in {answer:?}");
            }
            assert!(
                who.cookie_jar().values().all(|it| !it.contains(&code) && !it.contains(&mobile))
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_text_of_a_message_holds_nothing_of_the_request() {
    on_each(async |haoma| {
        let (who, mobile) = (haoma.client(), fresh_mobile());
        let (id, answer) = who.solve_captcha().await;
        let body = json!({"mobile": format!("+86 {mobile}"), "purpose": "register", "captcha_id": id, "captcha": answer.to_uppercase()});
        who.post_json("/api/v1/sms-codes", &body).await;

        let message = haoma.gateway.messages().last().cloned().expect("a message");
        let text = message["data"]["text"].as_str().expect("text").to_owned();

        assert!(text.contains(&haoma.gateway.code_for(&mobile)));
        assert!(!text.contains(&id) && !text.to_lowercase().contains(&answer), "{text}");
    })
    .await;
}

/// Whether a code for registering lives.
async fn has_code(haoma: &TestApp, mobile: &str) -> bool {
    let mobile = Mobile::from_stored(mobile.to_owned());
    let issued = haoma.state.codes.issue(&mobile, Purpose::Register, "", None).await;
    !issued.expect("kv answers").is_fresh
}
