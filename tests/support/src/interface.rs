//! The interfaces of one flow, so that one case is sent as a form, as JSON and in the words of older
//! front-ends, and must end alike.

use std::sync::LazyLock;

use fluent_bundle::FluentArgs;
use haoma::i18n::{catalog::Catalog, language::Language};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Map, Value};

use crate::client::{FORM, TestClient, TestResponse, form_of};

/// Pages for people, JSON for programs, and JSON for front-ends of older families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    Page,
    Json,
    Ihome,
    Passport,
}

pub const INTERFACES: [Interface; 4] =
    [Interface::Page, Interface::Json, Interface::Ihome, Interface::Passport];

/// Those that are Haoma's own, for what older front-ends have no word for.
pub const OWN_INTERFACES: [Interface; 2] = [Interface::Page, Interface::Json];

/// All interfaces, one after another. Each is printed, so that a test that fails shows which one it was.
pub fn interfaces() -> impl Iterator<Item = Interface> {
    INTERFACES.into_iter().inspect(|interface| print(*interface))
}

/// The same for Haoma's own.
pub fn own_interfaces() -> impl Iterator<Item = Interface> {
    OWN_INTERFACES.into_iter().inspect(|interface| print(*interface))
}

#[expect(clippy::print_stdout, reason = "shown when a test fails: which interface it was")]
fn print(interface: Interface) {
    println!("over {interface:?}");
}

/// What can be done over every interface, each with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Send,
    Register,
    SignIn,
}

pub const ACTIONS: [Action; 3] = [Action::Send, Action::Register, Action::SignIn];

