//! The real server in this process, on a free port.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures_util::future::join;
use haoma::{
    application::Application,
    config::{Config, Env},
    domain::captcha::{CaptchaAnswer, CaptchaId, Difficulty},
    flows::State,
    stores::db::Db,
};
use tempfile::TempDir;
use tokio::{task::JoinHandle, time::Instant};

use crate::{
    client::{TestClient, client},
    clock::TestClock,
    databases::{TestDatabase, mysql_server, redis_server, sqlite_url},
    sms_gateway::{self, Gateway},
};

/// A password that the policy accepts.
pub const PASSWORD: &str = "correct horse 7";

/// The secret key of the server.
pub const KEY: &str = "a key of the tests that is long enough for them";

/// A running Haoma with stores of its own.
pub struct TestApp {
    /// `http://127.0.0.1:port`.
    pub base: String,
    /// The origin that browsers send: `base`, or the public address.
    pub origin: String,
    /// The `Host` header that browsers send, if it differs from `base`.
    pub host: Option<String>,
    /// The address of its metrics, if they are served.
    pub metrics: Option<String>,
    /// The state of the flows. Tests read captchas in it; the server has no endpoint for that.
    pub state: State,
    /// The gateway that gets its text messages.
    pub gateway: Gateway,
    /// Its Redis, for tests that inspect it.
    pub redis: Option<String>,
    /// Its clock.
    pub clock: TestClock,
    server: JoinHandle<std::io::Result<()>>,
    stop: actix_web::dev::ServerHandle,
}

/// Stores on which several Haomas can be started, also at the same time.
pub struct Backends {
    /// `sqlite+memory` or `mysql+redis`, for messages.
    pub name: &'static str,
    /// The variables that configure them.
    pub stores: Vec<(&'static str, String)>,
    /// The clock of every Haoma on them.
    pub clock: TestClock,
}

/// Runs a test on SQLite + memory, and on MySQL + Redis if they are available.
pub async fn on_each(test: impl AsyncFn(&TestApp)) {
    on_each_with(&[], test).await;
}

/// Does the same with settings of the test's own.
pub async fn on_each_with(settings: &[(&str, &str)], test: impl AsyncFn(&TestApp)) {
    on_each_backends(async |backends| {
        let app = backends.open(settings).await;
        test(&app).await;
        app.stop().await;
    })
    .await;
}

/// Does the same on both at once, for a test that has to wait for real time.
pub async fn on_each_at_once(test: impl AsyncFn(&TestApp)) {
    let test = async |backends: &Backends| {
        let app = backends.open(&[]).await;
        test(&app).await;
        app.stop().await;
    };
    join(on_local_backends(&test), on_shared_backends(&test)).await;
}

/// Does the same for tests that start Haoma themselves.
pub async fn on_each_backends(test: impl AsyncFn(&Backends)) {
    on_local_backends(&test).await;
    on_shared_backends(&test).await;
}

async fn on_local_backends(test: impl AsyncFn(&Backends)) {
    let folder = TempDir::new().expect("a folder");
    let stores = vec![("DATABASE_URL", sqlite_url(&folder))];
    test(&Backends::new("sqlite+memory", stores)).await;
}

/// Does the same only on stores that several instances can share.
pub async fn on_shared_backends(test: impl AsyncFn(&Backends)) {
    if let (Some(server), Some(redis)) = (mysql_server(), redis_server()) {
        let database = TestDatabase::create(server);
        let stores = vec![("DATABASE_URL", database.url()), ("REDIS_URL", redis)];
        test(&Backends::new("mysql+redis", stores)).await;
    }
}

impl Backends {
    #[expect(clippy::print_stdout, reason = "shown when a test fails: which backends it ran on")]
    fn new(name: &'static str, stores: Vec<(&'static str, String)>) -> Self {
        println!("on {name}");
        let clock = TestClock::beside(redis_of(&stores).as_deref());
        Self { name, stores, clock }
    }

    /// Starts a Haoma on these stores.
    pub async fn open(&self, settings: &[(&str, &str)]) -> TestApp {
        TestApp::start_at(self.clock.clone(), &self.stores, settings).await
    }

    /// Does the same, with changes of the configuration that no setting can make.
    pub async fn open_adjusted(
        &self,
        settings: &[(&str, &str)],
        adjust: impl FnOnce(&mut Config),
    ) -> TestApp {
        TestApp::start_adjusted(self.clock.clone(), &self.stores, settings, adjust).await
    }
}

/// Returns settings as an operator would have them, except for cheap hashes and generous limits: all tests come from
/// one address, and their numbers have common prefixes. Later settings win.
pub fn settings_with<'a>(
    gateway: &'a Gateway,
    others: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Env {
    Env::from_pairs(variables_with(gateway, others))
}

