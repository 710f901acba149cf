//! Verifies the signature of a JWT (RFC 7515), but none of its claims.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use super::key::Jwk;
use crate::domain::public_key::JwsAlgorithm;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that a verifier has to know. We know none.
    crit: Option<IgnoredAny>,
}

/// Returns the claims of a JWT that one of these keys has signed. The claims, `exp` among them, are up to the caller.
///
/// A `kid` in the header chooses among the keys: those with another one, or with none, are not tried.
pub fn verify(jwt: &str, keys: &[Jwk]) -> Option<Value> {
    let (signed, signature) = jwt.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Header = serde_json::from_slice(&BASE64.decode(header).ok()?).ok()?;
    if header.crit.is_some() {
        return None;
    }
    let algorithm = JwsAlgorithm::parse(&header.alg)?;
    let signature = BASE64.decode(signature).ok()?;
    let is_chosen = |jwk: &&Jwk| {
        jwk.algorithm.is_none_or(|only| only == algorithm)
            && header.kid.as_ref().is_none_or(|kid| jwk.kid.as_ref() == Some(kid))
    };
    let has_signed = |jwk: &Jwk| jwk.key.verifies(algorithm, signed.as_bytes(), &signature);
    if !keys.iter().filter(is_chosen).any(has_signed) {
        return None;
    }
    let claims = serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()?;
    matches!(claims, Value::Object(_)).then_some(claims)
}
