//! The public half of a signing key, as others get it and as the database keeps it.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};

use crate::domain::{
    jwk::Jwk,
    public_key::{JwsAlgorithm, PublicKey},
    signing_algorithm::SigningAlgorithm,
};

/// The exponent of every RSA key that we make, 65537.
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];

/// The public half of a signing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// The key id: the thumbprint of RFC 7638, so that no two keys share one.
    pub kid: String,
    /// The algorithm that the key signs with.
    pub algorithm: SigningAlgorithm,
    /// The key itself.
    pub key: PublicKey,
}

impl PublishedKey {
    pub(super) fn new(algorithm: SigningAlgorithm, key: PublicKey) -> Self {
        Self { kid: key.thumbprint(), algorithm, key }
    }

    /// Returns the key as the database keeps it: the point of an EdDSA key, both coordinates of an ES256 key, the
    /// modulus of an RS256 key.
    pub fn to_stored(&self) -> String {
        match &self.key {
            PublicKey::Ed25519(x) => BASE64.encode(x),
            PublicKey::P256(x, y) => BASE64.encode([x.as_slice(), y].concat()),
            PublicKey::Rsa(n, _) => BASE64.encode(n),
        }
    }

    /// Reads what [`to_stored`](Self::to_stored) has returned.
    pub fn from_stored(algorithm: SigningAlgorithm, kid: String, stored: &str) -> Option<Self> {
        let bytes = BASE64.decode(stored).ok()?;
        let key = match algorithm {
            SigningAlgorithm::EdDsa => PublicKey::ed25519(&bytes),
            SigningAlgorithm::Es256 => {
                bytes.split_at_checked(32).and_then(|(x, y)| PublicKey::p256(x, y))
            }
            SigningAlgorithm::Rs256 => PublicKey::rsa(&bytes, &RSA_EXPONENT).ok(),
        };
        Some(Self { kid, algorithm, key: key? })
    }
}

impl From<PublishedKey> for Jwk {
    fn from(published: PublishedKey) -> Self {
        let algorithm = match published.algorithm {
            SigningAlgorithm::EdDsa => JwsAlgorithm::EdDsa,
            SigningAlgorithm::Es256 => JwsAlgorithm::Es256,
            SigningAlgorithm::Rs256 => JwsAlgorithm::Rs256,
        };
        Self { kid: Some(published.kid), algorithm: Some(algorithm), key: published.key }
    }
}
