//! Legacy APIs: every request of their tables, under every name, and their common behaviour.

mod drf;
mod edges;
mod ihome;
mod passport;
mod repeated;
mod static_root;

use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Map, Value, json};
use test_support::{
    app::{PASSWORD, TestApp},
    client::{FORM, TestClient, TestResponse, form_of},
};

/// The five names of the error number, and the two of its message.
const NUMBERS: [&str; 5] = ["errno", "errcode", "error", "error_code", "re_code"];
const SENTENCES: [&str; 2] = ["errmsg", "msg"];

/// A request with the path and the field names of a legacy API.
struct Request<'a> {
    method: Method,
    path: String,
    fields: Vec<(&'a str, &'a str)>,
}

impl Request<'_> {
    /// Sends it: the fields are in the query for GET, otherwise in a body of this kind.
    async fn by(&self, client: &TestClient<'_>, body: Body) -> TestResponse {
        let form = form_of(&self.fields);
        if self.method == Method::GET {
            let path = match &*form {
                "" => self.path.clone(),
                form => format!("{}?{form}", self.path),
            };
            let request = client.request(Method::GET, &path);
            return client.send(request.header("sec-fetch-site", "same-origin")).await;
        }
        let object: Map<String, Value> =
            self.fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let object = Value::Object(object).to_string();
        let (content_type, body) = match body {
            Body::Json => ("application/json", object),
            Body::JsonAsForm => (FORM, object),
            Body::Form => (FORM, form),
        };
        let request = client.request(self.method.clone(), &self.path);
        client.send(request.header(CONTENT_TYPE, content_type).body(body)).await
    }
}

/// The encoding of the fields in a body.
#[derive(Clone, Copy, Debug)]
enum Body {
    Json,
    JsonAsForm,
    Form,
}

const BODIES: [Body; 3] = [Body::Json, Body::JsonAsForm, Body::Form];

/// Checks the error number under every name, with status 200 and a data object.
#[track_caller]
fn assert_answer(response: &TestResponse, errno: &str) -> Value {
    assert_eq!(response.status.as_u16(), 200, "{response:?}");
    let json = response.json();
    for name in NUMBERS {
        assert_eq!(json[name], errno, "{name}: {response:?}");
    }
    for name in SENTENCES {
        assert!(!json[name].as_str().expect("a text").is_empty(), "{response:?}");
        assert_eq!(json[name], json["errmsg"]);
    }
    assert!(json["data"].is_object(), "{response:?}");
    json
}

/// Checks the user's data under every name that scripts use.
#[track_caller]
fn assert_is_person(json: &Value, mobile: &str) {
    let masked = format!("{}****{}", &mobile[..3], &mobile[7..]);
    let (id, name) = (&json["data"]["user_id"], &json["data"]["name"]);
    let created = &json["data"]["create_time"];
    assert!(id.is_u64() && name.as_str().is_some_and(|text| !text.is_empty()), "{json}");
    let moment = created.as_str().expect("a text");
    assert!(chrono::NaiveDateTime::parse_from_str(moment, "%Y-%m-%d %H:%M:%S").is_ok(), "{json}");
    let data = json!({
        "user_id": id, "name": name, "user_name": name, "username": name, "mobile": masked,
        "user_mobile": masked, "avatar": "", "avatar_url": "", "create_time": created,
    });
    let user = json!({
        "user_id": id, "name": name, "phone": masked, "phone_num": masked, "avatar": "",
        "avatar_url": "",
    });
    assert_eq!((&json["data"], &json["user"]), (&data, &user));
}

/// Solves the captcha at `path`, which ends with or contains the id.
async fn solved(client: &TestClient<'_>, path: &str, id: &str) -> String {
    let picture = client.get(path).await;
    assert_eq!(picture.status.as_u16(), 200, "{path}: {picture:?}");
    assert_eq!(picture.header("content-type"), "image/png", "{path}");
    let answer = client.app.answer_of(id).await.expect("an answer");
    assert_eq!(answer.len(), 4, "scripts check for four letters");
    answer
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Requests a code through `/api/v1` and returns it.
async fn texted(app: &TestApp, client: &TestClient<'_>, mobile: &str) -> String {
    let asked = client.request_code(mobile).await;
    assert_eq!(asked.status.as_u16(), 200, "{asked:?}");
    let code = app.gateway.code_for(mobile);
    assert_eq!(code.len(), 6, "scripts check for six digits");
    code
}

/// Returns the fields of a sign-in under their usual names.
fn credentials(mobile: &str) -> Vec<(&'static str, String)> {
    vec![("mobile", mobile.to_owned()), ("password", PASSWORD.to_owned())]
}
