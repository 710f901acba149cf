//! One public key as a JWK.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use thiserror::Error;

use crate::domain::public_key::{JwsAlgorithm, PublicKey};

/// A public key that verifies signatures. Unknown members of its JSON are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Members", into = "Members")]
pub struct Jwk {
    /// The id by which the header of a JWT chooses it.
    pub kid: Option<String>,
    /// The only algorithm that it is used with; `None`: all that fit it.
    pub algorithm: Option<JwsAlgorithm>,
    /// The key itself.
    pub key: PublicKey,
}

/// Why a JWK is refused. The messages are for the terminal of an operator.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JwkError {
    /// It is a private key, or a shared one.
    #[error("has a private member (`{0}`): register the public key only")]
    Private(&'static str),
    /// It is of a kind that we do not know, or not for signatures.
    #[error("is not a key that verifies RS256, PS256, ES256 or EdDSA")]
    Unsupported,
    /// A member is absent or wrong.
    #[error("`{0}` is absent or not what the kind of key needs")]
    Invalid(&'static str),
    /// An RSA key is too short or too long.
    #[error("is an RSA key of {0} bits: 2048 to 8192 are accepted")]
    RsaLength(usize),
}

/// The members of a JWK, as they are written. A private one is known by its name and never kept.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Members {
    kty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    usage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_ops: Option<Vec<String>>,
    #[serde(skip_serializing)]
    d: Option<IgnoredAny>,
    #[serde(skip_serializing)]
    p: Option<IgnoredAny>,
    #[serde(skip_serializing)]
    q: Option<IgnoredAny>,
    #[serde(skip_serializing)]
    k: Option<IgnoredAny>,
}

impl TryFrom<Members> for Jwk {
    type Error = JwkError;

    fn try_from(members: Members) -> Result<Self, JwkError> {
        let private = [("d", members.d), ("p", members.p), ("q", members.q), ("k", members.k)];
        if let Some((name, _)) = private.iter().find(|(_, value)| value.is_some()) {
            return Err(JwkError::Private(name));
        }
        let is_for_signatures = members.usage.as_deref().is_none_or(|usage| usage == "sig")
            && members.key_ops.as_ref().is_none_or(|all| all.iter().any(|one| one == "verify"));
        if !is_for_signatures {
            return Err(JwkError::Unsupported);
        }
        let key = public_key(&members)?;
        let algorithm = match members.alg {
            Some(name) => Some(JwsAlgorithm::parse(&name).ok_or(JwkError::Unsupported)?),
            None => None,
        };
        Ok(Self { kid: members.kid, algorithm, key })
    }
}

impl From<Jwk> for Members {
    fn from(jwk: Jwk) -> Self {
        let mut members = jwk.key.members();
        Self {
            kty: members.remove("kty").unwrap_or_default(),
            crv: members.remove("crv"),
            x: members.remove("x"),
            y: members.remove("y"),
            n: members.remove("n"),
            e: members.remove("e"),
            kid: jwk.kid,
            alg: jwk.algorithm.map(|algorithm| algorithm.as_str().to_owned()),
            usage: Some("sig".to_owned()),
            ..Self::default()
        }
    }
}

fn public_key(members: &Members) -> Result<PublicKey, JwkError> {
    let decode = |name, member: &Option<String>| {
        let decoded = member.as_ref().and_then(|text| BASE64.decode(text).ok());
        decoded.filter(|bytes| !bytes.is_empty()).ok_or(JwkError::Invalid(name))
    };
    match (members.kty.as_str(), members.crv.as_deref()) {
        ("OKP", Some("Ed25519")) => {
            PublicKey::ed25519(&decode("x", &members.x)?).ok_or(JwkError::Invalid("x"))
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (decode("x", &members.x)?, decode("y", &members.y)?);
            PublicKey::p256(&x, &y).ok_or(JwkError::Invalid("x` or `y"))
        }
        ("RSA", _) => {
            let (n, e) = (decode("n", &members.n)?, decode("e", &members.e)?);
            PublicKey::rsa(&n, &e).map_err(JwkError::RsaLength)
        }
        _ => Err(JwkError::Unsupported),
    }
}
