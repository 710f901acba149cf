//! The keys that sign JWTs: Ed25519, with the private half encrypted for the database.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use rand::Rng as _;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::keys::Key;
use crate::errors::Error;

/// Length of the seed of an Ed25519 key in bytes.
const SEED_LEN: usize = 32;

/// A key pair that can sign.
#[derive(Debug)]
pub struct SigningKey {
    public: PublicKey,
    private: PrivateHalf,
    pair: Ed25519KeyPair,
}

/// The seed of a key pair. `Debug` hides it.
struct PrivateHalf([u8; SEED_LEN]);

impl fmt::Debug for PrivateHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The public half, which others verify with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The key id: the thumbprint of RFC 7638, so that no two keys share one.
    pub kid: String,
    /// The public key as in a JWK.
    pub x: String,
}

impl SigningKey {
    /// Makes a key, and returns it with its private half encrypted.
    pub fn random(encryption_key: &Key) -> Result<(Self, String), Error> {
        let seed: [u8; SEED_LEN] = rand::rng().random();
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|error| Error::internal(error.to_string()))?;
        let public = PublicKey::of(&pair);
        let key = Self { public, private: PrivateHalf(seed), pair };
        let encrypted = key.encrypt(encryption_key)?;
        Ok((key, encrypted))
    }

    /// Returns the private half encrypted. The key id is authenticated with it, so that encrypted halves cannot be
    /// exchanged.
    pub fn encrypt(&self, encryption_key: &Key) -> Result<String, Error> {
        let nonce: [u8; NONCE_LEN] = rand::rng().random();
        let mut encrypted = self.private.0.to_vec();
        cipher(encryption_key)
            .ok_or_else(|| Error::internal("no cipher"))?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.public.kid.as_bytes()),
                &mut encrypted,
            )
            .map_err(|error| Error::internal(error.to_string()))?;
        Ok(BASE64.encode([nonce.as_slice(), &encrypted].concat()))
    }

    /// Decrypts a private half. Returns `None` if it was encrypted under another key or belongs to another public half.
    pub fn decrypt(encryption_key: &Key, public: PublicKey, encrypted: &str) -> Option<Self> {
        let mut bytes = BASE64.decode(encrypted).ok()?;
        let (nonce, encrypted) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let aad = Aad::from(public.kid.as_bytes());
        let seed = cipher(encryption_key)?.open_in_place(nonce, aad, encrypted).ok()?;
        let seed: [u8; SEED_LEN] = (&*seed).try_into().ok()?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
        (PublicKey::of(&pair) == public).then_some(Self {
            public,
            private: PrivateHalf(seed),
            pair,
        })
    }

    /// Returns the public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Returns the claims as a signed JWT.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, Error> {
        let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": self.public.kid });
        let claims = serde_json::to_vec(claims).map_err(Error::internal)?;
        let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims));
        let signature = BASE64.encode(self.pair.sign(signed.as_bytes()));
        Ok(format!("{signed}.{signature}"))
    }
}

impl PublicKey {
    fn of(pair: &Ed25519KeyPair) -> Self {
        let x = BASE64.encode(pair.public_key());
        let thumbprint = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        Self { kid: BASE64.encode(Sha256::digest(thumbprint)), x }
    }
}

fn cipher(encryption_key: &Key) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, encryption_key.as_bytes()).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::SecretKey;

    fn encryption_key(byte: u8) -> Key {
        SecretKey::new(vec![byte; 32]).derive("signing-keys")
    }

    #[test]
    fn an_encrypted_key_opens_under_its_own_secret_and_key_id_only() {
        let (key, encrypted) = SigningKey::random(&encryption_key(1)).unwrap();
        let (other, other_encrypted) = SigningKey::random(&encryption_key(1)).unwrap();
        let open = |byte, of: &SigningKey, encrypted: &str| {
            SigningKey::decrypt(&encryption_key(byte), of.public().clone(), encrypted)
        };

        let opened = open(1, &key, &encrypted).unwrap();
        assert_eq!(opened.sign(&json!({})).unwrap(), key.sign(&json!({})).unwrap());
        assert!(open(2, &key, &encrypted).is_none());
        assert!(open(1, &other, &encrypted).is_none());
        assert!(open(1, &key, &other_encrypted).is_none());
        assert!(open(1, &key, "").is_none());
    }

    /// RFC 8037, appendix A.3.
    #[test]
    fn the_key_id_is_the_thumbprint() {
        let seed = BASE64.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let public = PublicKey::of(&Ed25519KeyPair::from_seed_unchecked(&seed).unwrap());

        assert_eq!(public.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(public.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
