//! What an SMS code is for.

use crate::errors::Problem;

/// A code texted for one purpose is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To open an account.
    Register,
    /// To sign in.
    Login,
    /// To choose a new password.
    Reset,
    /// To move the account to another number, or away from this one.
    Rebind,
}

impl Purpose {
    /// Every purpose there is.
    pub const ALL: [Self; 4] = [Self::Register, Self::Login, Self::Reset, Self::Rebind];

    /// Reads the purpose from its name on the wire.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match Self::ALL.into_iter().find(|it| it.as_str() == text) {
            Some(purpose) => Ok(purpose),
            None if text.is_empty() => Err(Problem::Missing),
            None => Err(Problem::Malformed),
        }
    }

    /// The name on the wire, in Redis keys and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Login => "login",
            Self::Reset => "reset",
            Self::Rebind => "rebind",
        }
    }
}
