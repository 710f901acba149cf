//! What an SMS code is for.

use crate::errors::Problem;

/// A code texted for one purpose is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To open an account.
    Register,
}

impl Purpose {
    /// Reads the purpose from its name on the wire.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "" => Err(Problem::Missing),
            "register" => Ok(Self::Register),
            _ => Err(Problem::Malformed),
        }
    }

    /// The name on the wire, in Redis keys and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
        }
    }
}
