//! What is counted, for whoever watches: Prometheus text, on an address of its own (`docs/metrics.md`).
//!
//! A label is one of our own words, or the pattern of a route: never a number, a name or an address.

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

/// The type of what is served.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds: from a page that is in memory to a provider that hangs.
const BUCKETS: [f64; 10] = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0];

type Labels<const N: usize> = [(&'static str, &'static str); N];
type RouteLabels = [(&'static str, Cow<'static, str>); 3];
type Histograms<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

/// How far people come who are to be texted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunnelStep {
    /// They have read the picture.
    CaptchaRight,
    /// They have not, or it was gone.
    CaptchaWrong,
    /// A provider has taken the code, or may have.
    CodeSent,
    /// They have typed it in.
    CodeRight,
    /// They have typed in another.
    CodeWrong,
    /// They have what they came for: an account, a session, a password, a number.
    Done,
}

/// Everything that is counted. Clones count together.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Registered>);

#[derive(Debug)]
struct Registered {
    /// Whether anybody can ask: if not, requests are not timed, nor is a budget told.
    is_served: bool,
    registry: Registry,
    captchas: Counter,
    spoken: Counter,
    funnel: Family<Labels<2>, Counter>,
    sign_ins: Family<Labels<1>, Counter>,
    refusals: Family<Labels<1>, Counter>,
    sms_attempts: Family<Labels<3>, Counter>,
    sms_seconds: Histograms<Labels<1>>,
    sms_not_sent: Family<Labels<2>, Counter>,
    sms_left_alone: Family<Labels<1>, Gauge>,
    budget_used: Family<Labels<2>, Gauge>,
    budget_limit: Family<Labels<2>, Gauge>,
    ladder_changes: Family<Labels<2>, Counter>,
    ladder_step: Gauge,
    test_numbers: Counter,
    hash_waiting: Gauge,
    hash_wait: Histogram,
    db_wait: Histogram,
    db_in_use: Gauge,
    db_connections: Gauge,
    requests: Histograms<RouteLabels>,
}

/// Somebody waits for a core to hash on, as long as this lives.
#[derive(Debug)]
pub struct HashWait {
    metrics: Metrics,
    begun: Instant,
}

impl Default for Metrics {
    /// Counts, and nobody asks.
    fn default() -> Self {
        Self::new(false)
    }
}

impl Metrics {
    /// Counts from nothing on.
    pub fn new(is_served: bool) -> Self {
        let mut registry = Registry::with_prefix("haoma");
        let it = &mut registry;
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        it.register("build", "The version that runs", build);
        let counted = Registered {
            is_served,
            captchas: register(it, "captchas", "Captchas drawn"),
            spoken: register(it, "captchas_spoken", "Captchas said aloud"),
            funnel: register(it, "funnel", "How far people come, by what they want"),
            sign_ins: register(it, "sign_ins", "People let in, by what they proved"),
            refusals: register(it, "refusals", "Failures told to people, by their name in the log"),
            sms_attempts: register(it, "sms_attempts", "Answers of SMS providers, by their class"),
            sms_seconds: register_histogram(
                it,
                "sms_attempt_seconds",
                "How long SMS providers take",
            ),
            sms_not_sent: register(
                it,
                "sms_not_sent",
                "Messages promised and not sent, by the reason",
            ),
            sms_left_alone: register(
                it,
                "sms_left_alone",
                "1 for an SMS provider that failed too often",
            ),
            budget_used: register(it, "sms_budget_used", "Messages in a window of the budget"),
            budget_limit: register(it, "sms_budget_limit", "Messages that the window may hold"),
            ladder_changes: register(it, "ladder_changes", "Steps of the ladder against pumping"),
            ladder_step: register(it, "ladder_step", "0 normal, 1 harder, 2 paused, for everybody"),
            test_numbers: register(it, "test_numbers_used", "Codes made for test numbers"),
            hash_waiting: register(it, "hash_waiting", "Requests that wait for a core to hash on"),
            hash_wait: register_metric(it, "hash_wait_seconds", "How long they wait", seconds()),
            db_wait: register_metric(
                it,
                "db_wait_seconds",
                "Waiting for the database's turn",
                seconds(),
            ),
            db_in_use: register(it, "db_in_use", "Database connections at work"),
            db_connections: register(it, "db_connections", "Database connections there may be"),
            requests: register_histogram(
                it,
                "http_request_seconds",
                "Requests, and how long they took",
            ),
            registry,
        };
        Self(Arc::new(counted))
    }

