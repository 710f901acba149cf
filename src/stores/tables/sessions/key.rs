//! The key of a session.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::Rng as _;

use crate::domain::{hex::sha256_hex, keys::Key};

/// The secret that a browser or an app holds: 256 random bits. The database stores only its SHA-256.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey(String);

impl SessionKey {
    /// Makes a random key.
    pub fn random() -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>()))
    }

    /// Derives a key from a secret and a nonce. The same two give the same key.
    pub fn derived(secret: &Key, nonce: &str) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(secret.mac(&["session", nonce])))
    }

    /// Reads a key that a client sent. There may be no session with it.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// Returns the text for the cookie or the app. It is a secret.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the hash of the key.
    pub fn hash(&self) -> KeyHash {
        KeyHash(sha256_hex(&self.0))
    }
}

/// The SHA-256 of a key, by which the database finds the session. Nobody can make the key of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyHash(String);

impl KeyHash {
    /// Reads a hash that we have written.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| Self(text.to_owned()))
    }

    /// Returns the hash as 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(***)")
    }
}
