//! Secrets that clients hold: codes, tokens and client secrets. Only their hash is stored.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::Rng as _;

use crate::domain::hex::sha256_hex;

/// The longest text that is looked up.
const MAX_LEN: usize = 128;

/// 256 random bits with a prefix, so that people and secret scanners recognise what it is.
#[derive(Clone, PartialEq, Eq)]
pub struct OpaqueToken(String);

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// An authorization code.
    Code,
    /// An access token.
    Access,
    /// A refresh token.
    Refresh,
    /// The secret of a client.
    ClientSecret,
}

impl TokenUse {
    fn prefix(self) -> &'static str {
        match self {
            Self::Code => "haoma_ac_",
            Self::Access => "haoma_at_",
            Self::Refresh => "haoma_rt_",
            Self::ClientSecret => "haoma_cs_",
        }
    }
}

impl OpaqueToken {
    /// Makes a random token.
    pub fn random(token_use: TokenUse) -> Self {
        let bits = BASE64_URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>());
        Self(format!("{}{bits}", token_use.prefix()))
    }

    /// Reads a token that a client sent. `None` if it cannot be one of ours for this use.
    pub fn parse(token_use: TokenUse, text: &str) -> Option<Self> {
        let is_ours = text.starts_with(token_use.prefix()) && text.len() <= MAX_LEN;
        is_ours.then(|| Self(text.to_owned()))
    }

    /// Returns the text for the client. It is a secret.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what is stored.
    pub fn hash(&self) -> String {
        sha256_hex(&self.0)
    }
}

impl fmt::Debug for OpaqueToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_for_one_use_is_no_token_for_another() {
        let code = OpaqueToken::random(TokenUse::Code);
        assert_eq!(OpaqueToken::parse(TokenUse::Code, code.as_str()), Some(code.clone()));
        assert_eq!(OpaqueToken::parse(TokenUse::Access, code.as_str()), None);
        assert_eq!(code.as_str().len(), 52);
        assert_eq!(code.hash().len(), 64);
    }
}
