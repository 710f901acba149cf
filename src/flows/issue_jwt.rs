//! Vouch for a live session to other services, for a few minutes.

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use super::State;
use crate::{domain::account::Account, errors::Error, stores::jwt_keys::JWT_LIFE};

/// So far back lies `iat`: a verifier whose clock is that much behind accepts a fresh JWT.
const ISSUED_BEFORE: TimeDelta = TimeDelta::seconds(10);

/// What a JWT says. The number is not in it: others keep and log JWTs.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    /// Text, as RFC 7519 wants it.
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    /// The session's public id: whoever is told that it ended knows which JWTs to refuse.
    sid: &'a str,
    name: &'a str,
}

/// Signs that this account has this session, from one service to another.
pub async fn issue_jwt(
    state: &State,
    account: &Account,
    session: &str,
    (issuer, audience): (&str, &str),
) -> Result<String, Error> {
    let now = state.clock.now();
    let claims = Claims {
        iss: issuer,
        aud: audience,
        sub: account.id.to_string(),
        iat: (now - ISSUED_BEFORE).timestamp(),
        exp: (now + JWT_LIFE).timestamp(),
        jti: Uuid::new_v4().to_string(),
        sid: session,
        name: account.name.as_str(),
    };
    state.jwt_keys.signing().await?.sign(&claims)
}
