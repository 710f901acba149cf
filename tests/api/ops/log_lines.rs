//! What is told in the log of every flow, and what never is.

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
    logs::{self, tells},
    sms_gateway,
    tokens::text_at,
};

const RECEIPTS_SECRET: &str = "abcdefghijklmnopqrstuvwx42";
const SETTINGS: [(&str, &str); 2] =
    [("SMS_PER_MOBILE_HOUR", "100"), ("SMS_RECEIPTS_SECRET", RECEIPTS_SECRET)];

/// A person's whole life with us, and what must be and must not be told of it.
struct Life<'a> {
    haoma: &'a TestApp,
    person: TestClient<'a>,
    /// The name of a request, and what its lines say.
    told: Vec<(String, &'static str)>,
    hidden: BTreeSet<String>,
    /// The name of a request, and the captcha that came with it: four letters are found anywhere else.
    captchas: Vec<(String, String)>,
}

impl<'a> Life<'a> {
    fn new(haoma: &'a TestApp) -> Self {
        let hidden = [
            PASSWORD,
            RECEIPTS_SECRET,
            sms_gateway::SECRET,
            KEY,
            // Every hash of ours begins with it.
            "$pbkdf2-sha256$",
        ];
        let hidden = hidden.iter().map(|it| (*it).to_owned()).collect();
        Self { haoma, person: haoma.client(), told: Vec::new(), hidden, captchas: Vec::new() }
    }

    fn hide(&mut self, secret: &str) {
        assert!(secret.len() > 5, "{secret} is found anywhere");
        self.hidden.insert(secret.to_owned());
    }

    /// What was done must be told so.
    fn told(&mut self, event: &'static str, answer: &TestResponse) {
        self.told.push((answer.header("x-request-id").to_owned(), event));
        let cookies = answer.cookies();
        let cookies = cookies.iter().map(Cookie::value).filter(|it| it.len() > 16);
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
        let request = self.person.request(method, path).header("idempotency-key", &key);
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        self.hide(&key);
        let answer = self.person.send(request).await;
        self.told(event, &answer);
        answer
    }

    async fn code(&mut self, mobile: &str, purpose: &str) -> String {
        self.haoma.skip_resend_wait().await;
        let (captcha_id, captcha) = self.person.solve_captcha().await;
        let body = json!({ "mobile": mobile, "purpose": purpose, "captcha_id": captcha_id,
            "captcha": &captcha });
        let line = (Method::POST, "/api/v1/sms-codes");
        let before = self.haoma.gateway.count_for(mobile);
        let asked = self.json("event=sms provider=webhook outcome=sent", line, body).await;
        self.captchas.push((asked.header("x-request-id").to_owned(), captcha));
        // A code to reset a password with is on its way only after the answer.
        while self.haoma.gateway.count_for(mobile) == before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let code = self.haoma.gateway.code_for(mobile);
        self.hide(mobile);
        self.hide(&code);
        code
    }
}

const POST: Method = Method::POST;

async fn comes_in(life: &mut Life<'_>, mobile: &str) {
    let (captcha_id, _) = life.person.solve_captcha().await;
    let wrong = json!({ "mobile": mobile, "purpose": "register", "captcha_id": captcha_id,
        "captcha": "0000" });
    life.json("error=captcha-wrong", (POST, "/api/v1/sms-codes"), wrong).await;
    let code = life.code(mobile, "register").await;
    let again = Interface::Page.request_code(&life.person, mobile).await;
    life.told("error=too-often-resend errno=4201 status=429", &again);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let with = |code| json!({ "mobile": mobile, "sms_code": code, "password": PASSWORD });
    let users = (POST, "/api/v1/users");
    life.json("event=sms_code_wrong mobile=139****", users.clone(), with(wrong)).await;
    life.json("event=registered user=", users.clone(), with(&code)).await;
    life.json("error=sms-code-gone", users, with(&code)).await;
}

async fn goes_and_comes_back(life: &mut Life<'_>, mobile: &str) {
    let out = Interface::Page.sign_out(&life.person).await;
    life.told("event=signed_out user=", &out);
    life.hide("wrong horse 9");
    for login in [mobile, "wrong horse 9"] {
        let refused = Interface::Page.sign_in(&life.person, login, "wrong horse 9").await;
        life.told("event=sign_in_failed login=", &refused);
        life.told("event=refused error=wrong-login errno=4102 status=401", &refused);
    }
    let right = json!({ "login": mobile, "password": PASSWORD });
    let token = life.json("by=password kind=token", (POST, "/api/v1/tokens"), right.clone()).await;
    let token = text_at(&token.json(), "/data/token");
    life.hide(&token);
    life.json("by=password kind=session", (POST, "/api/v1/session"), right).await;
    shows_who_it_is(life, &token).await;
    let code = life.code(mobile, "login").await;
    let body = json!({ "mobile": mobile, "sms_code": code });
    life.json("event=signed_in user=", (POST, "/api/v1/session"), body).await;
}

async fn shows_who_it_is(life: &mut Life<'_>, token: &str) {
    let jwt = life.person.get("/api/v1/session/jwt").await;
    life.hide(&text_at(&jwt.json(), "/data/token"));
    let app = life.haoma.client();
    for path in ["/api/v1/forward-auth", "/api/v1/session"] {
        let asked = app
            .request_without_origin(Method::GET, path)
            .header(AUTHORIZATION, format!("Bearer {token}"));
        assert!(app.send(asked).await.status.is_success());
        assert!(life.person.get(path).await.status.is_success());
    }
}

