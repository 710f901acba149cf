//! The state of a code after the provider refuses, fails or does not answer.

use std::time::Duration;

use haoma::domain::mobile::Mobile;
use serde_json::json;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_at_once},
    databases::registered,
    interface::{INTERFACES, Interface, assert_paused, interfaces},
    sms_gateway::Answer,
};

#[tokio::test]
async fn after_a_certain_refusal_a_code_can_be_requested_again_at_once() {
    on_each(async |app| {
        for (interface, refusal) in INTERFACES
            .iter()
            .flat_map(|interface| [401, 402, 404, 429, 503].map(|status| (*interface, status)))
        {
            let (client, mobile) = (app.client(), fresh_mobile());
            app.gateway.answer(Answer::Status(refusal));
            let refused = interface.request_code(&client, &mobile).await;
            interface.assert_refused(&refused, (502, "4301"), "error-sms-refused", &[]);
            let unsent = app.gateway.code_for(&mobile);
            let gone = interface.register(&client, &mobile, &unsent, PASSWORD).await;
            interface.assert_refused(&gone, (422, "4002"), "error-sms-code-gone", &[]);
            if interface == Interface::Page {
                assert_eq!(interface.resend_after(&refused), 0, "the button is given back");
            }

            app.gateway.answer(Answer::Accept);
            let sent = interface.request_code(&client, &mobile).await;

            interface.assert_success(&sent, 200);
            let code = app.gateway.code_for(&mobile);
            interface
                .assert_success(&interface.register(&client, &mobile, &code, PASSWORD).await, 201);
        }
    })
    .await;
}

#[tokio::test]
async fn an_unreachable_gateway_has_sent_nothing() {
    on_each_without_gateway(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            for _ in 0..2 {
                let refused = interface.request_code(&client, &mobile).await;
                interface.assert_refused(&refused, (502, "4301"), "error-sms-refused", &[]);
            }
        }
    })
    .await;
}

/// Runs a test with a gateway address where no server listens.
async fn on_each_without_gateway(test: impl AsyncFn(&TestApp)) {
    test_support::app::on_each_with(
        &[("SMS_WEBHOOK_URL", test_support::fake_vendor::UNREACHABLE_URL)],
        test,
    )
    .await;
}

/// The message may have arrived, so the permit stays used and the code is valid.
async fn assert_treated_as_sent(app: &TestApp, interface: Interface) {
    let (client, mobile) = (app.client(), fresh_mobile());

    let sent = interface.request_code(&client, &mobile).await;

    interface.assert_success(&sent, 200);
    let again = interface.request_code(&client, &mobile).await;
    let seconds = again.header("retry-after").parse().unwrap_or_default();
    interface.assert_refused(
        &again,
        (429, "4201"),
        "error-too-often-resend",
        &[("seconds", seconds)],
    );
    let ids: Vec<_> =
        app.gateway.messages().iter().map(|message| message["data"]["code"].clone()).collect();
    assert_eq!(ids.first(), ids.last(), "never two different codes");
    let code = app.gateway.code_for(&mobile);
    interface.assert_success(&interface.register(&client, &mobile, &code, PASSWORD).await, 201);
}

#[tokio::test]
async fn a_gateway_that_fails_may_have_sent() {
    for (interface, status) in [(Interface::Page, 500), (Interface::Json, 502)] {
        on_each(async |app| {
            app.gateway.answer(Answer::Status(status));
            assert_treated_as_sent(app, interface).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_gateway_that_hangs_up_may_have_sent() {
    for interface in interfaces() {
        on_each(async |app| {
            app.gateway.answer(Answer::HangUp);
            assert_treated_as_sent(app, interface).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_may_have_sent() {
    on_each_at_once(async |app| {
        app.gateway.answer(Answer::After(Duration::from_secs(6)));
        assert_treated_as_sent(app, Interface::Json).await;
    })
    .await;
}

/// R64, R128: failures of the provider do not reveal who has an account.
#[tokio::test]
async fn while_every_provider_is_paused_sign_in_and_reset_say_so_for_every_number() {
    on_each(async |app| {
        app.gateway.answer(Answer::Status(503));
        let ask = async |purpose: &str, mobile: &str| {
            let client = app.client();
            let (id, captcha) = client.solve_captcha().await;
            let body = json!({
                "mobile": mobile, "purpose": purpose, "captcha_id": id, "captcha": captcha,
            });
            let response = client.post_json("/api/v1/sms-codes", &body).await;
            app.wait_for_background_tasks().await;
            response
        };
        let known: Vec<_> = (0..4).map(|_| fresh_mobile()).collect();
        for mobile in &known {
            registered(&app.state.db, mobile, &format!("owner-{mobile}")).await;
        }
        for (purpose, mobile) in [("login", &known[0]), ("reset", &known[1])] {
            Interface::Json.assert_success(&ask(purpose, mobile).await, 200);
            Interface::Json.assert_success(&ask(purpose, &fresh_mobile()).await, 200);
        }
        while app.state.sms.paused_for(&Mobile::parse(&known[0]).expect("a number")).is_none() {
            let refused = ask("register", &fresh_mobile()).await;
            Interface::Json.assert_refused(&refused, (502, "4301"), "error-sms-refused", &[]);
        }

        for (purpose, mobile) in [("login", &known[2]), ("reset", &known[3])] {
            for mobile in [mobile, &fresh_mobile()] {
                let paused = ask(purpose, mobile).await;
                assert_paused(Interface::Json, &paused, 30);
            }
        }
        assert_eq!(app.gateway.messages().len(), 5, "the breaker has opened at the fifth");
    })
    .await;
}
