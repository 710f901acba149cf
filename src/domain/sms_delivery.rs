//! What became of a message, and what follows from it.

use std::time::Duration;

/// What became of a message, over all providers.
#[derive(Debug)]
pub struct Delivery {
    /// What follows from it.
    pub outcome: Outcome,
    /// Every provider that was asked, in order.
    pub attempts: Vec<Attempt>,
}

/// What follows from a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A provider accepted it.
    Sent,
    /// A provider may have accepted it.
    Unknown,
    /// This number gets too many, as a provider says or would say.
    TooFrequent,
    /// The number cannot receive messages.
    BadNumber,
    /// Whoever was asked refused for certain: nothing was sent.
    Refused,
    /// Nobody was asked: every provider is being left alone.
    Paused,
    /// Nobody was asked: it is a test number.
    Test,
}

/// One provider's answer.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The provider's name.
    pub provider: &'static str,
    /// What it answered.
    pub verdict: Verdict,
    /// How long it took.
    pub took: Duration,
}

impl Outcome {
    /// Once an outcome was unknown, only an acceptance makes it known again.
    pub fn of(attempts: &[Attempt]) -> Self {
        let has = |class| attempts.iter().any(|it| it.verdict.class == class);
        match attempts.last().map(|it| it.verdict.class) {
            None => Self::Paused,
            Some(Class::Sent) => Self::Sent,
            Some(_) if has(Class::Unknown) => Self::Unknown,
            Some(Class::TooFrequent) => Self::TooFrequent,
            Some(Class::BadNumber) => Self::BadNumber,
            Some(Class::Config | Class::Balance | Class::Busy | Class::Unknown) => Self::Refused,
        }
    }

    /// The outcome in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::TooFrequent => "too_frequent",
            Self::BadNumber => "bad_number",
            Self::Refused => "refused",
            Self::Paused => "paused",
            Self::Test => "test",
        }
    }

    /// Whether the number has been texted, may have been, or counts as such.
    pub fn keeps_permit(self) -> bool {
        match self {
            Self::Sent | Self::Unknown | Self::TooFrequent | Self::Test => true,
            Self::BadNumber | Self::Refused | Self::Paused => false,
        }
    }
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

/// An earlier message to a number that a provider has taken, or may have taken.
#[derive(Clone, Debug)]
pub struct PastSend {
    /// The name of the provider.
    pub provider: String,
    /// The time since the provider was asked.
    pub age: Duration,
}

/// A delivery receipt: what a provider reports about a message after it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's id of the message, as its answer to sending gave it.
    pub message_id: String,
    /// Whether the message reached the phone.
    pub was_delivered: bool,
    /// The code of the carrier: `DELIVRD`, `MK:0001`, …
    pub code: String,
}
