//! The public keys of RFC 7518 and RFC 8037 that we know: their members in a JWK, and the signatures that they verify.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use sha2::{Digest as _, Sha256};

/// Length of an Ed25519 key and of a coordinate of P-256 in bytes.
const POINT_LEN: usize = 32;
/// The first byte of a point of P-256 whose both coordinates follow.
const UNCOMPRESSED: u8 = 4;
/// Shorter RSA keys can be broken.
const MIN_RSA_BITS: usize = 2048;
/// Verifying with longer RSA keys takes too long.
const MAX_RSA_BITS: usize = 8192;

/// A public key. Its bytes are checked for their lengths only: what is no point of its curve verifies nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// A key of Ed25519.
    Ed25519([u8; POINT_LEN]),
    /// A key of P-256: the coordinates x and y.
    P256([u8; POINT_LEN], [u8; POINT_LEN]),
    /// An RSA key: the modulus and the exponent, big-endian and without leading zeros.
    Rsa(Vec<u8>, Vec<u8>),
}

/// An algorithm of signatures that we verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwsAlgorithm {
    /// Ed25519.
    EdDsa,
    /// ECDSA on the curve P-256 with SHA-256.
    Es256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

impl JwsAlgorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// Returns the name in the header of a JWT.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }

    /// Returns the algorithm of this name. `none` and those with shared secrets, such as `HS256`, are not among them.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

impl PublicKey {
    /// Takes the `x` of an Ed25519 key.
    pub fn ed25519(x: &[u8]) -> Option<Self> {
        Some(Self::Ed25519(x.try_into().ok()?))
    }

    /// Takes the coordinates of a point of P-256.
    pub fn p256(x: &[u8], y: &[u8]) -> Option<Self> {
        Some(Self::P256(x.try_into().ok()?, y.try_into().ok()?))
    }

    /// Takes a point of P-256 in its uncompressed form.
    pub fn p256_of_point(point: &[u8]) -> Option<Self> {
        let (x, y) = point.strip_prefix(&[UNCOMPRESSED])?.split_at_checked(POINT_LEN)?;
        Self::p256(x, y)
    }

    /// Takes a modulus and an exponent, big-endian. The error is the length of a modulus that we do not use, in bits.
    pub fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, usize> {
        let [n, e] = [modulus, exponent].map(without_leading_zeros);
        let bits = bits(n);
        if (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
            Ok(Self::Rsa(n.to_vec(), e.to_vec()))
        } else {
            Err(bits)
        }
    }

    /// Returns the members that make up the key in a JWK, in the order of their names.
    pub fn members(&self) -> BTreeMap<&'static str, String> {
        let encode = |bytes: &[u8]| BASE64.encode(bytes);
        let text = |text: &str| text.to_owned();
        match self {
            Self::Ed25519(x) => {
                [("crv", text("Ed25519")), ("kty", text("OKP")), ("x", encode(x))].into()
            }
            Self::P256(x, y) => {
                [("crv", text("P-256")), ("kty", text("EC")), ("x", encode(x)), ("y", encode(y))]
                    .into()
            }
            Self::Rsa(n, e) => [("e", encode(e)), ("kty", text("RSA")), ("n", encode(n))].into(),
        }
    }

    /// Returns the thumbprint of RFC 7638, which no two keys share.
    pub fn thumbprint(&self) -> String {
        let members: serde_json::Map<_, _> = self
            .members()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        BASE64.encode(Sha256::digest(serde_json::Value::Object(members).to_string()))
    }

    /// Tells whether the key has signed the bytes with this algorithm. A key of another kind never has.
    pub fn verifies(&self, algorithm: JwsAlgorithm, signed: &[u8], signature: &[u8]) -> bool {
        let verified = match (self, algorithm) {
            (Self::Ed25519(x), JwsAlgorithm::EdDsa) => {
                UnparsedPublicKey::new(&ED25519, x).verify(signed, signature)
            }
            (Self::P256(x, y), JwsAlgorithm::Es256) => {
                let point = [&[UNCOMPRESSED], x.as_slice(), y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature)
            }
            (Self::Rsa(n, e), JwsAlgorithm::Rs256) => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                signed,
                signature,
            ),
            (Self::Rsa(n, e), JwsAlgorithm::Ps256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PSS_2048_8192_SHA256, signed, signature)
            }
            _ => return false,
        };
        verified.is_ok()
    }
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// Returns how many bits a number has that begins with no zero byte.
fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |byte| byte.leading_zeros());
    (number.len() * 8).saturating_sub(usize::try_from(unused).unwrap_or_default())
}
