//! The owner of a number, and strangers at other addresses.

use haoma::domain::captcha::{CaptchaAnswer, CaptchaId, Difficulty};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use test_support::{
    app::{TestApp, fresh_mobile},
    client::{TestClient, TestResponse},
};

/// Lets a test say from which address a request comes.
pub(super) const BEHIND_A_PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

/// The address of the owner.
pub(super) const HOME: &str = "203.0.113.1";

/// Posts a body from an address.
pub(super) async fn post_from(
    client: &TestClient<'_>,
    address: &str,
    path: &str,
    body: &Value,
) -> TestResponse {
    let request = client.request(Method::POST, path).header("x-forwarded-for", address);
    client.send(request.header(CONTENT_TYPE, "application/json").body(body.to_string())).await
}

/// Asks for a code from an address, with a captcha that nobody has to draw.
pub(super) async fn ask_from(
    client: &TestClient<'_>,
    address: &str,
    mobile: &str,
    purpose: &str,
) -> TestResponse {
    let (captcha_id, captcha) = client.app.captcha_without_picture().await;
    let body = json!({
        "mobile": mobile, "purpose": purpose, "captcha_id": captcha_id, "captcha": captcha,
    });
    let response = post_from(client, address, "/api/v1/sms-codes", &body).await;
    client.app.wait_for_background_tasks().await;
    response
}

/// Types a code to sign in, from an address.
pub(super) async fn type_from(
    client: &TestClient<'_>,
    address: &str,
    mobile: &str,
    sms_code: &str,
) -> TestResponse {
    let body = json!({ "mobile": mobile, "sms_code": sms_code });
    post_from(client, address, "/api/v1/session", &body).await
}

/// An owner whose browser is known to the account, and signed out. Every number may be texted again.
pub(super) async fn owner(app: &TestApp) -> (TestClient<'_>, String) {
    let (client, mobile) = (app.client(), fresh_mobile());
    client.register(&mobile).await;
    sign_out(&client);
    app.wait_for_background_tasks().await;
    app.skip_resend_wait().await;
    (client, mobile)
}

/// Forgets every cookie but the one that names the device.
pub(super) fn sign_out(client: &TestClient<'_>) {
    let mut cookies = client.cookie_jar();
    cookies.retain(|name, _| name.ends_with("haoma_device"));
    assert_eq!(cookies.len(), 1, "a sign-in names the device");
    client.set_cookies(cookies);
}

/// A harder captcha that is to be solved, and its answer.
pub(super) async fn harder_captcha(app: &TestApp) -> (String, String) {
    let (id, answer) = (CaptchaId::random(), CaptchaAnswer::random(Difficulty::Harder));
    app.state.captchas.insert(&id, &answer).await.expect("kv answers");
    (id.as_str().to_owned(), answer.as_str().to_owned())
}
