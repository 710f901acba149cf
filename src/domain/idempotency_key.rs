//! The idempotency key of a request: a client sends it so that a repeated request is done once.

use std::fmt;

use crate::errors::Problem;

/// 1 to 64 visible ASCII characters, for example a UUID. `Debug` hides it, because a client that knows it may get the
/// stored response.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads what a client sent.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let fits =
            (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(Problem::Malformed) }
    }

    /// Returns the key as the client sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_and_visible() {
        for text in ["a", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", &"k".repeat(64)] {
            assert!(IdempotencyKey::parse(text).is_ok(), "{text:?}");
        }
        for text in ["", " ", "a b", "a\tb", "钥匙", "é", &"k".repeat(65)] {
            assert_eq!(IdempotencyKey::parse(text), Err(Problem::Malformed), "{text:?}");
        }
    }
}
