//! Bearer tokens, as an app uses them.

use std::time::Duration;

use haoma::stores::db::Connection;
use reqwest::{Method, StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};

use crate::{
    app::{PASSWORD, TestApp},
    client::{TestClient, TestResponse, client},
};

/// Signs in as an app and returns the token.
pub async fn token(client: &TestClient<'_>, mobile: &str) -> String {
    let body = json!({ "login": mobile, "password": PASSWORD });
    let made = client.post_json("/api/v1/tokens", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    text_at(&made.json(), "/data/token")
}

/// Returns the text at a JSON pointer.
pub fn text_at(json: &Value, pointer: &str) -> String {
    json.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned()
}

/// Sends a request as an app does: with a token, without cookies or an origin, perhaps with another `Host`.
pub async fn ask(app: &TestApp, method: Method, path: &str, headers: &[&str]) -> TestResponse {
    let mut request =
        client(Duration::from_secs(30)).request(method, format!("{}{path}", app.base));
    for header in headers {
        let (name, value) = header.split_once(": ").expect("name: value");
        request = request.header(name, value);
    }
    app.client().send(request).await
}

pub fn bearer(token: &str) -> String {
    format!("{AUTHORIZATION}: Bearer {token}")
}

pub async fn execute(app: &TestApp, statement: &'static str) {
    let work =
        async move |connection: &mut Connection| Ok(connection.batch_execute(statement).await?);
    app.state.db.write(work).await.expect("executes");
}