/// Returns the same as environment variables for a process.
pub fn variables_with<'a>(
    gateway: &'a Gateway,
    others: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<(String, String)> {
    let defaults = [
        ("BIND", "127.0.0.1:0"),
        ("SECRET_KEY", KEY),
        ("PASSWORD_ITERATIONS", "1000"),
        ("ALLOW_WEAK_HASHES", "on"),
        ("SMS_PROVIDERS", "webhook"),
        ("SMS_WEBHOOK_URL", &gateway.url),
        ("SMS_WEBHOOK_SECRET", sms_gateway::SECRET),
        ("MAX_CONNECTIONS_PER_ADDRESS", "100000"),
        // Tests have to see changes in the database at once.
        ("SESSION_CACHE_MILLISECONDS", "0"),
        // One address gets two thirds, which is what the defaults allow to many.
        ("SMS_PER_MINUTE", "90"),
        ("SMS_PER_HOUR", "1500"),
        ("SMS_PER_DAY", "7500"),
    ];
    let of_address = [
        "CAPTCHAS_PER_ADDRESS_MINUTE",
        "CAPTCHAS_PER_ADDRESS_HOUR",
        "SMS_PER_ADDRESS_10_MINUTES",
        "SMS_PER_ADDRESS_HOUR",
        "SMS_PER_ADDRESS_DAY",
        "SMS_PER_SUBNET_10_MINUTES",
        "SMS_PER_SUBNET_HOUR",
        "SMS_PER_SUBNET_DAY",
        "SMS_PER_PREFIX_HOUR",
        "SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES",
        "REGISTRATIONS_PER_ADDRESS_HOUR",
        "REGISTRATIONS_PER_ADDRESS_DAY",
        "SIGN_IN_FAILURES_PER_ADDRESS",
    ];
    let generous = of_address.map(|name| (name, "100000"));
    let pairs = defaults.into_iter().chain(generous).chain(others);
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

impl TestApp {
    /// Starts a Haoma on the given stores.
    pub async fn start(stores: &[(&str, String)], settings: &[(&str, &str)]) -> Self {
        Self::start_at(TestClock::beside(redis_of(stores).as_deref()), stores, settings).await
    }

    async fn start_at(
        clock: TestClock,
        stores: &[(&str, String)],
        settings: &[(&str, &str)],
    ) -> Self {
        Self::start_adjusted(clock, stores, settings, |_| {}).await
    }

    async fn start_adjusted(
        clock: TestClock,
        stores: &[(&str, String)],
        settings: &[(&str, &str)],
        adjust: impl FnOnce(&mut Config),
    ) -> Self {
        let gateway = Gateway::start();
        let redis = redis_of(stores);
        let stores = stores.iter().map(|(name, value)| (*name, value.as_str()));
        let env = settings_with(&gateway, stores.chain(settings.iter().copied()));
        let mut config = Config::from_env(env).expect("settings");
        adjust(&mut config);
        if config.database_url.as_str().starts_with("mysql:") {
            let db = Db::open(config.database_url.as_str(), 1).await;
            db.expect("opens").migrate().await.expect("migrates");
        }
        let application = Application::build_with(&config, clock.clock.clone()).await;
        let application = application.expect("starts");
        let base = format!("http://{}", application.address);
        let public = config.http.public_url;
        let origin =
            public.as_ref().map_or_else(|| base.clone(), |url| url.origin().ascii_serialization());
        let host = public.map(|url| url.authority().to_owned());
        let metrics = application.metrics.as_ref();
        let metrics = metrics.map(|(address, _)| format!("http://{address}/metrics"));
        let (state, stop) = (application.state.clone(), application.handle());
        let server = tokio::spawn(application.run());
        Self { base, origin, host, metrics, state, gateway, redis, clock, server, stop }
    }

    pub async fn stop(self) {
        self.stop.stop(false).await;
        self.server.await.expect("no panic").expect("serves");
        self.gateway.stop().await;
    }

    /// Returns a client with an empty cookie jar.
    pub fn client(&self) -> TestClient<'_> {
        self.client_within(Duration::from_secs(30))
    }

    /// Returns a client that fails the test if an answer takes longer than this.
    pub fn client_within(&self, patience: Duration) -> TestClient<'_> {
        TestClient::new(self, client(patience))
    }

    /// Returns the answer of a captcha, if it exists.
    pub async fn answer_of(&self, captcha_id: &str) -> Option<String> {
        let id = CaptchaId::parse(captcha_id).expect("an id");
        self.state.captchas.get(&id).await.expect("kv answers")
    }

    /// Moves the clock forward.
    pub async fn advance(&self, by: Duration) {
        self.clock.advance(by).await;
    }

    /// Moves the clock forward until every number may be texted again.
    pub async fn skip_resend_wait(&self) {
        self.advance(self.state.rate_limits.resend_interval()).await;
    }

    /// Stores a captcha without drawing it, which would take longer than all else; returns its id and its answer.
    pub async fn captcha_without_picture(&self) -> (String, String) {
        let (id, answer) = (CaptchaId::random(), CaptchaAnswer::random(Difficulty::Normal));
        self.state.captchas.insert(&id, &answer).await.expect("kv answers");
        (id.as_str().to_owned(), answer.as_str().to_owned())
    }

    /// Waits for the tasks that continue after an answer.
    pub async fn wait_for_background_tasks(&self) {
        self.state.tasks.close();
        self.state.tasks.wait().await;
        self.state.tasks.reopen();
    }

    /// Lets a captcha expire at once.
    pub async fn forget_captcha(&self, captcha_id: &str, answer: &str) {
        let id = CaptchaId::parse(captcha_id).expect("an id");
        let answer = CaptchaAnswer::parse(answer).expect("an answer");
        self.state.captchas.consume(&id, &answer).await.expect("it was there");
    }
}

fn redis_of(stores: &[(&str, String)]) -> Option<String> {
    stores.iter().find(|(name, _)| *name == "REDIS_URL").map(|(_, url)| url.clone())
}

/// Returns a number that no other test uses, for tests that share a Redis.
pub fn fresh_mobile() -> String {
    static NEXT: LazyLock<AtomicU32> =
        LazyLock::new(|| AtomicU32::new(rand::random_range(0..90_000_000)));

    format!("139{:08}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Within this time everything has to work again (R129).
const RECOVERY: Duration = Duration::from_secs(5);

/// Checks that the service becomes ready in time.
pub async fn assert_recovers(app: &TestApp) {
    let started = Instant::now();
    loop {
        let ready = app.client().get("/readyz").await;
        if ready.body == r#"{"status":"up"}"# {
            break;
        }
        assert!(started.elapsed() < RECOVERY, "{ready:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
