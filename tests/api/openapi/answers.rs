//! Compares real answers with the document: every successful answer, and failures of each kind.

use std::{collections::BTreeSet, sync::Mutex};

use reqwest::Method;
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    client::{TestClient, TestResponse},
    databases::registered,
    oauth_clients,
};

use super::{
    document::{Operation, at, items, members, operation, operations, resolved, text},
    schema::problems,
};

/// Method, path and status of the requests that were sent.
type Met = BTreeSet<(String, String, u16)>;

/// A client whose answers are compared with the document.
struct Reader<'a> {
    client: TestClient<'a>,
    met: &'a Mutex<Met>,
}

impl Reader<'_> {
    /// Sends a request that has to end with this status; `id` fills the placeholder of the path.
    async fn send(
        &self,
        id: &str,
        (method, path): (&str, &str),
        body: &Value,
        status: u16,
    ) -> TestResponse {
        let name: Method = method.to_uppercase().parse().expect("a method");
        let mut request = self.client.request(name, &path.replace("{id}", id));
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = self.client.send(request).await;
        assert_eq!(response.status.as_u16(), status, "{method} {path}: {response:?}");
        assert_documented(method, path, &response);
        self.met.lock().expect("met").insert((method.to_owned(), path.to_owned(), status));
        response
    }

    async fn sends(&self, route: (&str, &str), body: Value, status: u16) -> TestResponse {
        self.send("", route, &body, status).await
    }

    async fn gets(&self, path: &str, status: u16) -> TestResponse {
        self.send("", ("get", path), &Value::Null, status).await
    }

    /// Solves a captcha and requests a code.
    async fn request_code(&self, mobile: &str, purpose: &str, status: u16) {
        let (id, captcha) = self.client.solve_captcha().await;
        let body =
            json!({ "mobile": mobile, "purpose": purpose, "captcha_id": id, "captcha": captcha });
        self.sends(SMS_CODES, body, status).await;
    }

    /// Requests a code and returns it.
    async fn code(&self, mobile: &str, purpose: &str) -> String {
        self.request_code(mobile, purpose, 200).await;
        self.client.app.wait_for_background_tasks().await;
        self.client.app.gateway.code_for(mobile)
    }

    /// Requests everything that needs a session.
    async fn request_user_data(&self, status: u16) {
        for path in ["session", "sessions", "session/jwt", "forward-auth"] {
            self.gets(&format!("/api/v1/{path}"), status).await;
        }
    }
}

const SMS_CODES: (&str, &str) = ("post", "/api/v1/sms-codes");
const USERS: (&str, &str) = ("post", "/api/v1/users");
const LEAVING: (&str, &str) = ("delete", "/api/v1/user");
const RENAMING: (&str, &str) = ("patch", "/api/v1/user");
const MOVING: (&str, &str) = ("put", "/api/v1/user/mobile");
const RESETTING: (&str, &str) = ("post", "/api/v1/password-resets");
const OTHER_PASSWORD: &str = "another horse 8";

/// Checks that the document describes the status, the headers and the body of an answer.
#[track_caller]
fn assert_documented(method: &str, path: &str, response: &TestResponse) {
    let status = response.status.as_u16();
    let described = operation(method, path).response(status);
    let described = described.unwrap_or_else(|| panic!("{method} {path}: {status} {response:?}"));
    for (name, header) in members(at(described, "headers")) {
        if resolved(header).get("required") == Some(&Value::Bool(true)) {
            assert!(response.headers.contains_key(name), "{name} of {method} {path}: {response:?}");
        }
    }
    let names: Vec<_> =
        members(at(described, "headers")).keys().map(|name| name.to_lowercase()).collect();
    for name in PROGRAM_HEADERS.iter().filter(|name| response.headers.contains_key(**name)) {
        assert!(names.iter().any(|named| named == name), "{name} of {method} {path}: {response:?}");
    }
    let Some(content) = described.get("content") else {
        return assert!(response.body.is_empty(), "{method} {path}: {response:?}");
    };
    let media = content.get(response.header("content-type"));
    let media = media.unwrap_or_else(|| panic!("{method} {path}: {response:?}"));
    if response.header("content-type") == "application/json" {
        let found = problems(at(media, "schema"), &response.json());
        assert!(found.is_empty(), "{method} {path} {status}: {found:?}");
    }
    if let Some(errors) = described.get("x-errors") {
        let (error, errno) = (&response.json()["error"], response.errno());
        assert_eq!(text(at(errors, text(error))), errno, "{method} {path}: {response:?}");
    }
}

