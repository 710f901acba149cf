//! Codes that are sent by SMS.

use reqwest::StatusCode;
use serde_json::json;

use crate::client::TestClient;

/// Requests a code for a purpose and returns it.
pub async fn code(client: &TestClient<'_>, mobile: &str, purpose: &str) -> String {
    let (captcha_id, captcha) = client.solve_captcha().await;
    let body = json!({
        "mobile": mobile, "purpose": purpose, "captcha_id": captcha_id, "captcha": captcha,
    });
    let asked = client.post_json("/api/v1/sms-codes", &body).await;
    assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
    client.app.wait_for_background_tasks().await;
    client.app.gateway.code_for(mobile)
}

/// Returns a code that is not this one.
pub fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().expect("digits") + 1) % 1_000_000)
}
