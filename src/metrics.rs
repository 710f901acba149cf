//! The metrics, as Prometheus text on an address of its own (`docs/metrics.md`).
//!
//! A label is a word from this code or the pattern of a route, and never a mobile number, a name or an address.

use std::{
    borrow::Cow,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use prometheus_client::{
    encoding::text,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Metric, Registry},
};

/// The content type of the metrics.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Bounds of the histograms in seconds: from a page that is in memory to a provider that hangs.
const BUCKETS: [f64; 10] = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0];

type Labels<const N: usize> = [(&'static str, &'static str); N];
type RouteLabels = [(&'static str, Cow<'static, str>); 3];
type Histograms<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

/// The steps from a captcha to what an SMS code is requested for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunnelStep {
    /// The captcha was solved.
    CaptchaRight,
    /// The captcha was answered wrongly, or had expired.
    CaptchaWrong,
    /// A provider accepted the code, or may have.
    CodeSent,
    /// The right code was entered.
    CodeRight,
    /// A wrong code was entered.
    CodeWrong,
    /// The account, session, new password or new number exists.
    Done,
}

/// All metrics. Clones share them.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Registered>);

#[derive(Debug)]
struct Registered {
    /// Whether `METRICS_BIND` is set. Without it, requests are not timed and budgets are not reported.
    is_served: bool,
    registry: Registry,
    captchas: Counter,
    spoken: Counter,
    funnel: Family<Labels<2>, Counter>,
    sign_ins: Family<Labels<1>, Counter>,
    hand_overs: Counter,
    refusals: Family<Labels<1>, Counter>,
    oauth_events: Family<Labels<1>, Counter>,
    sms_attempts: Family<Labels<3>, Counter>,
    sms_seconds: Histograms<Labels<1>>,
    sms_not_sent: Family<Labels<2>, Counter>,
    circuit_open: Family<Labels<1>, Gauge>,
    budget_used: Family<Labels<2>, Gauge>,
    budget_limit: Family<Labels<2>, Gauge>,
    sms_abuse_changes: Family<Labels<2>, Counter>,
    sms_abuse_level: Gauge,
    test_numbers: Counter,
    hash_waiting: Gauge,
    hash_wait: Histogram,
    db_wait: Histogram,
    db_in_use: Gauge,
    db_connections: Gauge,
    requests: Histograms<RouteLabels>,
}

/// A request that waits for a core to hash on, until this is dropped.
#[derive(Debug)]
pub struct HashWait {
    metrics: Metrics,
    started: Instant,
}

impl Default for Metrics {
    /// Makes metrics that are not served.
    fn default() -> Self {
        Self::new(false)
    }
}

impl Metrics {
    /// Makes metrics that begin at zero.
    pub fn new(is_served: bool) -> Self {
        let mut registry = Registry::with_prefix("haoma");
        let to = &mut registry;
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        to.register("build", "The version that runs", build);
        let registered = Registered {
            is_served,
            captchas: add(to, "captchas", "Captchas drawn"),
            spoken: add(to, "captchas_spoken", "Captchas spoken"),
            funnel: add(to, "funnel", "Steps reached, by the purpose of the code"),
            sign_ins: add(to, "sign_ins", "Sign-ins, by the proof that was given"),
            hand_overs: add(to, "hand_overs", "Sessions that arrived at another site"),
            refusals: add(to, "refusals", "Failures reported to users, by their name in the log"),
            oauth_events: add(to, "oauth_events", "What OAuth clients asked for and got"),
            sms_attempts: add(to, "sms_attempts", "Answers of SMS providers, by their class"),
            sms_seconds: add_histogram(to, "sms_attempt_seconds", "How long SMS providers take"),
            sms_not_sent: add(to, "sms_not_sent", "Messages silently not sent, by the reason"),
            circuit_open: add(to, "sms_left_alone", "1 for an SMS provider skipped after failures"),
            budget_used: add(to, "sms_budget_used", "Messages in a window of the budget"),
            budget_limit: add(to, "sms_budget_limit", "Messages that the window may hold"),
            sms_abuse_changes: add(to, "ladder_changes", "Changes of the SMS protection"),
            sms_abuse_level: add(to, "ladder_step", "SMS protection: 0 normal, 1 harder, 2 strict"),
            test_numbers: add(to, "test_numbers_used", "Codes made for test numbers"),
            hash_waiting: add(to, "hash_waiting", "Requests that wait for a core to hash on"),
            hash_wait: add_metric(to, "hash_wait_seconds", "How long they wait", seconds()),
            db_wait: add_metric(to, "db_wait_seconds", "Waiting for a connection", seconds()),
            db_in_use: add(to, "db_in_use", "Database connections in use"),
            db_connections: add(to, "db_connections", "Database connections at most"),
            requests: add_histogram(to, "http_request_seconds", "Requests, and how long they took"),
            registry,
        };
        Self(Arc::new(registered))
    }

    /// Tells whether the metrics are served at all.
    pub fn is_served(&self) -> bool {
        self.0.is_served
    }

