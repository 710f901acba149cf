//! The server's secret, and the keys that are made of it, one a use.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::hex::hex;

/// What `SECRET_KEY` holds, and the keys that are only read with while one follows another.
///
/// Nothing is ever signed with it directly: a value made for one use must fail
/// for every other (R145).
#[derive(Clone)]
pub struct SecretKey {
    current: Vec<u8>,
    fallbacks: Vec<Vec<u8>>,
}

/// A key for one use.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl SecretKey {
    /// Takes the secret's bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { current: bytes, fallbacks: Vec::new() }
    }

    /// Reads also what was made with these.
    #[must_use]
    pub fn with_fallbacks(self, fallbacks: Vec<Vec<u8>>) -> Self {
        Self { fallbacks, ..self }
    }

    /// The key for one use, named by its label.
    pub fn derive(&self, label: &str) -> Key {
        derive(&self.current, label)
    }

    /// The keys to read with for one use: that of [`derive`](Self::derive), then the fallbacks'.
    pub fn derive_all(&self, label: &str) -> Vec<Key> {
        let all = [&self.current].into_iter().chain(&self.fallbacks);
        all.map(|it| derive(it, label)).collect()
    }

    /// Names the current key and the fallbacks without telling anything of them.
    pub fn ids(&self) -> Vec<String> {
        let short = |it: &Key| hex(it.as_bytes()).chars().take(8).collect();
        self.derive_all("id").iter().map(short).collect()
    }
}

impl Key {
    /// HMAC-SHA256 over the parts, each with its length in front so that none can borrow from its
    /// neighbour.
    pub fn mac(&self, parts: &[&str]) -> [u8; 32] {
        let parts: Vec<&[u8]> = parts.iter().map(|it| it.as_bytes()).collect();
        mac(&self.0, &parts)
    }

    /// A key that these parts and this key make.
    #[must_use]
    pub fn derive(&self, parts: &[&str]) -> Self {
        Self(self.mac(parts))
    }

    /// The key itself, for libraries that want one.
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
    // HMAC takes keys of any length; the empty arm cannot be reached.
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
    fn parts_cannot_borrow_from_each_other() {
        let key = SecretKey::new(vec![7; 32]).derive("a");

        assert_ne!(key.mac(&["138", "00"]), key.mac(&["1380", "0"]));
    }
}
