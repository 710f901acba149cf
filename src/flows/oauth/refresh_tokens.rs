//! Exchanges a refresh token for new tokens, and ends all of them if one is used twice.

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
        scope::Scope,
        token::{OpaqueToken, TokenUse},
    },
    errors::Error,
    flows::State,
    stores::{
        db::Connection,
        tables::{oauth_grants, oauth_grants::Grant, oauth_tokens, oauth_tokens::FoundToken},
    },
};

enum Outcome {
    Issued(Box<(IssuedTokens, FoundToken)>),
    Refused(Code, &'static str),
    /// The token was used before. One of the two who had it is no client, so the grant has ended.
    Reused(Grant),
}

/// Exchanges a refresh token. `wanted` narrows the scope of the access token.
///
/// Each refresh token is used once; of concurrent requests at most one gets tokens, and these end when another one comes
/// (RFC 9700 §4.14.2).
pub async fn refresh_tokens(
    state: &State,
    client: &OauthClient,
    token: OpaqueToken,
    wanted: Option<Scope>,
) -> Result<IssuedTokens, OauthFailure> {
    let (client_id, now) = (client.id.clone(), state.clock.now());
    let outcome = state
        .db
        .write(async move |connection| take(connection, &client_id, (&token, wanted), now).await)
        .await?;
    match outcome {
        Outcome::Issued(issued) => {
            let (mut tokens, found) = *issued;
            tokens.id_token = sign_id_token(state, client, &found, None).await?;
            state.metrics.oauth_event("refreshed");
            log::info!("event=oauth_refreshed user={} client={:?}", found.account.id, client.id);
            Ok(tokens)
        }
        Outcome::Refused(code, why) => {
            state.metrics.oauth_event("refresh_refused");
            log::info!("event=oauth_refresh_refused client={:?} why={why:?}", client.id);
            Err(OauthError::new(code, why).into())
        }
        Outcome::Reused(grant) => {
            state.metrics.oauth_event("refresh_token_reused");
            log::warn!(
                "event=oauth_refresh_token_reused user={} client={:?}",
                grant.user_id,
                client.id
            );
            let why = "the refresh token was used before: all tokens of this sign-in have ended";
            Err(OauthError::new(Code::InvalidGrant, why).into())
        }
    }
}

async fn take(
    connection: &mut Connection,
    client_id: &str,
    (token, wanted): (&OpaqueToken, Option<Scope>),
    now: DateTime<Utc>,
) -> Result<Outcome, Error> {
    let unknown = Outcome::Refused(Code::InvalidGrant, "the refresh token is unknown or too old");
    let of_refresh = (token, TokenUse::Refresh);
    let Some(found) = oauth_tokens::find(connection, of_refresh, now).await? else {
        return Ok(unknown);
    };
    if found.grant.client_id != client_id {
        return Ok(unknown);
    }
    let scope = wanted.unwrap_or(found.grant.scope);
    if scope.is_empty() || !found.grant.scope.covers(scope) {
        return Ok(Outcome::Refused(Code::InvalidScope, "scope is wider than what was granted"));
    }
    let unused = (token, found.expires_at);
    if found.is_used || !oauth_tokens::use_refresh_token(connection, unused, now).await? {
        oauth_grants::delete(connection, &found.grant.id).await?;
        return Ok(Outcome::Reused(found.grant));
    }
    Ok(match issue_tokens(connection, &found.grant, scope, now).await? {
        Some(issued) => Outcome::Issued(Box::new(issued)),
        None => unknown,
    })
}
