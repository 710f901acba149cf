//! A running Haoma with fake vendors.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use haoma::{
    domain::mobile::Mobile,
    stores::tables::{
        sms_log,
        sms_log::{AttemptRow, MessageRow},
    },
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use test_support::{
    app::{Backends, PASSWORD, TestApp, on_each_backends},
    client::TestResponse,
    fake_vendor::{FakeVendor, Reply, SeenRequest, UNREACHABLE_URL, hang_up},
    vendor_accounts::{ACCOUNTS, answer, success},
};

/// What is at a provider's address.
#[derive(Clone)]
pub(super) enum Endpoint {
    /// A fake vendor.
    Answers(Reply),
    /// A server that reads requests and closes the connection.
    HangUp,
    /// No server.
    Unreachable,
}

/// A provider of `SMS_PROVIDERS` and what is at its address.
pub(super) type Vendor = (&'static str, Endpoint);

/// Limits of the whole service that are too high for any test to reach.
pub(super) const MANY: [(&str, &str); 3] =
    [("SMS_PER_MINUTE", "100000"), ("SMS_PER_HOUR", "100000"), ("SMS_PER_DAY", "100000")];

/// Returns a vendor that accepts everything.
pub(super) fn accepts(name: &'static str) -> Vendor {
    let (status, code) = success(name);
    (name, Endpoint::Answers(Reply::Now(status, answer(name, code))))
}

/// Returns a vendor that answers everything with one of its codes.
pub(super) fn answers_code(name: &'static str, status: u16, code: &str) -> Vendor {
    (name, Endpoint::Answers(Reply::Now(status, answer(name, code))))
}

/// Returns a vendor that answers with a status and a body.
pub(super) fn answers_raw(name: &'static str, status: u16, body: &str) -> Vendor {
    (name, Endpoint::Answers(Reply::Now(status, body.to_owned())))
}

/// A Haoma, its providers in their order, and the requests that they got.
pub(super) struct SmsApp {
    pub(super) app: TestApp,
    servers: Vec<VendorServer>,
}

struct VendorServer {
    name: &'static str,
    url: String,
    fake: Option<FakeVendor>,
    hung_up: Arc<AtomicUsize>,
}

/// Runs a test on SQLite + memory, and on MySQL + Redis if they are available, each time with new fake vendors and
/// closed circuit breakers.
pub(super) async fn on_each(
    vendors: &[Vendor],
    settings: &[(&str, &str)],
    test: impl AsyncFn(&SmsApp),
) {
    on_each_backends(async |backends| run(backends, vendors, settings, &test).await).await;
}

async fn run(
    backends: &Backends,
    vendors: &[Vendor],
    settings: &[(&str, &str)],
    test: &impl AsyncFn(&SmsApp),
) {
    let servers: Vec<_> =
        vendors.iter().map(|(name, end)| VendorServer::start(name, end)).collect();
    let names: Vec<_> = servers.iter().map(|end| end.name).collect();
    let mut own = vec![("SMS_PROVIDERS".to_owned(), names.join(","))];
    let base_url = |running: &VendorServer| {
        (format!("SMS_{}_BASE_URL", running.name.to_uppercase()), running.url.clone())
    };
    own.extend(servers.iter().filter(|end| end.name != "webhook").map(base_url));
    let own = own.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all: Vec<_> = ACCOUNTS.into_iter().chain(own).chain(settings.iter().copied()).collect();
    let sms_app = SmsApp { app: backends.open(&all).await, servers };
    test(&sms_app).await;
    let SmsApp { app, servers } = sms_app;
    app.stop().await;
    for fake in servers.into_iter().filter_map(|end| end.fake) {
        fake.stop().await;
    }
}

impl VendorServer {
    fn start(name: &'static str, end: &Endpoint) -> Self {
        let hung_up = Arc::default();
        match end {
            Endpoint::Answers(reply) => {
                let fake = FakeVendor::start(reply.clone());
                Self { name, url: fake.url.clone(), fake: Some(fake), hung_up }
            }
            Endpoint::HangUp => {
                let (url, hung_up) = hang_up();
                Self { name, url, fake: None, hung_up }
            }
            Endpoint::Unreachable => {
                Self { name, url: UNREACHABLE_URL.to_owned(), fake: None, hung_up }
            }
        }
    }
}

impl SmsApp {
    /// Requests a code with a solved captcha.
    pub(super) async fn request_code(&self, mobile: &str) -> TestResponse {
        self.app.client().request_code(mobile).await
    }

    /// Registers with a code.
    pub(super) async fn register(&self, mobile: &str, code: &str) -> TestResponse {
        let body = json!({ "mobile": mobile, "sms_code": code, "password": PASSWORD });
        self.app.client().post_json("/api/v1/users", &body).await
    }

    /// Requests a code, which has to succeed.
    pub(super) async fn send(&self, mobile: &str) {
        let asked = self.request_code(mobile).await;
        assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
    }

    /// Returns how many requests each provider got.
    pub(super) fn request_counts(&self) -> Vec<usize> {
        let count = |running: &VendorServer| match &running.fake {
            Some(fake) => fake.seen().len(),
            None => running.hung_up.load(Ordering::SeqCst),
        };
        self.servers.iter().map(count).collect()
    }

    /// Sets the reply of a provider to all further requests.
    pub(super) fn set_reply(&self, (name, end): Vendor) {
        let running = self.servers.iter().find(|end| end.name == name).expect("a provider");
        if let Endpoint::Answers(reply) = end {
            running.fake.as_ref().expect("a double").answer(reply);
        }
    }

    /// Returns the requests that a provider got.
    pub(super) fn seen(&self, name: &str) -> Vec<SeenRequest> {
        let running = self.servers.iter().find(|end| end.name == name).expect("a provider");
        running.fake.as_ref().expect("a double").seen()
    }

    /// Returns number and code of the messages that a provider got.
    pub(super) fn messages(&self, name: &str) -> Vec<(String, String)> {
        self.seen(name).iter().map(|request| read(name, request)).collect()
    }

    /// Returns the last code that a provider got.
    pub(super) fn code(&self, name: &str) -> String {
        self.messages(name).pop().expect("a message").1
    }

    /// Returns the SMS log of a number, newest message first.
    pub(super) async fn timeline(&self, mobile: &str) -> Vec<(MessageRow, Vec<AttemptRow>)> {
        let mobile = Mobile::parse(mobile).expect("a number");
        let read = self
            .app
            .state
            .db
            .read(async move |connection| sms_log::timeline(connection, &mobile, 100).await);
        read.await.expect("a timeline")
    }

    /// Returns the outcome of the newest message in the SMS log of a number, and `provider outcome error id` of each
    /// attempt.
    pub(super) async fn newest_message(&self, mobile: &str) -> (String, Vec<String>) {
        let (message, attempts) = self.timeline(mobile).await.swap_remove(0);
        let attempt = |message: AttemptRow| {
            let id = message.provider_message_id.unwrap_or_else(|| "-".to_owned());
            let error = message.provider_error.unwrap_or_default();
            format!("{} {} {error} {id}", message.provider, message.outcome)
        };
        (message.outcome, attempts.into_iter().map(attempt).collect())
    }
}

/// Returns the number and the code in a request, as its vendor reads them.
fn read(name: &str, seen: &SeenRequest) -> (String, String) {
    let json = || serde_json::from_str::<Value>(&seen.body).expect("JSON");
    let pairs =
        |text: &str| url::form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>();
    let pair = |all: &[(String, String)], name: &str| {
        all.iter().find(|item| item.0 == name).expect("a value").1.clone()
    };
    let text = |value: &Value, pointer: &str| {
        value.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned()
    };
    let (to, code) = match name {
        "yuntongxun" => (text(&json(), "/to"), text(&json(), "/datas/0")),
        "tencent" => (text(&json(), "/PhoneNumberSet/0"), text(&json(), "/TemplateParamSet/0")),
        "aliyun" | "aliyun_pnvs" => {
            let query = pairs(&seen.query);
            let param: Value =
                serde_json::from_str(&pair(&query, "TemplateParam")).expect("JSON in a text");
            let to = if name == "aliyun" { "PhoneNumbers" } else { "PhoneNumber" };
            (pair(&query, to), text(&param, "/code"))
        }
        "volcengine" => {
            let param: Value =
                serde_json::from_str(&text(&json(), "/TemplateParam")).expect("JSON in a text");
            (text(&json(), "/PhoneNumbers"), text(&param, "/code"))
        }
        "huawei" => {
            let form = pairs(&seen.body);
            let params: Value =
                serde_json::from_str(&pair(&form, "templateParas")).expect("JSON in a text");
            (pair(&form, "to"), text(&params, "/0"))
        }
        _ => {
            let form = pairs(&seen.body);
            let (to, body) = match name {
                "vonage" => ("to", "text"),
                "sns" => ("PhoneNumber", "Message"),
                _ => ("To", "Body"),
            };
            let digits = |character: &char| character.is_ascii_digit();
            let body = pair(&form, body);
            (
                pair(&form, to),
                body.chars()
                    .skip_while(|character| !digits(character))
                    .take_while(digits)
                    .collect(),
            )
        }
    };
    // Vonage takes numbers without the plus.
    let at_home = to.strip_prefix("+86").or_else(|| to.strip_prefix("86"));
    (at_home.unwrap_or(&to).to_owned(), code)
}
