//! A file of public keys: a JWK Set (RFC 7517, section 5).

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use super::key::{Jwk, JwkError, Members};

/// Why a key set is refused. The messages are for the terminal of an operator.
#[derive(Debug, Error)]
pub enum KeySetError {
    /// It is not JSON of the right shape.
    #[error("this is no JSON like {{\"keys\": [{{\"kty\": …}}]}}: {0}")]
    NotJson(serde_json::Error),
    /// A key is refused; they are counted from 1.
    #[error("key {0} {1}")]
    Key(usize, JwkError),
    /// A key has a member of the wrong type; they are counted from 1.
    #[error("key {0} is malformed: {1}")]
    Malformed(usize, serde_json::Error),
    /// None of the keys can be used.
    #[error("it has no key that verifies RS256, PS256, ES256 or EdDSA")]
    Empty,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// Reads a key set. Public keys of kinds that we do not know are left out, as RFC 7517 recommends; any other problem is
/// an error, and so is a set without a key that we can use.
pub fn parse_set(text: &str) -> Result<Vec<Jwk>, KeySetError> {
    let set: KeySet = serde_json::from_str(text).map_err(KeySetError::NotJson)?;
    let mut keys = Vec::new();
    for (number, value) in (1..).zip(set.keys) {
        let members: Members =
            serde_json::from_value(value).map_err(|error| KeySetError::Malformed(number, error))?;
        match Jwk::try_from(members) {
            Ok(key) => keys.push(key),
            Err(JwkError::Unsupported) => {}
            Err(error @ (JwkError::Private(_) | JwkError::Invalid(_) | JwkError::RsaLength(_))) => {
                return Err(KeySetError::Key(number, error));
            }
        }
    }
    if keys.is_empty() { Err(KeySetError::Empty) } else { Ok(keys) }
}
