//! Bearer tokens, as an app uses them.

use std::time::Duration;

use haoma::stores::db::Connection;
use reqwest::{Method, StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};

use crate::{
    app::{PASSWORD, TestApp},
    client::{TestClient, TestResponse, client},
};

/// Signs in as an app.
pub async fn token(person: &TestClient<'_>, mobile: &str) -> String {
    let body = json!({ "login": mobile, "password": PASSWORD });
    let made = person.post_json("/api/v1/tokens", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    text_at(&made.json(), "/data/token")
}

/// The text at a place in JSON.
pub fn text_at(json: &Value, place: &str) -> String {
    json.pointer(place).and_then(Value::as_str).expect("a text").to_owned()
}

/// Asks as an app does: with a token, without cookies, from no origin, perhaps under another name.
pub async fn ask(haoma: &TestApp, method: Method, path: &str, headers: &[&str]) -> TestResponse {
    let mut request =
        client(Duration::from_secs(30)).request(method, format!("{}{path}", haoma.base));
    for header in headers {
        let (name, value) = header.split_once(": ").expect("name: value");
        request = request.header(name, value);
    }
    haoma.client().send(request).await
}

pub fn bearer(token: &str) -> String {
    format!("{AUTHORIZATION}: Bearer {token}")
}

pub async fn execute(haoma: &TestApp, statement: &'static str) {
    let work = async move |it: &mut Connection| Ok(it.batch_execute(statement).await?);
    haoma.state.db.write(work).await.expect("executes");
}