    /// Whether requests are worth timing.
    pub fn is_served(&self) -> bool {
        self.0.is_served
    }

    /// Everything so far.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.0.registry)?;
        Ok(text)
    }

    /// A captcha was shown.
    pub fn captcha_drawn(&self) {
        self.0.captchas.inc();
    }

    /// A captcha was said aloud.
    pub fn captcha_spoken(&self) {
        self.0.spoken.inc();
    }

    /// Somebody has come so far, who wants this.
    pub fn funnel_step(&self, stage: FunnelStep, purpose: &'static str) {
        self.0.funnel.get_or_create(&[("purpose", purpose), ("stage", stage.as_str())]).inc();
    }

    /// Somebody was let in by this.
    pub fn signed_in(&self, by: &'static str) {
        self.0.sign_ins.get_or_create(&[("by", by)]).inc();
    }

    /// A failure of this name was told.
    pub fn refused(&self, error: &'static str) {
        self.0.refusals.get_or_create(&[("error", error)]).inc();
    }

    /// A provider was asked to send something for this purpose.
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

    /// A message for this purpose is not sent, and whoever asked for it is not told.
    pub fn sms_not_sent(&self, purpose: &'static str, reason: &'static str) {
        self.0.sms_not_sent.get_or_create(&[("purpose", purpose), ("reason", reason)]).inc();
    }

    /// Whether a provider is left alone just now.
    pub fn set_circuit_open(&self, provider: &'static str, is_left_alone: bool) {
        let labels = [("provider", provider)];
        self.0.sms_left_alone.get_or_create(&labels).set(i64::from(is_left_alone));
    }

    /// So much of a window of the budget is used. Every message tells it of all windows, so only if anybody can ask.
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

    /// The ladder was stepped on, by those who share this.
    pub fn sms_abuse_level_changed(&self, scope: &'static str, step: &'static str) {
        self.0.ladder_changes.get_or_create(&[("scope", scope), ("step", step)]).inc();
    }

    /// The step in force for everybody: 0, 1 or 2.
    pub fn set_sms_abuse_levels(&self, step: u32) {
        self.0.ladder_step.set(i64::from(step));
    }

    /// A test number was used (R28).
    pub fn test_number_used(&self) {
        self.0.test_numbers.inc();
    }

    /// Begins to wait for a core.
    pub fn hash_wait(&self) -> HashWait {
        self.0.hash_waiting.inc();
        HashWait { metrics: self.clone(), begun: Instant::now() }
    }

    /// A call has waited so long for its turn at the database.
    pub fn db_wait(&self, wait: Duration) {
        self.0.db_wait.observe(wait.as_secs_f64());
    }

    /// So many of the database's connections are at work.
    pub fn set_db_connections(&self, in_use: u32, of: u32) {
        self.0.db_in_use.set(i64::from(in_use));
        self.0.db_connections.set(i64::from(of));
    }

    /// A request to a route was answered.
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
        self.metrics.0.hash_wait.observe(self.begun.elapsed().as_secs_f64());
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

fn register_histogram<Labels>(registry: &mut Registry, name: &str, help: &str) -> Histograms<Labels>
where
    Labels: Clone + std::hash::Hash + Eq,
    Histograms<Labels>: Metric + Clone,
{
    register_metric(registry, name, help, Family::new_with_constructor(seconds))
}

fn register<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    register_metric(registry, name, help, M::default())
}

fn register_metric<M: Metric + Clone>(
    registry: &mut Registry,
    name: &str,
    help: &str,
    metric: M,
) -> M {
    registry.register(name, help, metric.clone());
    metric
}
