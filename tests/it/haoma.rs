//! The real server in this process, on a free port, and somebody who talks to it.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use haoma::{
    application::Application,
    config::{Config, Env},
    domain::captcha::CaptchaId,
    flows::State,
};
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, COOKIE, HeaderMap, ORIGIN, SET_COOKIE},
    redirect::Policy,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{
    databases::{Scratch, mysql_server, redis_server, sqlite_url},
    gateway::{self, Gateway},
};

/// A password that the policy likes.
pub(crate) const PASSWORD: &str = "correct horse 7";

/// A running Haoma with stores of its own.
pub(crate) struct Haoma {
    /// `http://127.0.0.1:port`.
    pub(crate) base: String,
    /// What the flows use: captchas are read here, never through a back door of the server.
    pub(crate) state: State,
    /// Where its text messages go.
    pub(crate) gateway: Gateway,
    /// `sqlite+memory` or `mysql+redis`, for messages.
    pub(crate) home: &'static str,
    server: JoinHandle<std::io::Result<()>>,
    stop: actix_web::dev::ServerHandle,
}

/// Runs a test on SQLite + memory, and on MySQL + Redis when these are given.
pub(crate) async fn on_each(test: impl AsyncFn(&Haoma)) {
    on_each_with(&[], test).await;
}

/// The same with settings of the test's own.
pub(crate) async fn on_each_with(settings: &[(&str, &str)], test: impl AsyncFn(&Haoma)) {
    let folder = TempDir::new().expect("a folder");
    let sqlite = [("DATABASE_URL", sqlite_url(&folder))];
    run("sqlite+memory", &sqlite, settings, &test).await;
    if let (Some(server), Some(redis)) = (mysql_server(), redis_server()) {
        let database = Scratch::create(server);
        let stores = [("DATABASE_URL", database.url()), ("REDIS_URL", redis)];
        run("mysql+redis", &stores, settings, &test).await;
    }
}

async fn run(
    home: &'static str,
    stores: &[(&str, String)],
    settings: &[(&str, &str)],
    test: &impl AsyncFn(&Haoma),
) {
    let haoma = Haoma::start(home, stores, settings).await;
    test(&haoma).await;
    haoma.end().await;
}

impl Haoma {
    /// Starts with the given stores; everything else as an operator would have it, but for cheap
    /// hashes and generous limits on the one address that all tests come from.
    pub(crate) async fn start(
        home: &'static str,
        stores: &[(&str, String)],
        settings: &[(&str, &str)],
    ) -> Self {
        let gateway = Gateway::start();
        let defaults = [
            ("BIND", "127.0.0.1:0"),
            ("SECRET_KEY", "a key of the tests, long enough for them"),
            ("PASSWORD_ITERATIONS", "1000"),
            ("ALLOW_WEAK_HASHES", "on"),
            ("SMS_PROVIDERS", "webhook"),
            ("SMS_WEBHOOK_URL", &gateway.url),
            ("SMS_WEBHOOK_SECRET", gateway::SECRET),
            ("SMS_PER_ADDRESS_10_MINUTES", "100000"),
            ("SMS_PER_ADDRESS_HOUR", "100000"),
            ("SMS_PER_ADDRESS_DAY", "100000"),
        ];
        let stores = stores.iter().map(|(name, value)| (*name, value.as_str()));
        let pairs = defaults.into_iter().chain(stores).chain(settings.iter().copied());
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::from_env(Env::from_pairs(pairs)).expect("settings");
        if config.database_url.as_str().starts_with("mysql:") {
            let db = haoma::stores::db::Db::open(config.database_url.as_str(), 1).await;
            db.expect("opens").migrate().await.expect("migrates");
        }
        let application = Application::build(&config).await.expect("starts");
        let base = format!("http://{}", application.address);
        let (state, stop) = (application.state.clone(), application.handle());
        Self { base, state, gateway, home, server: tokio::spawn(application.run()), stop }
    }

    pub(crate) async fn end(self) {
        self.stop.stop(false).await;
        self.server.await.expect("no panic").expect("serves");
        self.gateway.stop().await;
    }

    /// Somebody with an empty cookie jar.
    pub(crate) fn visitor(&self) -> Visitor<'_> {
        let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build();
        Visitor { haoma: self, client: client.expect("a client"), cookies: Mutex::default() }
    }

    /// The answer to a picture that was drawn.
    pub(crate) async fn answer_of(&self, captcha_id: &str) -> Option<String> {
        let id = CaptchaId::parse(captcha_id).expect("an id");
        self.state.codes.peek_captcha(&id).await.expect("kv answers")
    }
}

/// A person's browser, or a program, with its cookies.
pub(crate) struct Visitor<'a> {
    pub(crate) haoma: &'a Haoma,
    client: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("JSON: {self:?}"))
    }

    pub(crate) fn errno(&self) -> String {
        self.json()["errno"].as_str().expect("errno is text").to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().expect("a readable header"))
    }
}

impl Visitor<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, "application/json");
        self.send(request.body(body.to_string())).await
    }

    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let form = "application/x-www-form-urlencoded";
        self.send(self.request(Method::POST, path).header(CONTENT_TYPE, form).body(body)).await
    }

    /// A request as a browser on our own page sends it; without the cookies, which `send` adds.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method.clone(), format!("{}{path}", self.haoma.base));
        if method == Method::GET { request } else { request.header(ORIGIN, &self.haoma.base) }
    }

    /// Sends a request with the cookies of this visitor, and keeps those that come back.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let cookies = self.cookies.lock().expect("cookies").clone();
        let cookies: Vec<_> = cookies.iter().map(|(name, it)| format!("{name}={it}")).collect();
        let request =
            if cookies.is_empty() { request } else { request.header(COOKIE, cookies.join("; ")) };
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = actix_web::cookie::Cookie::parse(cookie.to_str().expect("a cookie"))
                .expect("a cookie");
            let mut jar = self.cookies.lock().expect("cookies");
            jar.insert(cookie.name().to_owned(), cookie.value().to_owned());
        }
        Answer { status, headers, body: response.text().await.expect("a body") }
    }

    /// Looks at a new picture and reads it: its id and its letters.
    pub(crate) async fn solve(&self) -> (String, String) {
        let id = uuid::Uuid::new_v4().to_string();
        let picture = self.client.get(format!("{}/api/v1/captchas/{id}", self.haoma.base));
        assert!(picture.send().await.expect("a picture").status().is_success());
        let answer = self.haoma.answer_of(&id).await.expect("an answer");
        (id, answer)
    }

    /// Asks for a code to register with, and tells what came back.
    pub(crate) async fn ask_code(&self, mobile: &str) -> Answer {
        let (captcha_id, captcha) = self.solve().await;
        let body = json!({
            "mobile": mobile, "purpose": "register", "captcha_id": captcha_id, "captcha": captcha,
        });
        self.post_json("/api/v1/sms-codes", &body).await
    }

    /// Registers a number from beginning to end.
    pub(crate) async fn register(&self, mobile: &str) -> Answer {
        let asked = self.ask_code(mobile).await;
        assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
        let sms_code = self.haoma.gateway.code_for(mobile);
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });
        self.post_json("/api/v1/users", &body).await
    }
}

/// A number that no other test uses, for tests that share a Redis.
pub(crate) fn fresh_mobile() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);

    format!("139{:08}", NEXT.fetch_add(1, Ordering::Relaxed))
}
