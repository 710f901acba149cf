//! The log lines of every flow, and the secrets that they never contain.

use std::{collections::BTreeSet, time::Duration};

use actix_web::cookie::Cookie;
use reqwest::{
    Method,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN},
};
use serde_json::{Value, json};
use test_support::{
    app::{KEY, PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::{TestClient, TestResponse},
    interface::Interface,
    logs::{self, contains_secret},
    sms_gateway,
    tokens::text_at,
};

const RECEIPTS_SECRET: &str = "abcdefghijklmnopqrstuvwx42";
const SETTINGS: [(&str, &str); 2] =
    [("SMS_PER_MOBILE_HOUR", "100"), ("SMS_RECEIPTS_SECRET", RECEIPTS_SECRET)];

/// The requests of a test, the events that the log has to have, and the secrets that it must not have.
struct AuditTrail<'a> {
    app: &'a TestApp,
    client: TestClient<'a>,
    /// The id of a request, and an event that its lines have to contain.
    expected: Vec<(String, &'static str)>,
    hidden: BTreeSet<String>,
    /// The id of a request and the captcha that came with it: in other lines, four letters are found by chance.
    captchas: Vec<(String, String)>,
}

impl<'a> AuditTrail<'a> {
    fn new(app: &'a TestApp) -> Self {
        let hidden = [
            PASSWORD,
            RECEIPTS_SECRET,
            sms_gateway::SECRET,
            KEY,
            // All our hashes begin like this.
            "$pbkdf2-sha256$",
        ];
        let hidden = hidden.iter().map(|text| (*text).to_owned()).collect();
        Self { app, client: app.client(), expected: Vec::new(), hidden, captchas: Vec::new() }
    }

    fn hide(&mut self, secret: &str) {
        assert!(secret.len() > 5, "{secret} is found anywhere");
        self.hidden.insert(secret.to_owned());
    }

    /// Expects this event in the log lines of the request.
    fn expect_event(&mut self, event: &'static str, response: &TestResponse) {
        self.expected.push((response.header("x-request-id").to_owned(), event));
        let cookies = response.cookies();
        let cookies = cookies.iter().map(Cookie::value).filter(|text| text.len() > 16);
        self.hidden.extend(cookies.map(str::to_owned));
    }

    async fn json(
        &mut self,
        event: &'static str,
        line: (Method, &str),
        body: Value,
    ) -> TestResponse {
        let (method, path) = line;
        let key = uuid::Uuid::new_v4().to_string();
        let request = self.client.request(method, path).header("idempotency-key", &key);
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        self.hide(&key);
        let response = self.client.send(request).await;
        self.expect_event(event, &response);
        response
    }

    async fn code(&mut self, mobile: &str, purpose: &str) -> String {
        self.app.skip_resend_wait().await;
        let (captcha_id, captcha) = self.client.solve_captcha().await;
        let body = json!({ "mobile": mobile, "purpose": purpose, "captcha_id": captcha_id,
            "captcha": &captcha });
        let line = (Method::POST, "/api/v1/sms-codes");
        let before = self.app.gateway.count_for(mobile);
        let asked = self.json("event=sms provider=webhook outcome=sent", line, body).await;
        self.captchas.push((asked.header("x-request-id").to_owned(), captcha));
        // A code for a password reset is sent after the answer.
        while self.app.gateway.count_for(mobile) == before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let code = self.app.gateway.code_for(mobile);
        self.hide(mobile);
        self.hide(&code);
        code
    }
}

const POST: Method = Method::POST;

async fn registers(trail: &mut AuditTrail<'_>, mobile: &str) {
    let (captcha_id, _) = trail.client.solve_captcha().await;
    let wrong = json!({ "mobile": mobile, "purpose": "register", "captcha_id": captcha_id,
        "captcha": "0000" });
    trail.json("error=captcha-wrong", (POST, "/api/v1/sms-codes"), wrong).await;
    let code = trail.code(mobile, "register").await;
    let again = Interface::Page.request_code(&trail.client, mobile).await;
    trail.expect_event("error=too-often-resend errno=4201 status=429", &again);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let with = |code| json!({ "mobile": mobile, "sms_code": code, "password": PASSWORD });
    let users = (POST, "/api/v1/users");
    trail.json("event=sms_code_wrong mobile=139****", users.clone(), with(wrong)).await;
    trail.json("event=registered user=", users.clone(), with(&code)).await;
    trail.json("error=sms-code-gone", users, with(&code)).await;
}

async fn signs_out_and_in(trail: &mut AuditTrail<'_>, mobile: &str) {
    let out = Interface::Page.sign_out(&trail.client).await;
    trail.expect_event("event=signed_out user=", &out);
    trail.hide("wrong horse 9");
    for login in [mobile, "wrong horse 9"] {
        let refused = Interface::Page.sign_in(&trail.client, login, "wrong horse 9").await;
        trail.expect_event("event=sign_in_failed login=", &refused);
        trail.expect_event("event=refused error=wrong-login errno=4102 status=401", &refused);
    }
    let right = json!({ "login": mobile, "password": PASSWORD });
    let token = trail.json("by=password kind=token", (POST, "/api/v1/tokens"), right.clone()).await;
    let token = text_at(&token.json(), "/data/token");
    trail.hide(&token);
    trail.json("by=password kind=session", (POST, "/api/v1/session"), right).await;
    shows_who_it_is(trail, &token).await;
    let code = trail.code(mobile, "login").await;
    let body = json!({ "mobile": mobile, "sms_code": code });
    trail.json("event=signed_in user=", (POST, "/api/v1/session"), body).await;
}

async fn shows_who_it_is(trail: &mut AuditTrail<'_>, token: &str) {
    let jwt = trail.client.get("/api/v1/session/jwt").await;
    trail.hide(&text_at(&jwt.json(), "/data/token"));
    let app = trail.app.client();
    for path in ["/api/v1/forward-auth", "/api/v1/session"] {
        let asked = app
            .request_without_origin(Method::GET, path)
            .header(AUTHORIZATION, format!("Bearer {token}"));
        assert!(app.send(asked).await.status.is_success());
        assert!(trail.client.get(path).await.status.is_success());
    }
}

async fn changes_the_account(trail: &mut AuditTrail<'_>, mobile: &str, new: &str) {
    let others = (Method::DELETE, "/api/v1/sessions");
    trail.json("event=signed_out_others user=", others, json!({})).await;
    let path = "/api/v1/user/password";
    trail.hide("battery staple 8");
    let wrong = json!({ "password": "wrong horse 9", "new_password": "battery staple 8" });
    trail.json("event=refused error=wrong-password", (Method::PUT, path), wrong).await;
    let right = json!({ "password": PASSWORD, "new_password": "battery staple 8" });
    trail.json("event=password_changed user=", (Method::PUT, path), right).await;
    let renamed = json!({ "name": format!("ada-{}", &new[5..]) });
    trail.json("event=name_changed user=", (Method::PATCH, "/api/v1/user"), renamed).await;
    let code = trail.code(new, "rebind").await;
    let body = json!({ "mobile": new, "sms_code": code, "password": "battery staple 8" });
    trail.json("event=mobile_changed user=", (Method::PUT, "/api/v1/user/mobile"), body).await;
    trail.hide(mobile);
    let code = trail.code(new, "reset").await;
    let body = json!({ "mobile": new, "sms_code": code, "password": PASSWORD });
    let resets = (POST, "/api/v1/password-resets");
    trail.json("event=password_reset mobile=139****", resets, body).await;
}

async fn leaves(trail: &mut AuditTrail<'_>, mobile: &str) {
    Interface::Json.sign_in(&trail.client, mobile, PASSWORD).await;
    let gone = json!({ "password": PASSWORD });
    trail.json("event=account_deleted user=", (Method::DELETE, "/api/v1/user"), gone).await;
}

/// Sends requests as an attacker would.
async fn is_attacked(trail: &mut AuditTrail<'_>) {
    let request = trail
        .client
        .request_without_origin(POST, "/api/v1/session")
        .header(ORIGIN, "https://evil.example");
    let foreign = trail.client.send(request).await;
    trail.expect_event("event=refused error=cross-site errno=4201 status=403", &foreign);
    let asked = reqwest::Client::new().get(format!("{}/login", trail.app.base));
    let unknown = trail.client.send(asked.header(HOST, "evil.example")).await;
    trail.expect_event("event=refused error=unknown-host errno=4201 status=421", &unknown);
    let broken = r#"{"login":"ada","password":"wrong horse 9""#;
    let broken = trail.client.post_body("/api/v1/session", "application/json", broken).await;
    trail.expect_event("event=refused error=unreadable", &broken);
    for secret in [RECEIPTS_SECRET, "abcdefghijklmnopqrstuvwx43"] {
        let path = format!("/webhooks/sms/tencent/{secret}");
        trail.client.post_body(&path, "application/json", "[{\"mobile\":\"13812345678\"}]").await;
    }
    let path = format!("/webhooks/sms/twilio/{RECEIPTS_SECRET}");
    let forged = trail.client.post_body(&path, "text/plain", "MessageSid=13812345678").await;
    trail.expect_event("event=sms_receipt_refused provider=\"twilio\"", &forged);
    trail.hide("abcdefghijklmnopqrstuvwx43");
    trail.hide("13812345678");
}

/// R104, R105, R106: every flow is logged with its request id and in UTC, and no secret is logged at any level.
#[tokio::test]
async fn every_flow_is_logged_without_secrets() {
    logs::install();
    on_each_with(&SETTINGS, async |app| {
        let mut trail = AuditTrail::new(app);
        let (mobile, new) = (fresh_mobile(), fresh_mobile());
        registers(&mut trail, &mobile).await;
        signs_out_and_in(&mut trail, &mobile).await;
        changes_the_account(&mut trail, &mobile, &new).await;
        leaves(&mut trail, &new).await;
        is_attacked(&mut trail).await;
        app.state.tasks.close();
        app.state.tasks.wait().await;

        for (id, event) in &trail.expected {
            let lines = logs::lines_of(id);
            assert!(lines.iter().any(|line| line.contains(event)), "{event}: {lines:?}");
            assert!(lines.iter().all(|line| line.contains(" address=127.0.0.1 ")), "{lines:?}");
        }
        for (id, captcha) in &trail.captchas {
            let lines = logs::lines_of(id).join(" ").to_lowercase();
            assert!(
                lines.split(|part: char| !part.is_alphanumeric()).all(|part| part != captcha),
                "{lines}"
            );
        }
        for line in logs::all() {
            let found: Vec<_> =
                trail.hidden.iter().filter(|secret| contains_secret(&line, secret)).collect();
            assert!(found.is_empty(), "{found:?} in {line}");
            let (time, _) = line.split_once(' ').expect("a time");
            assert!(time.len() == 24 && time.ends_with('Z'), "{line}");
        }
    })
    .await;
}

/// Information from libraries is no event of the service: `actix_server` writes such lines when it starts.
#[tokio::test]
async fn libraries_log_nothing_at_info() {
    let turn = logs::capture().await;
    TestApp::start(&[], &[]).await.stop().await;

    let lines = logs::captured(turn);
    let of_libraries = || lines.iter().filter(|line| line.contains(" event=library "));
    let is_demoted = |line: &String| line.contains("starting service") && line.contains(" DEBUG ");
    assert!(of_libraries().any(is_demoted), "{lines:?}");
    assert!(!of_libraries().any(|line| line.contains(" INFO ")), "{lines:?}");
}
