//! The messages for limits that have been reached.

/// Tells a person which limit has been reached. Several limits share a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitMessage {
    /// The last SMS code for the number was sent a moment ago.
    Resend,
    /// Too many SMS codes for the number within an hour or a day.
    Mobile,
    /// Too many requests from the address, or from its subnet.
    Address,
    /// Too many SMS codes for numbers with the same prefix within an hour.
    Prefix,
    /// Too many failed sign-ins to the account.
    SignIn,
    /// Too many wrong codes for the number within a day.
    WrongCodes,
}

impl LimitMessage {
    /// Returns the key of the sentence in `locales/`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Resend => "error-too-often-resend",
            Self::Mobile => "error-too-often-mobile",
            Self::Address => "error-too-often-address",
            Self::Prefix => "error-too-often-prefix",
            Self::SignIn => "error-too-often-sign-in",
            Self::WrongCodes => "error-too-often-wrong-codes",
        }
    }
}
