//! A text message, as the flows, the SMS log and the providers know it.

use std::fmt;

use super::{language::Language, mobile::Mobile, purpose::Purpose};

/// The id of a text message: 32 hexadecimal digits, the same ones that name its permits in the rate limits.
///
/// It is the primary key in the SMS log, and providers that hand an id back in receipts get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageId(String);

impl MessageId {
    /// Wraps an id.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text message, without the code that it may carry.
#[derive(Clone, Debug)]
pub struct SmsMessage {
    /// The id of this message.
    pub id: MessageId,
    /// The number that it goes to.
    pub mobile: Mobile,
    /// The language that it is written in.
    pub language: Language,
    /// The reason why it is sent.
    pub purpose: SmsPurpose,
}

/// The reason for a text message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsPurpose {
    /// Somebody asked for a code.
    Code(Purpose),
    /// The owner of an account is told something. Nobody has asked for this message, so it does not count against the
    /// limits of the number.
    Notice(Notice),
}

/// What the owner of an account is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The password was reset.
    PasswordReset,
    /// So many wrong passwords were tried that only known devices may still sign in by password.
    PasswordSignInClosed,
}

/// The word for every [`Notice`].
pub const NOTICE: &str = "notice";

impl SmsPurpose {
    /// Returns the word that the SMS log, the log and the metrics use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code(purpose) => purpose.as_str(),
            Self::Notice(_) => NOTICE,
        }
    }
}