    /// Returns all metrics in the text format.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.0.registry)?;
        Ok(text)
    }

    /// Counts a captcha that was drawn.
    pub fn captcha_drawn(&self) {
        self.0.captchas.inc();
    }

    /// Counts a captcha that was spoken.
    pub fn captcha_spoken(&self) {
        self.0.spoken.inc();
    }

    /// Counts a step that was reached on the way to this purpose.
    pub fn funnel_step(&self, stage: FunnelStep, purpose: &'static str) {
        self.0.funnel.get_or_create(&[("purpose", purpose), ("stage", stage.as_str())]).inc();
    }

    /// Counts a sign-in, by the proof that was given.
    pub fn signed_in(&self, by: &'static str) {
        self.0.sign_ins.get_or_create(&[("by", by)]).inc();
    }

    /// Counts a session that has arrived at one of the operator's other sites.
    pub fn handed_over(&self) {
        self.0.hand_overs.inc();
    }

    /// Counts a failure that was reported to a user, by its name in the log.
    pub fn refused(&self, error: &'static str) {
        self.0.refusals.get_or_create(&[("error", error)]).inc();
    }

    /// Counts something that an OAuth client asked for, or that was done about one.
    pub fn oauth_event(&self, event: &'static str) {
        self.0.oauth_events.get_or_create(&[("event", event)]).inc();
    }

    /// Counts and times one request to a provider.
    pub fn sms_attempt(
        &self,
        provider: &'static str,
        purpose: &'static str,
        outcome: &'static str,
        took: Duration,
    ) {
        let labels = [("provider", provider), ("purpose", purpose), ("outcome", outcome)];
        self.0.sms_attempts.get_or_create(&labels).inc();
        let labels = [("provider", provider)];
        self.0.sms_seconds.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Counts a message that is not sent although the response does not say so.
    pub fn sms_not_sent(&self, purpose: &'static str, reason: &'static str) {
        self.0.sms_not_sent.get_or_create(&[("purpose", purpose), ("reason", reason)]).inc();
    }

    /// Sets whether a provider is skipped at the moment because it failed too often.
    pub fn set_circuit_open(&self, provider: &'static str, is_open: bool) {
        let labels = [("provider", provider)];
        self.0.circuit_open.get_or_create(&labels).set(i64::from(is_open));
    }

    /// Sets how much of a window of the SMS budget is used. Every message calls this for all windows, so it does
    /// nothing if the metrics are not served.
    pub fn set_sms_budget(
        &self,
        scope: &'static str,
        window: &'static str,
        (used, limit): (u32, u32),
    ) {
        if !self.is_served() {
            return;
        }
        let labels = [("scope", scope), ("window", window)];
        self.0.budget_used.get_or_create(&labels).set(i64::from(used));
        self.0.budget_limit.get_or_create(&labels).set(i64::from(limit));
    }

    /// Counts a change of the level of protection against SMS pumping.
    pub fn sms_abuse_level_changed(&self, scope: &'static str, level: &'static str) {
        self.0.sms_abuse_changes.get_or_create(&[("scope", scope), ("step", level)]).inc();
    }

    /// Sets the level of that protection for the whole service: 0, 1 or 2.
    pub fn set_sms_abuse_level(&self, level: u32) {
        self.0.sms_abuse_level.set(i64::from(level));
    }

    /// Counts a code that was made for a test number (R28).
    pub fn test_number_used(&self) {
        self.0.test_numbers.inc();
    }

    /// Starts to time the wait for a core to hash on.
    pub fn hash_wait(&self) -> HashWait {
        self.0.hash_waiting.inc();
        HashWait { metrics: self.clone(), started: Instant::now() }
    }

    /// Records how long a call has waited for a database connection.
    pub fn db_wait(&self, wait: Duration) {
        self.0.db_wait.observe(wait.as_secs_f64());
    }

    /// Sets how many of the database connections are in use.
    pub fn set_db_connections(&self, in_use: u32, of: u32) {
        self.0.db_in_use.set(i64::from(in_use));
        self.0.db_connections.set(i64::from(of));
    }

    /// Counts and times a request to a route.
    pub fn request_answered(
        &self,
        method: &'static str,
        route: String,
        status: &'static str,
        took: Duration,
    ) {
        let labels =
            [("method", method.into()), ("route", route.into()), ("status", status.into())];
        self.0.requests.get_or_create(&labels).observe(took.as_secs_f64());
    }
}

impl Drop for HashWait {
    fn drop(&mut self) {
        self.metrics.0.hash_waiting.dec();
        self.metrics.0.hash_wait.observe(self.started.elapsed().as_secs_f64());
    }
}

impl FunnelStep {
    fn as_str(self) -> &'static str {
        match self {
            Self::CaptchaRight => "captcha_right",
            Self::CaptchaWrong => "captcha_wrong",
            Self::CodeSent => "code_sent",
            Self::CodeRight => "code_right",
            Self::CodeWrong => "code_wrong",
            Self::Done => "done",
        }
    }
}

fn seconds() -> Histogram {
    Histogram::new(BUCKETS)
}

fn add_histogram<Labels>(registry: &mut Registry, name: &str, help: &str) -> Histograms<Labels>
where
    Labels: Clone + std::hash::Hash + Eq,
    Histograms<Labels>: Metric + Clone,
{
    add_metric(registry, name, help, Family::new_with_constructor(seconds))
}

fn add<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    add_metric(registry, name, help, M::default())
}

fn add_metric<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}
