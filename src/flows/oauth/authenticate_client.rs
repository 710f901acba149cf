//! Finds out which client sends a request, and whether it proves that.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{OauthFailure, grant_code::find_client};
use crate::{
    domain::{
        jwk,
        oauth::{
            client::{ClientAuth, OauthClient},
            error::{OauthError, OauthErrorCode as Code},
            token::{OpaqueToken, TokenUse},
        },
    },
    flows::State,
};

/// How much the clock of a client may differ from ours.
const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(60);
/// The longest time for which a client may make an assertion good.
const MAX_ASSERTION_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// What a client sends to prove who it is.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientProof {
    /// Its id alone.
    None,
    /// Its secret.
    Secret(String),
    /// A JWT of its own.
    Assertion(String),
}

/// Returns the client, if the proof is one that it is registered with. `audiences` are the names by which an assertion may
/// call us. A client without secrets is let through: PKCE protects its codes.
pub async fn authenticate_client(
    state: &State,
    (id, proof): (&str, ClientProof),
    audiences: &[String],
) -> Result<OauthClient, OauthFailure> {
    let Some(client) = find_client(state, id).await? else {
        return Err(refuse(state, id, "the client is unknown"));
    };
    let problem = match (client.auth, &proof) {
        (ClientAuth::None, ClientProof::None) => None,
        (ClientAuth::Secret, ClientProof::Secret(secret)) => {
            let secret = OpaqueToken::parse(TokenUse::ClientSecret, secret);
            let is_right =
                secret.is_some_and(|secret| client.has_secret(&secret, state.clock.now()));
            (!is_right).then_some("the client secret is wrong")
        }
        (ClientAuth::PrivateKeyJwt, ClientProof::Assertion(assertion)) => {
            assertion_problem(state, &client, assertion, audiences).await?
        }
        (ClientAuth::Secret | ClientAuth::PrivateKeyJwt | ClientAuth::None, _) => {
            Some("the client has to prove who it is in the way that it is registered with")
        }
    };
    match problem {
        None => Ok(client),
        Some(why) => Err(refuse(state, id, why)),
    }
}

fn refuse(state: &State, id: &str, why: &'static str) -> OauthFailure {
    let id: String = id.chars().take(64).collect();
    state.metrics.oauth_event("client_refused");
    log::warn!("event=oauth_client_refused client={id:?} why={why:?}");
    // Which clients there are is none of a stranger's business.
    OauthError::new(Code::InvalidClient, "the client did not prove who it is").into()
}

/// Says what is wrong with an assertion (RFC 7523 §3; OpenID Connect Core 1.0, 9).
async fn assertion_problem(
    state: &State,
    client: &OauthClient,
    assertion: &str,
    audiences: &[String],
) -> Result<Option<&'static str>, OauthFailure> {
    let Some(claims) = jwk::verify(assertion, &client.keys) else {
        return Ok(Some("the signature of the assertion is not that of a key of the client"));
    };
    let now = state.clock.now();
    let (id, lifetime) = match checked_claims(&claims, client, audiences, now) {
        Ok(good) => good,
        Err(why) => return Ok(Some(why)),
    };
    let is_first = state.client_assertions.consume(&client.id, id, lifetime).await?;
    Ok((!is_first).then_some("the assertion was used before"))
}

/// Returns the id of an assertion, and how long it is to be remembered.
fn checked_claims<'a>(
    claims: &'a Value,
    client: &OauthClient,
    audiences: &[String],
    now: DateTime<Utc>,
) -> Result<(&'a str, Duration), &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(&client.id) || text("sub") != Some(&client.id) {
        return Err("iss and sub of the assertion are not the client's id");
    }
    let is_us =
        |value: &Value| value.as_str().is_some_and(|name| audiences.iter().any(|us| us == name));
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().any(is_us),
        Some(one) => is_us(one),
        None => false,
    };
    if !is_for_us {
        return Err("the assertion is for somebody else");
    }
    let time = |name: &str| {
        let seconds = claims.get(name).and_then(Value::as_f64)?;
        let seconds = format!("{seconds:.0}").parse().ok()?;
        DateTime::from_timestamp(seconds, 0)
    };
    let expires_at = time("exp").ok_or("the assertion has no exp")?;
    if expires_at + CLOCK_SKEW <= now || time("nbf").is_some_and(|from| from > now + CLOCK_SKEW) {
        return Err("the assertion has expired, or is not good yet");
    }
    let lifetime = expires_at + CLOCK_SKEW - now;
    if expires_at - now > MAX_ASSERTION_LIFETIME + CLOCK_SKEW {
        return Err("the assertion is good for more than an hour");
    }
    let id = text("jti").filter(|id| !id.is_empty()).ok_or("the assertion has no jti")?;
    Ok((id, lifetime.to_std().unwrap_or_default()))
}
