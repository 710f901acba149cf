//! The purposes of SMS codes.

use crate::errors::Problem;

/// The purpose of a code. A code sent for one purpose is not accepted for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Registering.
    Register,
    /// Signing in.
    Login,
    /// Resetting the password.
    Reset,
    /// Moving an account to another number. Codes go to the new number, and to the old one as proof of ownership.
    Rebind,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 4] = [Self::Register, Self::Login, Self::Reset, Self::Rebind];

    /// Reads the name of a purpose in the API.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match Self::ALL.into_iter().find(|purpose| purpose.as_str() == text) {
            Some(purpose) => Ok(purpose),
            None if text.is_empty() => Err(Problem::Missing),
            None => Err(Problem::Malformed),
        }
    }

    /// Whether a request for a code is answered before a provider is asked, and in the same way for a number without an
    /// account. Whatever a provider then says must show in no later answer either: a number without an account is never
    /// refused by one.
    pub fn is_answered_before_sending(self) -> bool {
        match self {
            Self::Login | Self::Reset => true,
            Self::Register | Self::Rebind => false,
        }
    }

    /// Returns the name in the API, in Redis keys and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Login => "login",
            Self::Reset => "reset",
            Self::Rebind => "rebind",
        }
    }
}
