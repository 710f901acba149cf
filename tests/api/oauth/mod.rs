//! OAuth 2.0 and OpenID Connect: what a client and a browser see.

mod applications;
mod authorize;
mod client_auth;
mod codes;
mod consent;
mod discovery;
mod instances;
mod logout;
mod refresh;
mod relying_parties;
mod secrets;
mod tokens;

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use haoma::domain::oauth::client::{ClientAuth, OauthClient};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile},
    client::{TestClient, TestResponse},
    oauth_clients::{self, Client, register},
};
use url::{Url, form_urlencoded::Serializer};

/// Where the clients of these tests have people sent back to.
const CALLBACK: &str = "https://app.example.com/callback";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Returns what a client of the operator's own is registered with.
fn new_client() -> OauthClient {
    oauth_clients::new_client(CALLBACK)
}

/// Registers a client of the operator's own.
async fn own_client(app: &TestApp) -> Client {
    register(app, new_client(), None).await
}

/// Registers a client of somebody else, for which people have to consent.
async fn foreign_client(app: &TestApp) -> Client {
    register(app, OauthClient { is_own: false, ..new_client() }, None).await
}

/// Registers a client that keeps no secret.
async fn public_client(app: &TestApp) -> Client {
    register(app, OauthClient { auth: ClientAuth::None, ..new_client() }, None).await
}

/// Encodes a query.
fn query(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn challenge() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// Returns the address of a request with PKCE. Later pairs replace earlier ones; an empty value leaves one out.
fn authorize_path(client: &Client, pairs: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let usual = [
        ("response_type", "code"),
        ("client_id", &*client.id),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile"),
        ("state", "the state"),
        ("nonce", "the nonce"),
        ("code_challenge", &*challenge),
        ("code_challenge_method", "S256"),
    ];
    let all: BTreeMap<_, _> = usual.iter().chain(pairs).copied().collect();
    let kept: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    format!("/oauth/authorize?{}", query(&kept))
}

/// Returns what a redirect to the client says.
#[track_caller]
fn answer(response: &TestResponse) -> BTreeMap<String, String> {
    assert_eq!(response.status, StatusCode::SEE_OTHER, "{response:?}");
    let to = Url::parse(response.header("location")).expect("an address");
    assert_eq!(format!("{}{}", to.origin().ascii_serialization(), to.path()), CALLBACK, "{to}");
    to.query_pairs().into_owned().collect()
}

/// Returns the code that a redirect to the client brings.
#[track_caller]
fn code(response: &TestResponse) -> String {
    let answer = answer(response);
    answer.get("code").unwrap_or_else(|| panic!("no code: {answer:?}")).clone()
}

/// Returns a code of a person who is signed in.
async fn code_for(browser: &TestClient<'_>, client: &Client, pairs: &[(&str, &str)]) -> String {
    code(&browser.get(&authorize_path(client, pairs)).await)
}

/// Sends a form to an endpoint as a server does: without cookies and without an origin.
async fn post(
    app: &TestApp,
    path: &str,
    client: Option<&Client>,
    pairs: &[(&str, &str)],
) -> TestResponse {
    let sender = app.client();
    let mut request = sender.request_without_origin(Method::POST, path);
    if let Some(Client { id, secret }) = client {
        request = request.basic_auth(id, Some(secret));
    }
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    sender.send(request.body(query(pairs))).await
}

/// Exchanges a code with PKCE.
async fn exchange(app: &TestApp, client: &Client, code: &str) -> TestResponse {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    post(app, "/oauth/token", Some(client), &pairs).await
}

async fn refresh(app: &TestApp, client: &Client, token: &str) -> TestResponse {
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
    post(app, "/oauth/token", Some(client), &pairs).await
}

async fn userinfo(app: &TestApp, token: &str) -> TestResponse {
    let sender = app.client();
    let request = sender.request_without_origin(Method::GET, "/oauth/userinfo").bearer_auth(token);
    sender.send(request).await
}

/// Returns the tokens of a person who is signed in, with this scope.
async fn tokens_for(
    app: &TestApp,
    browser: &TestClient<'_>,
    client: &Client,
    scope: &str,
) -> Value {
    let code = code_for(browser, client, &[("scope", scope)]).await;
    let response = exchange(app, client, &code).await;
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
    response.json()
}

/// Returns a text of a JSON object.
#[track_caller]
fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("no {name}: {body}"))
}

/// Returns a browser whose owner has just registered.
async fn signed_in(app: &TestApp) -> (TestClient<'_>, String) {
    let (browser, mobile) = (app.client(), fresh_mobile());
    browser.register(&mobile).await;
    (browser, mobile)
}

/// Returns another browser of the owner of this number.
async fn signed_in_elsewhere<'a>(app: &'a TestApp, mobile: &str) -> TestClient<'a> {
    let browser = app.client();
    let body = json!({ "login": mobile, "password": PASSWORD });
    let answer = browser.post_json("/api/v1/session", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    browser
}

#[track_caller]
fn assert_error(response: &TestResponse, status: u16, error: &str) {
    assert_eq!(response.status.as_u16(), status, "{response:?}");
    assert_eq!(text(&response.json(), "error"), error, "{response:?}");
    assert_eq!(response.header("cache-control"), "no-store");
}

/// Returns the claims of a JWT, whose signature is another test's matter.
#[track_caller]
fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("a JWT");
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&payload).expect("JSON")
}
