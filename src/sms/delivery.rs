//! What became of a message, and what follows from it.

use std::time::Duration;

use super::{Class, Verdict};

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
    pub(super) fn of(attempts: &[Attempt]) -> Self {
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
