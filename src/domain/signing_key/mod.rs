//! The keys that sign JWTs, with the private half encrypted for the database.

mod pair;
mod published_key;

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use rand::Rng as _;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::Serialize;
use serde_json::json;

use self::pair::Pair;
use super::{keys::Key, signing_algorithm::SigningAlgorithm};
use crate::errors::Error;

pub use self::published_key::PublishedKey;

/// The `typ` of a JWT that says nothing more about itself.
const JWT: &str = "JWT";

/// A key pair that can sign.
#[derive(Debug)]
pub struct SigningKey {
    public: PublishedKey,
    private: PrivateHalf,
    pair: Pair,
}

/// The private half as the database keeps it, but not encrypted. `Debug` hides it.
struct PrivateHalf(Vec<u8>);

impl fmt::Debug for PrivateHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl SigningKey {
    /// Makes a key, and returns it with its private half encrypted. An RSA key takes hundreds of milliseconds.
    pub fn random(
        algorithm: SigningAlgorithm,
        encryption_key: &Key,
    ) -> Result<(Self, String), Error> {
        let key = Self::of_private(algorithm, Pair::make_private(algorithm)?)
            .ok_or_else(|| Error::internal("a key that was just made cannot be read"))?;
        let encrypted = key.encrypt(encryption_key)?;
        Ok((key, encrypted))
    }

    fn of_private(algorithm: SigningAlgorithm, private: Vec<u8>) -> Option<Self> {
        let pair = Pair::read(algorithm, &private)?;
        let public = PublishedKey::new(algorithm, pair.public()?);
        Some(Self { public, private: PrivateHalf(private), pair })
    }

    /// Returns the private half encrypted. The key id is authenticated with it, so that encrypted halves cannot be
    /// exchanged.
    pub fn encrypt(&self, encryption_key: &Key) -> Result<String, Error> {
        let nonce: [u8; NONCE_LEN] = rand::rng().random();
        let mut encrypted = self.private.0.clone();
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
    pub fn decrypt(encryption_key: &Key, public: &PublishedKey, encrypted: &str) -> Option<Self> {
        let mut bytes = BASE64.decode(encrypted).ok()?;
        let (nonce, encrypted) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let aad = Aad::from(public.kid.as_bytes());
        let private = cipher(encryption_key)?.open_in_place(nonce, aad, encrypted).ok()?;
        let key = Self::of_private(public.algorithm, private.to_vec())?;
        (key.public == *public).then_some(key)
    }

    /// Returns the public half.
    pub fn public(&self) -> &PublishedKey {
        &self.public
    }

    /// Returns the claims as a signed JWT.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, Error> {
        self.sign_as(JWT, claims)
    }

    /// Returns the claims as a signed JWT whose header says of which type it is, such as `logout+jwt`.
    pub fn sign_as(&self, typ: &str, claims: &impl Serialize) -> Result<String, Error> {
        let alg = self.public.algorithm.as_str();
        let header = json!({ "alg": alg, "typ": typ, "kid": self.public.kid });
        let claims = serde_json::to_vec(claims).map_err(Error::internal)?;
        let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims));
        let signature = BASE64.encode(self.pair.sign(signed.as_bytes())?);
        Ok(format!("{signed}.{signature}"))
    }
}

fn cipher(encryption_key: &Key) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, encryption_key.as_bytes()).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        jwk::{self, Jwk},
        keys::SecretKey,
    };

    fn encryption_key(byte: u8) -> Key {
        SecretKey::new(vec![byte; 32]).derive("signing-keys")
    }

    #[test]
    fn an_encrypted_key_opens_under_its_own_secret_and_key_id_only() {
        for algorithm in SigningAlgorithm::ALL {
            let (key, encrypted) = SigningKey::random(algorithm, &encryption_key(1)).unwrap();
            let (other, other_encrypted) =
                SigningKey::random(algorithm, &encryption_key(1)).unwrap();
            let open = |byte, of: &SigningKey, encrypted: &str| {
                SigningKey::decrypt(&encryption_key(byte), of.public(), encrypted)
            };

            let opened = open(1, &key, &encrypted).unwrap();
            let jwt = opened.sign(&json!({ "sub": "7" })).unwrap();
            let published = [Jwk::from(key.public().clone())];
            assert_eq!(jwk::verify(&jwt, &published), Some(json!({ "sub": "7" })));
            assert!(open(2, &key, &encrypted).is_none());
            assert!(open(1, &other, &encrypted).is_none());
            assert!(open(1, &key, &other_encrypted).is_none());
            assert!(open(1, &key, "").is_none());
        }
    }

    #[test]
    fn the_public_half_survives_the_database() {
        for algorithm in SigningAlgorithm::ALL {
            let (key, _) = SigningKey::random(algorithm, &encryption_key(1)).unwrap();
            let public = key.public();
            let stored =
                PublishedKey::from_stored(algorithm, public.kid.clone(), &public.to_stored());
            assert_eq!(stored.as_ref(), Some(public));
        }
    }

    /// RFC 8037, appendix A.3.
    #[test]
    fn the_key_id_is_the_thumbprint() {
        let seed = BASE64.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let key = SigningKey::of_private(SigningAlgorithm::EdDsa, seed).unwrap();

        assert_eq!(key.public.to_stored(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(key.public.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
