//! Somebody at an address, behind a proxy, who asks for codes.

use haoma::domain::captcha::{CaptchaAnswer, CaptchaId, Difficulty};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;
use test_support::{app::TestApp, client::TestResponse};

/// So that tests come from many addresses, with budgets and limits of addresses that are not in the way.
pub(super) const MANY_ADDRESSES: [(&str, &str); 2] =
    [("TRUSTED_PROXIES", "127.0.0.1"), ("SMS_PER_MINUTE", "1000")];

/// Asks for a code from an address. The captcha has six letters, which is enough at any level.
pub(super) async fn ask_from(
    app: &TestApp,
    address: &str,
    purpose: &str,
    mobile: &str,
) -> TestResponse {
    let (id, answer) = (CaptchaId::random(), CaptchaAnswer::random(Difficulty::Harder));
    app.state.captchas.insert(&id, &answer).await.expect("kv answers");
    let body = json!({
        "mobile": mobile, "purpose": purpose, "captcha_id": id.as_str(), "captcha": answer.as_str(),
    });
    let client = app.client();
    let request = client.request(Method::POST, "/api/v1/sms-codes");
    let request = request.header("x-forwarded-for", address);
    client.send(request.header(CONTENT_TYPE, "application/json").body(body.to_string())).await
}

/// The number of letters of the next picture that an address gets.
pub(super) async fn letters_for(app: &TestApp, address: &str) -> usize {
    let id = CaptchaId::random();
    let client = app.client();
    let path = format!("/api/v1/captchas/{}", id.as_str());
    let request = client.request_without_origin(Method::GET, &path);
    let picture = client.send(request.header("x-forwarded-for", address)).await;
    assert!(picture.status.is_success(), "{picture:?}");
    app.answer_of(id.as_str()).await.expect("an answer").len()
}

/// A number of a prefix that hardly another one has.
pub(super) fn scattered_mobile() -> String {
    format!("137{:08}", rand::random_range(0..100_000_000))
}

/// An address in a /24 that hardly anybody else is in.
pub(super) fn scattered_address() -> String {
    let [a, b, c] = rand::random::<[u8; 3]>();
    format!("10.{a}.{b}.{}", c.max(1))
}
