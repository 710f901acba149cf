//! The keys that encrypt private halves.

use crate::{
    domain::{
        keys::{Key, SecretKey},
        signing_key::SigningKey,
    },
    stores::tables::signing_keys::StoredKey,
};

/// The keys that encrypt private halves. The current one encrypts, all of them decrypt.
#[derive(Clone)]
pub(super) struct EncryptionKeys {
    pub(super) current: Key,
    all: Vec<Key>,
}

impl EncryptionKeys {
    pub(super) fn new(secret: &SecretKey) -> Self {
        let label = "signing-keys";
        Self { current: secret.derive(label), all: secret.derive_all(label) }
    }

    /// Decrypts a key; `None` if it was encrypted under another `SECRET_KEY`, or is empty because the key is retired.
    pub(super) fn decrypt(&self, stored: &StoredKey) -> Option<SigningKey> {
        let decrypt = |key| SigningKey::decrypt(key, &stored.public, &stored.encrypted);
        self.all.iter().find_map(decrypt)
    }
}
