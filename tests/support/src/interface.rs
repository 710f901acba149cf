//! The interfaces of a flow: a test sends one case as a form, as JSON and as an older front-end does, and expects the
//! same outcome.

use std::sync::LazyLock;

use fluent_bundle::FluentArgs;
use haoma::i18n::{catalog::Catalog, language::Language};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Map, Value};

use crate::client::{FORM, TestClient, TestResponse, form_of};

/// Pages, the JSON API, and the JSON of older front-ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    Page,
    Json,
    Ihome,
    Passport,
}

pub const INTERFACES: [Interface; 4] =
    [Interface::Page, Interface::Json, Interface::Ihome, Interface::Passport];

/// Haoma's own interfaces, for fields that older front-ends do not have.
pub const OWN_INTERFACES: [Interface; 2] = [Interface::Page, Interface::Json];

/// Returns all interfaces and prints each, so that the output of a failed test names it.
pub fn interfaces() -> impl Iterator<Item = Interface> {
    INTERFACES.into_iter().inspect(|interface| print(*interface))
}

/// Does the same for Haoma's own.
pub fn own_interfaces() -> impl Iterator<Item = Interface> {
    OWN_INTERFACES.into_iter().inspect(|interface| print(*interface))
}

#[expect(clippy::print_stdout, reason = "shown when a test fails: which interface it was")]
fn print(interface: Interface) {
    println!("over {interface:?}");
}

/// An action that every interface has, with a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Send,
    Register,
    SignIn,
}

/// The failures for which JSON has a sentence of its own.
const WITH_SENTENCE_IN_JSON: [&str; 6] = [
    "not-found",
    "method-not-allowed",
    "cross-site",
    "headers-too-large",
    "origin-missing",
    "key-reused",
];

pub const ACTIONS: [Action; 3] = [Action::Send, Action::Register, Action::SignIn];

impl Interface {
    /// Returns the path of an action.
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
            // jQuery sends this type with every body, JSON too.
            Self::Page | Self::Ihome => FORM,
            Self::Json | Self::Passport => "application/json",
        }
    }

    /// Returns the name of a field in this interface.
    fn name(self, field: &str) -> &str {
        match (self, field) {
            (Self::Ihome | Self::Passport, "login") => "mobile",
            (Self::Ihome | Self::Passport, "captcha_id") => "image_code_id",
            (Self::Ihome | Self::Passport, "captcha") => "image_code",
            (Self::Passport, "sms_code") => "smscode",
            (_, field) => field,
        }
    }

    /// Returns the HTTP status that this interface has for an outcome. Older front-ends find the outcome in the body.
    pub fn status(self, status: u16) -> u16 {
        match self {
            Self::Page | Self::Json => status,
            Self::Ihome | Self::Passport => 200,
        }
    }

    /// Returns the body of an action; it may contain a field twice.
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

    /// Solves a captcha and requests a code for registration.
    pub async fn request_code(self, client: &TestClient<'_>, mobile: &str) -> TestResponse {
        let (id, answer) = client.solve_captcha().await;
        self.request_code_with(client, mobile, (&id, &answer)).await
    }

    /// Requests a code for registration with this captcha and answer.
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

    /// Checks for success: a page redirects, JSON has the envelope of success.
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

    /// Whether the answer has this status and errno.
    pub fn ended_with(self, response: &TestResponse, (status, errno): (u16, &str)) -> bool {
        match self {
            Self::Page | Self::Json => response.status.as_u16() == status,
            Self::Ihome | Self::Passport => response.errno() == errno,
        }
    }

    /// Returns how many answers have this status and errno.
    pub fn count(self, responses: &[TestResponse], verdict: (u16, &str)) -> usize {
        responses.iter().filter(|response| self.ended_with(response, verdict)).count()
    }

    /// Checks for a refusal with this status, errno and message; the message has to be where a person sees it.
    #[track_caller]
    pub fn assert_refused(
        self,
        response: &TestResponse,
        (status, errno): (u16, &str),
        key: &str,
        args: &[(&'static str, u64)],
    ) {
        let expected = message_text(&self.sentence_key(key), args);
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
                let message = response.json()["errmsg"].as_str().expect("a text").to_owned();
                assert!(message.starts_with(&in_legacy_words(key, &expected)), "{response:?}");
            }
        }
    }

    /// Returns the key of the sentence for a failure: JSON has another one where that of the pages speaks of what only a
    /// page has.
    pub fn sentence_key(self, key: &str) -> String {
        match key.strip_prefix("error-") {
            Some(word) if self != Self::Page && WITH_SENTENCE_IN_JSON.contains(&word) => {
                format!("json-{word}")
            }
            _ => key.to_owned(),
        }
    }

    /// Checks that one field was refused: its message is beside the field, or in `fields`.
    #[track_caller]
    pub fn assert_field_refused(self, response: &TestResponse, field: &str, key: &str) {
        // The number is the default minimum length of a password; other messages have no number.
        self.assert_field_refused_with(response, field, (key, &[("least", 8)]));
    }

    /// Checks that a field of an action was refused because it is missing. Older front-ends put the label of the field
    /// before a sentence that fits all of them.
    #[track_caller]
    pub fn assert_field_missing(self, response: &TestResponse, action: Action, field: &str) {
        let is_older = matches!(self, Self::Ihome | Self::Passport);
        let key = match (action, field) {
            (Action::Register, "password") => "problem-missing-new-password",
            _ if is_older => "problem-missing",
            (_, "mobile") => "problem-missing-mobile",
            (_, "captcha") => "problem-missing-captcha",
            (_, "sms_code") => "problem-missing-sms-code",
            (_, "login") => "problem-missing-login",
            (_, field) => {
                assert_eq!(field, "password");
                "problem-missing-password"
            }
        };
        self.assert_field_refused(response, field, key);
    }

    /// Does the same for a message with numbers in it.
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

    /// Returns the seconds after which a code may be requested again, as this interface has them.
    pub fn resend_after(self, response: &TestResponse) -> u64 {
        match self {
            Self::Page => response.value_after("data-resend-after=\"").parse().expect("seconds"),
            Self::Json | Self::Ihome | Self::Passport => {
                response.json()["data"]["resend_after"].as_u64().expect("seconds")
            }
        }
    }
}

/// Returns a message in the default language.
pub fn message_text(key: &str, args: &[(&'static str, u64)]) -> String {
    static WORDS: LazyLock<Catalog> = LazyLock::new(|| Catalog::load().expect("words"));

    WORDS.translate(Language::Chinese, key, &args.iter().copied().collect::<FluentArgs<'_>>())
}

/// Checks that the answer has a Retry-After header.
#[track_caller]
pub fn assert_has_retry_after(response: &TestResponse) {
    let seconds = response.header("retry-after").parse::<u64>();
    assert!(seconds.is_ok_and(|seconds| seconds > 0), "Retry-After: {response:?}");
}

/// Returns the message that older front-ends get for a failure, where theirs differs.
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

/// Checks that sending is paused, and that header and message have the same wait.
#[track_caller]
pub fn assert_paused(interface: Interface, response: &TestResponse, at_most: u64) {
    let wait = response.header("retry-after").parse::<u64>().expect("seconds");
    assert!((1..=at_most).contains(&wait), "{wait}");
    let args = [("minutes", wait.div_ceil(60))];
    interface.assert_refused(response, (503, "4301"), "error-sms-paused", &args);
}
