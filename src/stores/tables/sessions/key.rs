//! The secret that stands for a session.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use crate::domain::{hex::hex, keys::Key};

/// What the browser or the app holds: 256 random bits. The database knows only its SHA-256.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey(String);

impl SessionKey {
    /// A new one.
    pub fn random() -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>()))
    }

    /// The one that a secret and a number used once make, each time the same.
    pub fn derived(secret: &Key, nonce: &str) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(secret.mac(&["session", nonce])))
    }

    /// Reads what was sent back; it may still be nobody's.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text for the cookie or the app: a secret.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(&self.0))
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(***)")
    }
}
