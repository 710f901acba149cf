//! Text messages: what a provider is, what it can answer, and the list of them.

pub mod aliyun;
mod breaker;
pub mod client;
pub mod console;
mod delivery;
mod failover;
mod history;
mod json;
pub mod receipts;
mod template;
pub mod tencent;
pub mod twilio;
#[cfg(test)]
mod vectors;
mod vendor;
pub mod webhook;
pub mod yuntongxun;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use self::{
    delivery::{Attempt, Delivery, Outcome},
    failover::Route,
    history::{History, PastSend, VendorLimits},
    template::{TemplateParam, Templates},
    vendor::Secret,
};
use crate::{
    domain::{mobile::Mobile, purpose::Purpose, sms_code::SmsCode},
    metrics::Metrics,
};

/// One message with one code to one number; nothing of a request enters its text (R26).
#[derive(Clone, Debug)]
pub struct Message {
    /// Ours, for the ledger and for providers that hand it back: a random UUID without dashes.
    pub id: String,
    /// Where to.
    pub mobile: Mobile,
    /// The code.
    pub code: SmsCode,
    /// What the code is for.
    pub purpose: Purpose,
    /// How long the code lives.
    pub ttl: Duration,
}

impl Message {
    /// The life of the code in whole minutes, rounded up, as templates want it.
    pub fn minutes(&self) -> u64 {
        self.ttl.as_secs().div_ceil(60).max(1)
    }

    /// The message in words, for providers that have no templates.
    pub fn text(&self) -> String {
        format!("验证码 {}，{} 分钟内有效，请勿告诉他人。", self.code.digits(), self.minutes())
    }
}

/// A message without a code: that a password was reset.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Ours, as of a [`Message`].
    pub id: String,
    /// Where to.
    pub mobile: Mobile,
}

impl Notice {
    /// Its words, always the same.
    pub fn text(&self) -> &'static str {
        "您的账号密码已通过短信验证重置。如非本人操作，请立即联系我们。"
    }
}

/// What a provider says of our account, without a message.
#[derive(Clone, Debug)]
pub struct Checkup {
    /// `Sent` stands for "our credentials are taken"; a detail beside it is what the provider did not
    /// let us see.
    pub verdict: Verdict,
    /// The provider's clock, as its answer told.
    pub date: Option<DateTime<Utc>>,
}

/// What a provider made of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What follows from it.
    pub class: Class,
    /// The provider's own word for it: an error code or a status; never a secret, never a number.
    pub detail: String,
    /// The provider's name for the message, when it gave one.
    pub message_id: Option<String>,
}

impl Class {
    /// The class in the ledger and in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::TooFrequent => "too_frequent",
            Self::BadNumber => "bad_number",
            Self::Config => "config",
            Self::Balance => "balance",
            Self::Busy => "busy",
            Self::Unknown => "unknown",
        }
    }
}

impl Verdict {
    /// A verdict without a message id.
    pub fn new(class: Class, detail: impl Into<String>) -> Self {
        Self { class, detail: detail.into(), message_id: None }
    }
}

/// The classes of answers, by what the service does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Accepted for delivery, which is not delivered.
    Sent,
    /// The provider's own limit for this number is reached.
    TooFrequent,
    /// The number cannot receive messages.
    BadNumber,
    /// Our account, signature or template is wrong there.
    Config,
    /// Our account there is empty.
    Balance,
    /// Refused for certain, for now: overloaded, throttled, unreachable.
    Busy,
    /// Perhaps sent: the request left and no clear answer came.
    Unknown,
}

/// Somebody who can send text messages.
#[async_trait]
pub trait SmsProvider: Send + Sync {
    /// Its name in `SMS_PROVIDERS` and in the log.
    fn name(&self) -> &'static str;

    /// Sends one message once; never longer than about five seconds (Twilio: eight).
    async fn send(&self, message: &Message) -> Verdict;

    /// Sends one notice once, if it can: vendors have to approve a template for it.
    async fn notify(&self, _: &Notice) -> Option<Verdict> {
        None
    }

    /// Tries our credentials without sending, where the provider's API has a way to.
    async fn check(&self) -> Option<Checkup> {
        None
    }
}

/// The providers, in the order in which they are asked.
#[derive(Clone)]
pub struct Sms {
    routes: Arc<[Route]>,
    metrics: Metrics,
}

impl Sms {
    /// The providers in their order; the configuration sees to it that there is one.
    pub fn new(routes: Vec<Route>, metrics: Metrics) -> Self {
        Self { routes: routes.into(), metrics }
    }

    /// Sends a notice through the first provider that can, and only that one.
    pub async fn notify(&self, notice: &Notice) -> Delivery {
        self.counted("notice", failover::notify(&self.routes, notice).await)
    }

    /// Sends a message through the first provider that takes it; ends within ten seconds.
    pub async fn deliver(&self, message: &Message, history: &History) -> Delivery {
        let delivery = failover::deliver(&self.routes, message, history).await;
        self.counted(message.purpose.as_str(), delivery)
    }

    fn counted(&self, purpose: &'static str, delivery: Delivery) -> Delivery {
        for Attempt { provider, verdict, took } in &delivery.attempts {
            self.metrics.sms_attempt(provider, purpose, verdict.class.as_str(), *took);
        }
        delivery
    }

    /// Each provider, and whether it has failed so often that it is left alone.
    pub fn left_alone(&self) -> impl Iterator<Item = (&'static str, bool)> {
        self.routes.iter().map(|it| (it.name(), it.is_left_alone()))
    }

    /// How long no provider will be asked for this number: all of them have failed too often.
    pub fn paused_for(&self, mobile: &Mobile) -> Option<Duration> {
        failover::paused_for(&self.routes, mobile)
    }
}
