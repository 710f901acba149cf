//! Browsers and apps, told apart by a random id that each of them keeps.

use std::{fmt, sync::Arc};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::Rng as _;
use subtle::ConstantTimeEq as _;

use super::{
    hex::{hex, sha256_hex},
    keys::{Key, SecretKey},
};

/// The bytes of an id, and of the signature behind it.
const LENGTH: usize = 16;

/// The id of a browser or app: 128 random bits.
///
/// It signs nobody in. It tells who asked, and whether that device has signed in to an account before.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceId([u8; LENGTH]);

impl DeviceId {
    /// Makes a random id.
    pub fn random() -> Self {
        Self(rand::rng().random())
    }

    /// Derives the id from a key that only this client's request can give again.
    pub fn derived(key: &Key) -> Self {
        let mut id = [0; LENGTH];
        for (byte, of_mac) in id.iter_mut().zip(key.mac(&["device"])) {
            *byte = of_mac;
        }
        Self(id)
    }

    /// Returns the hash that the database stores. It needs no key: nobody can guess 128 random bits.
    pub fn hash(&self) -> String {
        sha256_hex(self.0)
    }

    /// Returns the id as hexadecimal digits, for keys of the kv store.
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }
}

/// Hides the id, which would let a reader of the log follow a person.
impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceId(***)")
    }
}

/// Signs the ids that clients keep, so that a client cannot make one up.
#[derive(Clone)]
pub struct DeviceSigner {
    /// The current key first, then those of former values of `SECRET_KEY`.
    keys: Arc<[Key]>,
}

impl DeviceSigner {
    /// Derives the keys.
    pub fn new(secret: &SecretKey) -> Self {
        Self { keys: secret.derive_all("device").into() }
    }

    /// Returns the text that a client keeps: the id and half of its HMAC-SHA256, as 43 letters.
    pub fn sign(&self, id: &DeviceId) -> String {
        let signature = self.keys.first().map(|key| signature(key, id)).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.encode([id.0, signature].concat())
    }

    /// Reads a text that a client sent. `None` if neither the current nor a former key has signed it.
    pub fn verify(&self, text: &str) -> Option<DeviceId> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, presented) = bytes.split_at_checked(LENGTH)?;
        let id = DeviceId(id.try_into().ok()?);
        let is_signed = |key: &Key| signature(key, &id).ct_eq(presented).into();
        self.keys.iter().any(is_signed).then_some(id)
    }
}

fn signature(key: &Key, id: &DeviceId) -> [u8; LENGTH] {
    let mut signature = [0; LENGTH];
    for (byte, of_mac) in signature.iter_mut().zip(key.mac(&[&id.to_hex()])) {
        *byte = of_mac;
    }
    signature
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> DeviceSigner {
        DeviceSigner::new(&SecretKey::new(vec![7; 32]))
    }

    #[test]
    fn a_signed_id_is_read_back() {
        let id = DeviceId::random();

        assert_eq!(signer().verify(&signer().sign(&id)), Some(id));
    }

    #[test]
    fn an_id_with_another_signature_is_none() {
        let (one, other) = (signer().sign(&DeviceId::random()), signer().sign(&DeviceId::random()));
        let (id, signature) = (one.split_at(21).0, other.split_at(21).1);
        let forged = format!("{id}{signature}");

        for text in [forged.as_str(), "", "a", one.split_at(42).0, &format!("{one}A")] {
            assert_eq!(signer().verify(text), None, "{text}");
        }
    }

    #[test]
    fn an_id_that_a_former_key_signed_is_still_read() {
        let id = DeviceId::random();
        let later = SecretKey::new(vec![8; 32]).with_fallbacks(vec![vec![7; 32]]);

        assert_eq!(DeviceSigner::new(&later).verify(&signer().sign(&id)), Some(id));
        assert_eq!(signer().verify(&DeviceSigner::new(&later).sign(&id)), None);
    }
}