/// The headers that programs read; the document has to describe them wherever they are sent.
const PROGRAM_HEADERS: [&str; 7] = [
    "retry-after",
    "allow",
    "content-range",
    "x-haoma-user-id",
    "x-haoma-name",
    "x-haoma-mobile",
    "x-haoma-session",
];

#[tokio::test]
async fn every_answer_is_as_described() {
    on_each(async |app| {
        let met = Mutex::default();
        let read = Reader { client: app.client(), met: &met };
        pictures(&read).await;
        let mobile = newcomers(&read).await;
        let again = Reader { client: app.client(), met: &met };
        again.request_code(&mobile, "register", 409).await;
        owners(&read, &mobile).await;
        applications(app, &read).await;
        changes(&read).await;
        let third = fresh_mobile();
        registered(&app.state.db, &third, &fresh_name()).await;
        resets(&read, &third).await;
        let leaver = Reader { client: app.client().signed_in(&fresh_mobile()).await, met: &met };
        leaver.sends(LEAVING, json!({ "password": OTHER_PASSWORD }), 403).await;
        leaver.sends(LEAVING, json!({ "password": PASSWORD }), 200).await;

        let met = met.into_inner().expect("met");
        let missed: Vec<_> = successes().difference(&met).cloned().collect();
        assert_eq!(missed, []);
    })
    .await;
}

/// Returns every successful answer of the document; `fields` tests parts of recordings.
fn successes() -> Met {
    let of = |operation: Operation| {
        let statuses =
            members(at(operation.value, "responses")).keys().filter_map(|key| key.parse().ok());
        let good = statuses.filter(|status| (200..300).contains(status) && *status != 206);
        good.map(move |status| (operation.method.to_owned(), operation.path.to_owned(), status))
    };
    operations().into_iter().flat_map(of).collect()
}

async fn pictures(read: &Reader<'_>) {
    let picture = ("get", "/api/v1/captchas/{id}");
    let audio = ("get", "/api/v1/captchas/{id}/audio");
    read.gets("/api/v1/openapi.json", 200).await;
    read.gets("/api/v1/proof-of-work", 200).await;
    read.send("one", picture, &Value::Null, 200).await;
    read.send("a%20b", picture, &Value::Null, 400).await;
    read.send("one", audio, &Value::Null, 200).await;
    read.send("never", audio, &Value::Null, 404).await;
}

/// Sends the requests of a client without an account, which registers at the end.
async fn newcomers(read: &Reader<'_>) -> String {
    let mobile = fresh_mobile();
    read.request_user_data(401).await;
    let gone = json!({ "mobile": mobile, "purpose": "register", "captcha_id": "never", "captcha": "a7kx" });
    read.sends(SMS_CODES, gone, 422).await;
    read.sends(SMS_CODES, json!({}), 400).await;
    let other = fresh_mobile();
    let code = read.code(&other, "login").await;
    let wish = json!({ "mobile": other, "sms_code": code });
    read.sends(("post", "/api/v1/session"), wish, 201).await;
    read.sends(("delete", "/api/v1/session"), Value::Null, 200).await;
    let code = read.code(&mobile, "register").await;
    read.request_code(&mobile, "register", 429).await;
    let wrong = if code == "123456" { "654321" } else { "123456" };
    let wish = |code: &str| json!({ "mobile": mobile, "sms_code": code, "password": PASSWORD });
    read.sends(USERS, wish(wrong), 422).await;
    read.sends(USERS, wish(&code), 201).await;
    mobile
}

/// Sends the requests of a registered user that change nothing.
async fn owners(read: &Reader<'_>, mobile: &str) {
    read.request_user_data(200).await;
    let login = |password: &str| json!({ "login": mobile, "password": password, "remember": true });
    for (path, status) in [("/api/v1/session", 200), ("/api/v1/tokens", 201)] {
        read.sends(("post", path), login(OTHER_PASSWORD), 401).await;
        read.sends(("post", path), login(PASSWORD), status).await;
    }
    let sessions = read.gets("/api/v1/sessions", 200).await.json();
    let token = items(sessions.pointer("/data/sessions")).find(|value| value["kind"] == "token");
    let id = text(&token.expect("a token")["id"]).to_owned();
    for status in [200, 404] {
        read.send(&id, ("delete", "/api/v1/sessions/{id}"), &Value::Null, status).await;
    }
    read.sends(("delete", "/api/v1/sessions"), Value::Null, 200).await;
    let devices = read.gets("/api/v1/user/devices", 200).await.json();
    let device = items(devices.pointer("/data/devices")).next();
    let id = text(&device.expect("a device")["id"]).to_owned();
    for status in [200, 404] {
        read.send(&id, ("delete", "/api/v1/user/devices/{id}"), &Value::Null, status).await;
    }
}