impl Interface {
    /// The path of an action.
    pub fn path(self, action: Action) -> &'static str {
        match (self, action) {
            (Self::Page, Action::Send | Action::Register) => "/register",
            (Self::Page, Action::SignIn) => "/login",
            (Self::Json, Action::Send) => "/api/v1/sms-codes",
            (Self::Json, Action::Register) => "/api/v1/users",
            (Self::Json, Action::SignIn) => "/api/v1/session",
            (Self::Ihome, Action::Send) => "/api/v1.0/sms_codes",
            (Self::Ihome, Action::Register) => "/api/v1.0/users",
            (Self::Ihome, Action::SignIn) => "/api/v1.0/sessions",
            (Self::Passport, Action::Send) => "/passport/sms_code",
            (Self::Passport, Action::Register) => "/passport/register",
            (Self::Passport, Action::SignIn) => "/passport/login",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            // jQuery says so of every body, JSON too.
            Self::Page | Self::Ihome => FORM,
            Self::Json | Self::Passport => "application/json",
        }
    }

    /// The name of a field in this interface.
    fn name(self, field: &str) -> &str {
        match (self, field) {
            (Self::Ihome | Self::Passport, "login") => "mobile",
            (Self::Ihome | Self::Passport, "captcha_id") => "image_code_id",
            (Self::Ihome | Self::Passport, "captcha") => "image_code",
            (Self::Passport, "sms_code") => "smscode",
            (_, field) => field,
        }
    }

    /// The status of a verdict: older front-ends find it in the body.
    pub fn status(self, status: u16) -> u16 {
        match self {
            Self::Page | Self::Json => status,
            Self::Ihome | Self::Passport => 200,
        }
    }

    /// The body of an action; a field may be in it twice.
    pub fn body(self, action: Action, fields: &[(&str, &str)]) -> String {
        let own: &[(&str, &str)] = match (self, action) {
            (Self::Page, Action::Send) => &[("step", "send")],
            (Self::Page, Action::Register) => &[("step", "register")],
            (Self::Json, Action::Send) => &[("purpose", "register")],
            (_, Action::SignIn)
            | (Self::Json, Action::Register)
            | (Self::Ihome | Self::Passport, Action::Send | Action::Register) => &[],
        };
        let fields = [own, fields].concat();
        let fields: Vec<_> =
            fields.into_iter().map(|(name, value)| (self.name(name), value)).collect();
        match self {
            Self::Page => form_of(&fields),
            Self::Json | Self::Ihome | Self::Passport => {
                let quoted = |text: &str| Value::from(text).to_string();
                let pairs = fields
                    .iter()
                    .map(|(name, value)| format!("{}:{}", quoted(name), quoted(value)));
                format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
            }
        }
    }

    pub async fn perform(
        self,
        client: &TestClient<'_>,
        action: Action,
        fields: &[(&str, &str)],
    ) -> TestResponse {
        client.post_body(self.path(action), self.content_type(), self.body(action, fields)).await
    }

    /// Solves a captcha and asks for a code to register with.
    pub async fn request_code(self, client: &TestClient<'_>, mobile: &str) -> TestResponse {
        let (id, answer) = client.solve_captcha().await;
        self.request_code_with(client, mobile, (&id, &answer)).await
    }

    /// Asks for a code to register with, by a captcha and what is read in it.
    pub async fn request_code_with(
        self,
        client: &TestClient<'_>,
        mobile: &str,
        (id, answer): (&str, &str),
    ) -> TestResponse {
        let fields = [("mobile", mobile), ("captcha_id", id), ("captcha", answer)];
        self.perform(client, Action::Send, &fields).await
    }

    pub async fn register(
        self,
        client: &TestClient<'_>,
        mobile: &str,
        sms_code: &str,
        password: &str,
    ) -> TestResponse {
        let fields = [("mobile", mobile), ("sms_code", sms_code), ("password", password)];
        self.perform(client, Action::Register, &fields).await
    }

    pub async fn sign_in(
        self,
        client: &TestClient<'_>,
        login: &str,
        password: &str,
    ) -> TestResponse {
        self.perform(client, Action::SignIn, &[("login", login), ("password", password)]).await
    }

    pub async fn sign_out(self, client: &TestClient<'_>) -> TestResponse {
        match self {
            Self::Page => {
                let request = client.request(Method::POST, "/logout").header(CONTENT_TYPE, FORM);
                client.send(request).await
            }
            Self::Json => client.delete("/api/v1/session").await,
            Self::Ihome => client.delete("/api/v1.0/session").await,
            Self::Passport => {
                let request = client.request(Method::GET, "/passport/logout");
                client.send(request.header("sec-fetch-site", "same-origin")).await
            }
        }
    }

    /// It went well: a page sends the browser on, JSON has the envelope of success.
    #[track_caller]
    pub fn assert_success(self, response: &TestResponse, status: u16) {
        match self {
            Self::Page => {
                assert_eq!(response.status.as_u16(), 303, "{response:?}");
                assert!(!response.header("location").is_empty(), "{response:?}");
            }
            Self::Json => {
                assert_eq!(response.status.as_u16(), status, "{response:?}");
                assert_eq!(response.errno(), "0", "{response:?}");
            }
            Self::Ihome | Self::Passport => {
                assert_eq!(response.status.as_u16(), 200, "{response:?}");
                assert_eq!(response.errno(), "0", "{response:?}");
            }
        }
    }

    /// Whether it ended so.
    pub fn ended_with(self, response: &TestResponse, (status, errno): (u16, &str)) -> bool {
        match self {
            Self::Page | Self::Json => response.status.as_u16() == status,
            Self::Ihome | Self::Passport => response.errno() == errno,
        }
    }

    /// How many ended so.
    pub fn count(self, responses: &[TestResponse], verdict: (u16, &str)) -> usize {
        responses.iter().filter(|response| self.ended_with(response, verdict)).count()
    }

    /// It was refused, with the status, the number and the sentence of the contract; the sentence
    /// stands where a person sees it.
    #[track_caller]
    pub fn assert_refused(
        self,
        response: &TestResponse,
        (status, errno): (u16, &str),
        key: &str,
        args: &[(&'static str, u64)],
    ) {
        let expected = message_text(key, args);
        assert_eq!(response.status.as_u16(), self.status(status), "{self:?} {response:?}");
        if [429, 503].contains(&status) {
            assert_has_retry_after(response);
        }
        match self {
            Self::Page => {
                assert!(
                    response.messages().contains(&expected),
                    "{expected}: {:?}",
                    response.messages()
                );
            }
            Self::Json => {
                assert_eq!(response.errno(), errno, "{response:?}");
                let word = key.strip_prefix("error-").expect("a key of a failure");
                assert_eq!(response.json()["error"], word, "{response:?}");
                assert_eq!(response.json()["errmsg"], expected.as_str(), "{response:?}");
            }
            Self::Ihome | Self::Passport => {
                let is_of_sign_in = ["4102", "4104"].contains(&errno);
                let errno = if is_of_sign_in { "4106" } else { errno };
                assert_eq!(response.errno(), errno, "{response:?}");
                let told = response.json()["errmsg"].as_str().expect("a text").to_owned();
                assert!(told.starts_with(&in_legacy_words(key, &expected)), "{response:?}");
            }
        }
    }

    /// One field was refused; its sentence stands beside it, or in `fields`.
    #[track_caller]
    pub fn assert_field_refused(self, response: &TestResponse, field: &str, key: &str) {
        // As many characters as passwords have without set-up; other sentences have no number.
        self.assert_field_refused_with(response, field, (key, &[("least", 8)]));
    }

    /// The same for a sentence with numbers in it.
    #[track_caller]
    pub fn assert_field_refused_with(
        self,
        response: &TestResponse,
        field: &str,
        (key, args): (&str, &[(&'static str, u64)]),
    ) {
        let expected = message_text(key, args);
        assert_eq!(response.status.as_u16(), self.status(400), "{self:?} {response:?}");
        match self {
            Self::Page => {
                let beside = response.text_of(&format!("{field}-problem"));
                assert_eq!(beside.as_deref(), Some(expected.as_str()), "{:?}", response.messages());
            }
            Self::Json => {
                assert_eq!(response.errno(), "4103", "{response:?}");
                let fields: Map<String, Value> =
                    response.json()["fields"].as_object().expect("fields").clone();
                assert_eq!(fields.get(field), Some(&Value::from(expected)), "{response:?}");
                let reasons = response.json()["reasons"].as_object().expect("reasons").clone();
                assert!(reasons[field].is_string(), "{response:?}");
                assert!(fields.keys().eq(reasons.keys()), "{response:?}");
            }
            Self::Ihome | Self::Passport => {
                assert_eq!(response.errno(), "4103", "{response:?}");
                assert!(response.json()["errmsg"].to_string().contains(&expected), "{response:?}");
            }
        }
    }

    /// The seconds after which a code may be asked for again, as this face tells them.
    pub fn resend_after(self, response: &TestResponse) -> u64 {
        match self {
            Self::Page => response.value_after("data-resend-after=\"").parse().expect("seconds"),
            Self::Json | Self::Ihome | Self::Passport => {
                response.json()["data"]["resend_after"].as_u64().expect("seconds")
            }
        }
    }
}

/// The sentence of a key in the language of somebody who asks for none.
pub fn message_text(key: &str, args: &[(&'static str, u64)]) -> String {
    static WORDS: LazyLock<Catalog> = LazyLock::new(|| Catalog::load().expect("words"));

    WORDS.translate(Language::Chinese, key, &args.iter().copied().collect::<FluentArgs<'_>>())
}

/// Every answer that asks to come again says when.
#[track_caller]
pub fn assert_has_retry_after(response: &TestResponse) {
    let seconds = response.header("retry-after").parse::<u64>();
    assert!(seconds.is_ok_and(|seconds| seconds > 0), "Retry-After: {response:?}");
}

/// What older front-ends show for a failure, where they have words of their own for it.
fn in_legacy_words(key: &str, sentence: &str) -> String {
    let text = match key {
        "error-store" => "数据库异常",
        "error-captcha-gone" => "图片验证码已过期",
        "error-captcha-wrong" => "图片验证码错误",
        "error-sms-code-gone" => "短信验证码已过期",
        "error-sms-code-wrong" => "短信验证码错误",
        "error-mobile-taken" => "手机号已注册",
        "error-not-signed-in" => "用户未登录",
        "error-input" => "参数错误",
        "error-wrong-login" => "用户名或密码错误",
        "error-sms-refused"
        | "error-sms-paused"
        | "error-sms-budget-spent"
        | "error-sms-bad-number" => "短信发送失败",
        _ => sentence,
    };
    text.to_owned()
}

/// Nobody is texted for a while, which header and sentence tell alike.
#[track_caller]
pub fn assert_paused(interface: Interface, response: &TestResponse, at_most: u64) {
    let wait = response.header("retry-after").parse::<u64>().expect("seconds");
    assert!((1..=at_most).contains(&wait), "{wait}");
    let args = [("minutes", wait.div_ceil(60))];
    interface.assert_refused(response, (503, "4301"), "error-sms-paused", &args);
}