async fn changes_everything(life: &mut Life<'_>, mobile: &str, new: &str) {
    let others = (Method::DELETE, "/api/v1/sessions");
    life.json("event=signed_out_others user=", others, json!({})).await;
    let path = "/api/v1/user/password";
    life.hide("battery staple 8");
    let wrong = json!({ "password": "wrong horse 9", "new_password": "battery staple 8" });
    life.json("event=refused error=wrong-password", (Method::PUT, path), wrong).await;
    let right = json!({ "password": PASSWORD, "new_password": "battery staple 8" });
    life.json("event=password_changed user=", (Method::PUT, path), right).await;
    let renamed = json!({ "name": format!("ada-{}", &new[5..]) });
    life.json("event=name_changed user=", (Method::PATCH, "/api/v1/user"), renamed).await;
    let code = life.code(new, "rebind").await;
    let body = json!({ "mobile": new, "sms_code": code, "password": "battery staple 8" });
    life.json("event=mobile_changed user=", (Method::PUT, "/api/v1/user/mobile"), body).await;
    life.hide(mobile);
    let code = life.code(new, "reset").await;
    let body = json!({ "mobile": new, "sms_code": code, "password": PASSWORD });
    let resets = (POST, "/api/v1/password-resets");
    life.json("event=password_reset mobile=139****", resets, body).await;
}

async fn leaves(life: &mut Life<'_>, mobile: &str) {
    Interface::Json.sign_in(&life.person, mobile, PASSWORD).await;
    let gone = json!({ "password": PASSWORD });
    life.json("event=account_deleted user=", (Method::DELETE, "/api/v1/user"), gone).await;
}

/// What others try.
async fn is_attacked(life: &mut Life<'_>) {
    let request = life
        .person
        .request_without_origin(POST, "/api/v1/session")
        .header(ORIGIN, "https://evil.example");
    let foreign = life.person.send(request).await;
    life.told("event=refused error=cross-site errno=4201 status=403", &foreign);
    let asked = reqwest::Client::new().get(format!("{}/login", life.haoma.base));
    let unknown = life.person.send(asked.header(HOST, "evil.example")).await;
    life.told("event=refused error=unknown-host errno=4201 status=421", &unknown);
    let broken = r#"{"login":"ada","password":"wrong horse 9""#;
    let broken = life.person.post_body("/api/v1/session", "application/json", broken).await;
    life.told("event=refused error=unreadable", &broken);
    for secret in [RECEIPTS_SECRET, "abcdefghijklmnopqrstuvwx43"] {
        let path = format!("/webhooks/sms/tencent/{secret}");
        life.person.post_body(&path, "application/json", "[{\"mobile\":\"13812345678\"}]").await;
    }
    life.hide("abcdefghijklmnopqrstuvwx43");
    life.hide("13812345678");
}

/// R104, R105, R106: every flow is told, with its request and in UTC, and no secret is, at any
/// level.
#[tokio::test]
async fn every_flow_is_told_and_no_secret_is() {
    logs::install();
    on_each_with(&SETTINGS, async |haoma| {
        let mut life = Life::new(haoma);
        let (mobile, new) = (fresh_mobile(), fresh_mobile());
        comes_in(&mut life, &mobile).await;
        goes_and_comes_back(&mut life, &mobile).await;
        changes_everything(&mut life, &mobile, &new).await;
        leaves(&mut life, &new).await;
        is_attacked(&mut life).await;
        haoma.state.tasks.close();
        haoma.state.tasks.wait().await;

        for (id, event) in &life.told {
            let lines = logs::lines_of(id);
            assert!(lines.iter().any(|it| it.contains(event)), "{event}: {lines:?}");
            assert!(lines.iter().all(|it| it.contains(" address=127.0.0.1 ")), "{lines:?}");
        }
        for (id, captcha) in &life.captchas {
            let lines = logs::lines_of(id).join(" ").to_lowercase();
            assert!(
                lines.split(|it: char| !it.is_alphanumeric()).all(|it| it != captcha),
                "{lines}"
            );
        }
        for line in logs::all() {
            let found: Vec<_> = life.hidden.iter().filter(|it| tells(&line, it)).collect();
            assert!(found.is_empty(), "{found:?} in {line}");
            let (time, _) = line.split_once(' ').expect("a time");
            assert!(time.len() == 24 && time.ends_with('Z'), "{line}");
        }
    })
    .await;
}

/// What libraries call information is no event of the service: `actix_server` writes such lines when it starts.
#[tokio::test]
async fn libraries_have_no_line_at_info() {
    let turn = logs::capture().await;
    TestApp::start(&[], &[]).await.stop().await;

    let lines = logs::captured(turn);
    let of_libraries = || lines.iter().filter(|line| line.contains(" event=library "));
    let is_demoted = |line: &String| line.contains("starting service") && line.contains(" DEBUG ");
    assert!(of_libraries().any(is_demoted), "{lines:?}");
    assert!(!of_libraries().any(|line| line.contains(" INFO ")), "{lines:?}");
}
