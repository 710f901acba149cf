//! The delivery of a text message: the attempts, their outcome, and the receipt.

use std::time::Duration;

/// The delivery of a message through one provider or several.
#[derive(Debug)]
pub struct Delivery {
    /// The outcome of all attempts.
    pub outcome: Outcome,
    /// The attempts in their order.
    pub attempts: Vec<Attempt>,
}

/// The outcome of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A provider accepted it.
    Sent,
    /// A provider may have accepted it.
    Unknown,
    /// The number gets too many messages, by the limits of a provider.
    TooFrequent,
    /// The number cannot receive messages.
    BadNumber,
    /// Every provider that was asked refused for certain, so nothing was sent.
    Refused,
    /// No provider was asked, because the breakers of all are open.
    Paused,
    /// No provider was asked, because this is a test number.
    Test,
}

/// One attempt to send a message through a provider.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The name of the provider.
    pub provider: &'static str,
    /// The provider's answer.
    pub answer: ClassifiedAnswer,
    /// The duration of the attempt.
    pub took: Duration,
}

impl Outcome {
    /// Derives the outcome from the attempts. After an unknown one, only an acceptance makes the outcome known.
    pub fn from_attempts(attempts: &[Attempt]) -> Self {
        let has = |class| attempts.iter().any(|attempt| attempt.answer.class == class);
        match attempts.last().map(|attempt| attempt.answer.class) {
            None => Self::Paused,
            Some(AnswerClass::Sent) => Self::Sent,
            Some(_) if has(AnswerClass::Unknown) => Self::Unknown,
            Some(AnswerClass::TooFrequent) => Self::TooFrequent,
            Some(AnswerClass::BadNumber) => Self::BadNumber,
            Some(
                AnswerClass::Config
                | AnswerClass::Balance
                | AnswerClass::Busy
                | AnswerClass::Unknown,
            ) => Self::Refused,
        }
    }

    /// Returns the word in the SMS log and in the log.
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

    /// Returns whether the permits of the message stay taken: the number was texted, may have been, or counts as such.
    pub fn keeps_permit(self) -> bool {
        match self {
            Self::Sent | Self::Unknown | Self::TooFrequent | Self::Test => true,
            Self::BadNumber | Self::Refused | Self::Paused => false,
        }
    }
}

/// A provider's answer to a message, classified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassifiedAnswer {
    /// The class of the answer.
    pub class: AnswerClass,
    /// The provider's error code or the HTTP status. It is never a secret or a number.
    pub detail: String,
    /// The provider's id of the message, if it gave one.
    pub message_id: Option<String>,
}

impl ClassifiedAnswer {
    /// Makes an answer without a message id.
    pub fn new(class: AnswerClass, detail: impl Into<String>) -> Self {
        Self { class, detail: detail.into(), message_id: None }
    }
}

/// The classes of answers, by what the service does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerClass {
    /// The provider accepted the message. That does not mean it was delivered.
    Sent,
    /// The provider's own limit for this number is reached.
    TooFrequent,
    /// The number cannot receive messages.
    BadNumber,
    /// Our account, sign name or template at the provider is wrong.
    Config,
    /// Our account at the provider is out of money.
    Balance,
    /// The provider refused for certain and for now: it is overloaded, throttles, or cannot be reached.
    Busy,
    /// The message may have been sent: the request left and no clear answer came.
    Unknown,
}

impl AnswerClass {
    /// Returns the word in the SMS log and in the log.
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
