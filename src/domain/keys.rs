//! The server's secret, and the keys that are derived from it, one for each use.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::hex::hex;

/// The value of `SECRET_KEY`, and former values that are still accepted for reading.
///
/// Nothing is ever signed with it directly: a value made for one use must fail for every other (R145).
#[derive(Clone)]
pub struct SecretKey {
    current: Vec<u8>,
    fallbacks: Vec<Vec<u8>>,
}

/// A key for one use.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl SecretKey {
    /// Takes the bytes of the secret.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { current: bytes, fallbacks: Vec::new() }
    }

    /// Accepts what was made with these former values as well.
    #[must_use]
    pub fn with_fallbacks(self, fallbacks: Vec<Vec<u8>>) -> Self {
        Self { fallbacks, ..self }
    }

    /// Derives the key for the use that the label names.
    pub fn derive(&self, label: &str) -> Key {
        derive(&self.current, label)
    }

    /// Derives the keys to read with for one use: that of [`derive`](Self::derive), then those of the former values.
    pub fn derive_all(&self, label: &str) -> Vec<Key> {
        let all = [&self.current].into_iter().chain(&self.fallbacks);
        all.map(|secret| derive(secret, label)).collect()
    }

    /// Returns an id for the current key and each former one that reveals nothing about them.
    pub fn ids(&self) -> Vec<String> {
        let short = |key: &Key| hex(key.as_bytes()).chars().take(8).collect();
        self.derive_all("id").iter().map(short).collect()
    }
}

impl Key {
    /// Returns the HMAC-SHA256 of the parts, each preceded by its length so that no two lists of parts give the same
    /// text.
    pub fn mac(&self, parts: &[&str]) -> [u8; 32] {
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        mac(&self.0, &parts)
    }

    /// Derives a key from this one and these parts.
    #[must_use]
    pub fn derive(&self, parts: &[&str]) -> Self {
        Self(self.mac(parts))
    }

    /// Returns the bytes of the key, for libraries that need them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn derive(secret: &[u8], label: &str) -> Key {
    Key(mac(secret, &[b"haoma", label.as_bytes()]))
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC accepts keys of any length, so this never returns early.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_for_one_use_is_no_key_for_another() {
        let secret = SecretKey::new(vec![7; 32]);

        assert_ne!(secret.derive("a").mac(&["x"]), secret.derive("b").mac(&["x"]));
    }

    #[test]
    fn bytes_cannot_move_between_the_parts_of_a_mac() {
        let key = SecretKey::new(vec![7; 32]).derive("a");

        assert_ne!(key.mac(&["138", "00"]), key.mac(&["1380", "0"]));
    }
}
