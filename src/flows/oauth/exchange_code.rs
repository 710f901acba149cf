//! Exchanges a code for tokens.

use chrono::{DateTime, Utc};

use super::{
    OauthFailure,
    id_token::sign_id_token,
    issue_tokens::{IssuedTokens, issue_tokens},
};
use crate::{
    domain::oauth::{
        client::OauthClient,
        error::{OauthError, OauthErrorCode as Code},
        pkce,
        token::OpaqueToken,
    },
    errors::Error,
    flows::State,
    stores::{
        db::Connection,
        tables::{
            oauth_grants,
            oauth_grants::{FoundCode, Grant},
            oauth_tokens::FoundToken,
        },
    },
};

/// What a client sends with a code.
#[derive(Clone, Debug)]
pub struct CodeExchange {
    /// The code.
    pub code: OpaqueToken,
    /// The redirect URI that it came to.
    pub redirect_uri: Option<String>,
    /// The verifier of PKCE.
    pub verifier: Option<String>,
}

enum Outcome {
    Issued(Box<(IssuedTokens, FoundToken)>),
    Refused(&'static str),
    /// The code was exchanged before. Whoever did that may not be the client, so the grant has ended.
    Reused(Grant),
}

/// Exchanges a code. Of concurrent requests with one code at most one gets tokens, and these end when another one comes
/// (RFC 6749 §4.1.2).
pub async fn exchange_code(
    state: &State,
    client: &OauthClient,
    exchange: CodeExchange,
) -> Result<IssuedTokens, OauthFailure> {
    let (client_id, now) = (client.id.clone(), state.clock.now());
    let outcome = state
        .db
        .write(async move |connection| take(connection, &client_id, &exchange, now).await)
        .await?;
    match outcome {
        Outcome::Issued(issued) => {
            let (mut tokens, found) = *issued;
            tokens.id_token = sign_id_token(state, client, &found, Some(&found.grant)).await?;
            state.metrics.oauth_event("code_exchanged");
            log::info!(
                "event=oauth_code_exchanged user={} client={:?} session={:?}",
                found.account.id,
                client.id,
                found.grant.session_id
            );
            Ok(tokens)
        }
        Outcome::Refused(why) => {
            state.metrics.oauth_event("code_refused");
            log::info!("event=oauth_code_refused client={:?} why={why:?}", client.id);
            Err(OauthError::new(Code::InvalidGrant, why).into())
        }
        Outcome::Reused(grant) => {
            state.metrics.oauth_event("code_reused");
            log::warn!("event=oauth_code_reused user={} client={:?}", grant.user_id, client.id);
            Err(OauthError::new(Code::InvalidGrant, "the code was used before").into())
        }
    }
}

async fn take(
    connection: &mut Connection,
    client_id: &str,
    exchange: &CodeExchange,
    now: DateTime<Utc>,
) -> Result<Outcome, Error> {
    let Some(found) = oauth_grants::find_by_code(connection, &exchange.code).await? else {
        return Ok(Outcome::Refused("the code is unknown or too old"));
    };
    if found.grant.client_id != client_id {
        return Ok(Outcome::Refused("the code was given to another client"));
    }
    let grant = &found.grant;
    if let Some(why) = problem(&found, exchange) {
        return Ok(Outcome::Refused(why));
    }
    if !found.is_used && found.expires_at <= now {
        return Ok(Outcome::Refused("the code is unknown or too old"));
    }
    if found.is_used || !oauth_grants::use_code(connection, &grant.id, now).await? {
        oauth_grants::delete(connection, &grant.id).await?;
        return Ok(Outcome::Reused(found.grant));
    }
    match issue_tokens(connection, grant, grant.scope, now).await? {
        // Also where access outlives the session: it has to have begun in one.
        Some(issued) if issued.1.session_is_live => Ok(Outcome::Issued(Box::new(issued))),
        Some(_) | None => {
            oauth_grants::delete(connection, &grant.id).await?;
            Ok(Outcome::Refused("the session has ended"))
        }
    }
}

/// Says what is wrong with a request; `None` if nothing is.
fn problem(found: &FoundCode, sent: &CodeExchange) -> Option<&'static str> {
    if sent.redirect_uri.as_ref() != Some(&found.grant.redirect_uri) {
        return Some("redirect_uri is not the one of the authorization request");
    }
    match (&found.grant.code_challenge, &sent.verifier) {
        (Some(challenge), Some(verifier)) if pkce::fits(challenge, verifier) => None,
        (Some(_), Some(_)) => Some("code_verifier does not fit the code_challenge"),
        (Some(_), None) => Some("code_verifier is missing"),
        (None, None) => None,
        // Else an attacker could leave the challenge out of the request (RFC 9700 §4.8.2).
        (None, Some(_)) => Some("code_verifier was sent, but the request had no code_challenge"),
    }
}
