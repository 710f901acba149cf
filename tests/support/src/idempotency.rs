//! Requests with an idempotency key.

use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::Value;

use crate::client::{TestClient, TestResponse};

pub const USERS: &str = "/api/v1/users";

pub fn fresh_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

pub async fn post(client: &TestClient<'_>, path: &str, key: &str, body: &Value) -> TestResponse {
    let request = client.request(Method::POST, path).header(CONTENT_TYPE, "application/json");
    client.send(request.header("Idempotency-Key", key.as_bytes()).body(body.to_string())).await
}

/// Returns the value of a hidden field.
pub fn hidden<'a>(page: &'a TestResponse, name: &str) -> &'a str {
    let start = format!("name=\"{name}\" value=\"");
    let (_, after) = page.body.split_once(&start).expect("the field");
    after.split_once('"').expect("its end").0
}
