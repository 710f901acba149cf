//! The SMS providers: their interface, the answers they can give, and the list of the configured ones.

pub mod aliyun;
mod breaker;
pub mod client;
pub mod console;
mod failover;
mod history;
pub mod huawei;
mod json;
pub mod receipts;
pub mod sns;
mod template;
pub mod tencent;
pub mod texts;
pub mod twilio;
#[cfg(test)]
mod vectors;
mod vendor;
pub mod volcengine;
pub mod vonage;
pub mod webhook;
pub mod yuntongxun;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use self::{
    failover::Route,
    history::{History, VendorLimits},
    template::{TemplateParam, Templates},
    texts::Texts,
    vendor::Secret,
};
pub use crate::domain::sms_delivery::{
    AnswerClass, Attempt, ClassifiedAnswer, Delivery, Outcome, PastSend, Receipt,
};
use crate::{
    domain::{mobile::Mobile, sms_code::SmsCode, sms_message::SmsMessage},
    metrics::Metrics,
};

/// A text message with a code; nothing of a request enters its text (R26).
#[derive(Clone, Debug)]
pub struct CodeMessage {
    /// The message without the code.
    pub sms: SmsMessage,
    /// The code.
    pub code: SmsCode,
    /// How long the code is valid.
    pub ttl: Duration,
    /// The text, for providers without templates.
    pub text: String,
}

impl CodeMessage {
    /// Returns the life of the code in whole minutes, rounded up, as templates expect it.
    pub fn minutes(&self) -> u64 {
        whole_minutes(self.ttl)
    }
}

fn whole_minutes(ttl: Duration) -> u64 {
    ttl.as_secs().div_ceil(60).max(1)
}

/// The result of checking our credentials at a provider.
#[derive(Clone, Debug)]
pub struct CredentialCheck {
    /// `Sent` means that the credentials are accepted. The detail names what the provider did not let us read.
    pub answer: ClassifiedAnswer,
    /// The provider's clock, from the `Date` header of its response.
    pub date: Option<DateTime<Utc>>,
}

/// A service that sends text messages.
#[async_trait]
pub trait SmsProvider: Send + Sync {
    /// Returns the name in `SMS_PROVIDERS` and in the log.
    fn name(&self) -> &'static str;

    /// Sends a message once. It takes about five seconds at most, eight for Twilio.
    async fn send(&self, message: &CodeMessage) -> ClassifiedAnswer;

    /// Sends a notice once; the text is for providers without templates. Returns `None` if the provider cannot: vendors
    /// have to approve a template for notices.
    async fn notify(&self, _: &SmsMessage, _: &str) -> Option<ClassifiedAnswer> {
        None
    }

    /// Checks our credentials without sending a message. Returns `None` if the provider's API has no way to do so.
    async fn check(&self) -> Option<CredentialCheck> {
        None
    }
}

/// The providers, in the order in which they are asked.
#[derive(Clone)]
pub struct Sms {
    routes: Arc<[Route]>,
    texts: Arc<Texts>,
    metrics: Metrics,
}

impl Sms {
    /// Takes the providers in their order. The configuration makes sure that there is at least one.
    pub fn new(routes: Vec<Route>, texts: Texts, metrics: Metrics) -> Self {
        Self { routes: routes.into(), texts: Arc::new(texts), metrics }
    }

    /// Writes the message with a code that is valid for `ttl`.
    pub fn code_message(&self, sms: SmsMessage, code: SmsCode, ttl: Duration) -> CodeMessage {
        let text = self.texts.of_code(sms.language, &code, whole_minutes(ttl));
        CodeMessage { sms, code, ttl, text }
    }

    /// Sends a notice through the first provider that can send it, and only that one.
    pub async fn notify(&self, notice: &SmsMessage) -> Delivery {
        let text = self.texts.of_notice(notice);
        self.record_metrics(notice, failover::notify(&self.routes, notice, &text).await)
    }

    /// Sends a message through the first provider that accepts it. It takes ten seconds at most.
    pub async fn deliver(&self, message: &CodeMessage, history: &History) -> Delivery {
        let delivery = failover::deliver(&self.routes, message, history).await;
        self.record_metrics(&message.sms, delivery)
    }

    fn record_metrics(&self, message: &SmsMessage, delivery: Delivery) -> Delivery {
        let purpose = message.purpose.as_str();
        for Attempt { provider, answer: classified, took } in &delivery.attempts {
            self.metrics.sms_attempt(provider, purpose, classified.class.as_str(), *took);
        }
        delivery
    }

    /// Returns each provider and whether its breaker is open.
    pub fn open_breakers(&self) -> impl Iterator<Item = (&'static str, bool)> {
        self.routes.iter().map(|route| (route.name(), route.is_breaker_open()))
    }

    /// Returns how long no provider will be asked for this number, because the breakers of all are open.
    pub fn paused_for(&self, mobile: &Mobile) -> Option<Duration> {
        failover::paused_for(&self.routes, mobile)
    }
}
