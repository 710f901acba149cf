//! What becomes of a code when the provider refuses, fails or is not heard of again.

use std::time::Duration;

use haoma::domain::mobile::Mobile;
use serde_json::json;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_at_once},
    databases::registered,
    interface::{INTERFACES, Interface, assert_paused},
    sms_gateway::Answer,
};

#[tokio::test]
async fn a_certain_refusal_gives_everything_back_and_one_may_ask_again_at_once() {
    on_each(async |haoma| {
        for (face, refusal) in
            INTERFACES.iter().flat_map(|it| [401, 402, 404, 429, 503].map(|status| (*it, status)))
        {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            haoma.gateway.answer(Answer::Status(refusal));
            let refused = face.request_code(&who, &mobile).await;
            face.assert_refused(&refused, (502, "4301"), "error-sms-refused", &[]);
            let unsent = haoma.gateway.code_for(&mobile);
            let gone = face.register(&who, &mobile, &unsent, PASSWORD).await;
            face.assert_refused(&gone, (422, "4002"), "error-sms-code-gone", &[]);
            if face == Interface::Page {
                assert_eq!(face.resend_after(&refused), 0, "the button is given back");
            }

            haoma.gateway.answer(Answer::Accept);
            let sent = face.request_code(&who, &mobile).await;

            face.assert_success(&sent, 200);
            let code = haoma.gateway.code_for(&mobile);
            face.assert_success(&face.register(&who, &mobile, &code, PASSWORD).await, 201);
        }
    })
    .await;
}

#[tokio::test]
async fn a_gateway_that_is_not_there_has_sent_nothing() {
    on_each_without_gateway(async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            for _ in 0..2 {
                let refused = face.request_code(&who, &mobile).await;
                face.assert_refused(&refused, (502, "4301"), "error-sms-refused", &[]);
            }
        }
    })
    .await;
}

/// The gateway's address is one where nobody listens.
async fn on_each_without_gateway(test: impl AsyncFn(&TestApp)) {
    test_support::app::on_each_with(
        &[("SMS_WEBHOOK_URL", test_support::fake_vendor::NOBODY)],
        test,
    )
    .await;
}

/// The person may have the message: the place stays taken, and the code works.
async fn assert_treated_as_sent(haoma: &TestApp, face: Interface) {
    let (who, mobile) = (haoma.client(), fresh_mobile());

    let sent = face.request_code(&who, &mobile).await;

    face.assert_success(&sent, 200);
    let again = face.request_code(&who, &mobile).await;
    let seconds = again.header("retry-after").parse().unwrap_or_default();
    face.assert_refused(&again, (429, "4201"), "error-too-often-resend", &[("seconds", seconds)]);
    let ids: Vec<_> =
        haoma.gateway.messages().iter().map(|it| it["data"]["code"].clone()).collect();
    assert_eq!(ids.first(), ids.last(), "never two different codes");
    let code = haoma.gateway.code_for(&mobile);
    face.assert_success(&face.register(&who, &mobile, &code, PASSWORD).await, 201);
}

#[tokio::test]
async fn a_gateway_that_fails_may_have_sent() {
    for (face, status) in [(Interface::Page, 500), (Interface::Json, 502)] {
        on_each(async |haoma| {
            haoma.gateway.answer(Answer::Status(status));
            assert_treated_as_sent(haoma, face).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_gateway_that_hangs_up_may_have_sent() {
    for face in INTERFACES {
        on_each(async |haoma| {
            haoma.gateway.answer(Answer::HangUp);
            assert_treated_as_sent(haoma, face).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_may_have_sent() {
    on_each_at_once(async |haoma| {
        haoma.gateway.answer(Answer::After(Duration::from_secs(6)));
        assert_treated_as_sent(haoma, Interface::Json).await;
    })
    .await;
}

/// R64, R128: nobody learns from the provider's failures who has an account.
#[tokio::test]
async fn while_every_provider_is_left_alone_sign_in_and_reset_say_so_to_everybody() {
    on_each(async |haoma| {
        haoma.gateway.answer(Answer::Status(503));
        let ask = async |purpose: &str, mobile: &str| {
            let who = haoma.client();
            let (id, captcha) = who.solve_captcha().await;
            let body = json!({
                "mobile": mobile, "purpose": purpose, "captcha_id": id, "captcha": captcha,
            });
            let answer = who.post_json("/api/v1/sms-codes", &body).await;
            haoma.wait_for_background_tasks().await;
            answer
        };
        let known: Vec<_> = (0..4).map(|_| fresh_mobile()).collect();
        for mobile in &known {
            registered(&haoma.state.db, mobile, &format!("owner-{mobile}")).await;
        }
        for (purpose, mobile) in [("login", &known[0]), ("reset", &known[1])] {
            Interface::Json.assert_success(&ask(purpose, mobile).await, 200);
            Interface::Json.assert_success(&ask(purpose, &fresh_mobile()).await, 200);
        }
        while haoma.state.sms.paused_for(&Mobile::parse(&known[0]).expect("a number")).is_none() {
            let refused = ask("register", &fresh_mobile()).await;
            Interface::Json.assert_refused(&refused, (502, "4301"), "error-sms-refused", &[]);
        }

        for (purpose, mobile) in [("login", &known[2]), ("reset", &known[3])] {
            for mobile in [mobile, &fresh_mobile()] {
                let paused = ask(purpose, mobile).await;
                assert_paused(Interface::Json, &paused, 30);
            }
        }
        assert_eq!(haoma.gateway.messages().len(), 5, "the breaker has opened at the fifth");
    })
    .await;
}
