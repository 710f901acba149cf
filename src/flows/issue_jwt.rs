//! Issues short-lived JWTs about a live session for other services.

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use super::State;
use crate::{
    domain::{account::Account, signing_algorithm::SigningAlgorithm},
    errors::Error,
    stores::jwt_keys::JWT_LIFETIME,
};

/// `iat` lies this far in the past, so that a verifier whose clock is behind accepts a fresh JWT.
pub(super) const ISSUED_BEFORE: TimeDelta = TimeDelta::seconds(10);

/// The claims of a JWT. It does not contain the number, because other services store and log JWTs.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    /// A string, as RFC 7519 requires.
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    /// The public id of the session, so that a service that learns of its end can refuse its JWTs.
    sid: &'a str,
    name: &'a str,
}

/// Signs a JWT that says that this account has this session.
pub async fn issue_jwt(
    state: &State,
    account: &Account,
    session: &str,
    (issuer, audience): (&str, &str),
    algorithm: SigningAlgorithm,
) -> Result<String, Error> {
    let now = state.clock.now();
    let claims = Claims {
        iss: issuer,
        aud: audience,
        sub: account.id.to_string(),
        iat: (now - ISSUED_BEFORE).timestamp(),
        exp: (now + JWT_LIFETIME).timestamp(),
        jti: Uuid::new_v4().to_string(),
        sid: session,
        name: account.name.as_str(),
    };
    state.jwt_keys.signing_key(algorithm).await?.sign(&claims)
}