/// Signs in to an application, and takes its access away.
async fn applications(app: &TestApp, read: &Reader<'_>) {
    let callback = "https://app.example.com/callback";
    let client = oauth_clients::register(app, oauth_clients::new_client(callback), None).await;
    let query = format!("response_type=code&scope=openid&client_id={}", client.id);
    let path = format!("/oauth/authorize?{query}&redirect_uri={callback}");
    assert!(read.client.get(&path).await.header("location").starts_with(callback));
    read.gets("/api/v1/user/applications", 200).await;
    for status in [200, 404] {
        let route = ("delete", "/api/v1/user/applications/{id}");
        read.send(&client.id, route, &Value::Null, status).await;
    }
}

/// Sends the requests of a registered user that change the account.
async fn changes(read: &Reader<'_>) {
    read.sends(RENAMING, json!({ "name": fresh_name() }), 200).await;
    read.sends(RENAMING, json!({ "name": "?" }), 400).await;
    let other = fresh_mobile();
    let code = read.code(&other, "rebind").await;
    let wish = |password: &str| json!({ "mobile": other, "sms_code": code, "password": password });
    read.sends(MOVING, wish(OTHER_PASSWORD), 403).await;
    read.sends(MOVING, wish(PASSWORD), 200).await;
    let wish = json!({ "sms_code": "000000", "new_password": OTHER_PASSWORD });
    read.sends(("put", "/api/v1/user/password"), wish, 422).await;
    let wish = json!({ "password": PASSWORD, "new_password": OTHER_PASSWORD });
    read.sends(("put", "/api/v1/user/password"), wish, 200).await;
    read.sends(("delete", "/api/v1/session"), Value::Null, 200).await;
}

async fn resets(read: &Reader<'_>, mobile: &str) {
    let code = read.code(mobile, "reset").await;
    let wish = json!({ "mobile": mobile, "sms_code": code, "password": PASSWORD });
    read.sends(RESETTING, wish.clone(), 200).await;
    read.sends(RESETTING, wish, 422).await;
}

/// Returns a name that is not taken.
fn fresh_name() -> String {
    format!("n{}", fresh_mobile())
}

/// Sends HEAD, unknown methods and bodies of another type to every path of the document.
#[tokio::test]
async fn other_methods_and_types_are_answered_as_described() {
    let settings = [("DIALECTS", "none")];
    on_each_with(&settings, async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        let paths: BTreeSet<_> = operations().iter().map(|operation| operation.path).collect();
        for path in paths {
            let described: Vec<_> =
                operations().into_iter().filter(|operation| operation.path == path).collect();
            let has = |name: &str| described.iter().any(|operation| operation.method == name);
            let first = described.first().expect("a method").method;
            let address = path.replace("{id}", "one");
            for name in
                ["get", "post", "put", "patch", "delete"].into_iter().filter(|name| !has(name))
            {
                let method: Method = name.to_uppercase().parse().expect("a method");
                let response = client.send(client.request(method, &address)).await;

                assert_eq!(response.status.as_u16(), 405, "{name} {path}: {response:?}");
                assert_documented(first, path, &response);
                let allowed: BTreeSet<_> = response.header("allow").split(", ").collect();
                let known = described.iter().map(|operation| operation.method.to_uppercase());
                assert_eq!(
                    allowed.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(),
                    known.collect()
                );
            }
            // Recordings and pictures are different each time.
            if has("get") && !path.contains("captchas") {
                let read = client.send(client.request(Method::GET, &address)).await;
                let head = client.send(client.request(Method::HEAD, &address)).await;

                assert_eq!((head.status, &*head.body), (read.status, ""), "{path}: {head:?}");
                assert_eq!(head.header("content-type"), read.header("content-type"), "{path}");
            }
            for it in described.iter().filter(|operation| !operation.bodies().is_empty()) {
                let method: Method = it.method.to_uppercase().parse().expect("a method");
                let request = client.request(method, &address).header("content-type", "text/plain");
                let response = client.send(request.body("{}")).await;

                assert_eq!(response.status.as_u16(), 415, "{} {path}: {response:?}", it.method);
                assert_documented(it.method, path, &response);
            }
        }
    })
    .await;
}
