//! Without Redis: what strangers make up takes no room from captchas, codes and people.

use std::time::Duration;

use haoma::stores::kv::MemoryCapacity;
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::json;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_backends},
    client::TestResponse,
    interface::{Interface, own_interfaces},
};

/// So many keys of limits as strangers fill in a test.
const SMALL: MemoryCapacity = MemoryCapacity { texts: 100, codes: 100, limits: 200 };

/// The default of `CAPTCHA_TTL_SECONDS`.
const CAPTCHA_LIFE: Duration = Duration::from_mins(3);

const SETTINGS: [(&str, &str); 2] = [("TRUSTED_PROXIES", "127.0.0.1"), ("SMS_PER_MINUTE", "1000")];

/// Runs a test where the memory is small. With Redis the same has to hold, without any such bound.
async fn on_each_with_small_memory(test: impl AsyncFn(&TestApp)) {
    on_each_backends(async |backends| {
        let app = backends.open_adjusted(&SETTINGS, |config| config.memory = SMALL).await;
        test(&app).await;
        app.stop().await;
    })
    .await;
}

async fn sign_in_from(app: &TestApp, address: &str, login: &str) -> TestResponse {
    let client = app.client();
    let body = json!({ "login": login, "password": "not it at all" }).to_string();
    let request = client.request(Method::POST, "/api/v1/session");
    let request = request.header("x-forwarded-for", address);
    client.send(request.header(CONTENT_TYPE, "application/json").body(body)).await
}

/// Fills the limits by sign-ins with names that nobody has, from one address and then from many.
async fn sign_in_with_made_up_names(app: &TestApp) {
    for number in 0..300 {
        sign_in_from(app, "203.0.113.7", &format!("nobody-{number}")).await;
    }
    for number in 0..300 {
        let address = format!("198.{}.{}.7", 18 + number / 250, number % 250);
        let response = sign_in_from(app, &address, &format!("no-one-{number}")).await;
        assert_eq!(response.status, StatusCode::UNAUTHORIZED, "{response:?}");
    }
    app.wait_for_background_tasks().await;
}

#[tokio::test]
async fn made_up_names_leave_captchas_codes_and_limits_to_others() {
    on_each_with_small_memory(async |app| {
        for interface in own_interfaces() {
            let (client, waiting) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &waiting).await, 200);
            let code = app.gateway.code_for(&waiting);
            let captcha = client.solve_captcha().await;

            sign_in_with_made_up_names(app).await;

            let sms_code = interface.register(&client, &waiting, &code, PASSWORD).await;
            interface.assert_success(&sms_code, 201);
            let (id, answer) = (captcha.0.as_str(), captcha.1.as_str());
            let mobile = fresh_mobile();
            let asked = interface.request_code_with(&app.client(), &mobile, (id, answer)).await;
            interface.assert_success(&asked, 200);
            let newcomer = app.client().register(&fresh_mobile()).await;
            assert_eq!(newcomer.status, StatusCode::CREATED, "{newcomer:?}");
        }
    })
    .await;
}

/// A number that was texted a moment ago, and again a moment ago, is not forgotten for names that were tried once.
#[tokio::test]
async fn made_up_names_make_no_room_for_more_messages_to_one_number() {
    on_each_with_small_memory(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        for _ in 0..5 {
            Interface::Json.assert_success(&client.request_code(&mobile).await, 200);
            app.skip_resend_wait().await;
        }

        sign_in_with_made_up_names(app).await;

        let refused = client.request_code(&mobile).await;
        // What is left of the number has a price.
        assert_eq!((refused.status, &*refused.errno()), (StatusCode::BAD_REQUEST, "4103"));
    })
    .await;
}

#[tokio::test]
async fn a_memory_that_is_nearly_full_is_degraded_and_still_ready() {
    on_each_backends(async |backends| {
        let small = MemoryCapacity { texts: 10, ..SMALL };
        let app = backends.open_adjusted(&SETTINGS, |config| config.memory = small).await;
        let client = app.client();
        for _ in 0..8 {
            client.solve_captcha().await;
        }
        assert_eq!(client.get("/readyz").await.body, r#"{"status":"up"}"#);

        client.solve_captcha().await;

        let status = if app.redis.is_none() { "degraded" } else { "up" };
        let ready = client.get("/readyz").await;
        assert_eq!(ready.status, StatusCode::OK);
        assert_eq!(ready.body, format!(r#"{{"status":"{status}"}}"#));
        app.advance(CAPTCHA_LIFE).await;
        assert_eq!(client.get("/readyz").await.body, r#"{"status":"up"}"#);
        app.stop().await;
    })
    .await;
}
