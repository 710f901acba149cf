//! Signs ID tokens and logout tokens.

use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    domain::{
        account::Account,
        oauth::{
            amr::Amr,
            client::OauthClient,
            scope::{Scope, ScopeValue},
        },
    },
    errors::Error,
    flows::{State, issue_jwt::ISSUED_BEFORE},
    stores::{
        jwt_keys::JWT_LIFETIME,
        tables::{oauth_grants::Grant, oauth_tokens::FoundToken},
    },
};

/// The event of a logout token (OpenID Connect Back-Channel Logout 1.0, 2.4).
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[derive(Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    auth_time: i64,
    acr: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<[&'static str; 1]>,
    sid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(flatten)]
    profile: Map<String, Value>,
}

#[derive(Serialize)]
struct LogoutClaims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    sid: &'a str,
    events: Value,
}

/// Signs an ID token, if `openid` is granted. Only that of a code repeats the nonce, of the grant in `answers`.
///
/// It has the name and picture if they are granted, for clients that never ask for more. It has no number, because clients
/// log and store ID tokens: the number is at the userinfo endpoint.
pub(super) async fn sign_id_token(
    state: &State,
    client: &OauthClient,
    found: &FoundToken,
    answers: Option<&Grant>,
) -> Result<Option<String>, Error> {
    let FoundToken { grant, account, subject, .. } = found;
    if !grant.scope.has(ScopeValue::OpenId) {
        return Ok(None);
    }
    let now = state.clock.now();
    let claims = IdClaims {
        iss: &grant.issuer,
        sub: subject.clone(),
        aud: &client.id,
        iat: (now - ISSUED_BEFORE).timestamp(),
        exp: (now + JWT_LIFETIME).timestamp(),
        auth_time: grant.auth_time.timestamp(),
        acr: Amr::ACR,
        amr: grant.amr.map(|amr| [amr.as_str()]),
        sid: &grant.session_id,
        nonce: answers.and_then(|grant| grant.nonce.as_deref()),
        profile: profile_claims(account, found.scope),
    };
    state.jwt_keys.signing_key(client.algorithm).await?.sign(&claims).map(Some)
}

/// Signs a token that tells a client that a session has ended.
pub(super) async fn sign_logout_token(
    state: &State,
    client: &OauthClient,
    grant: &Grant,
) -> Result<String, Error> {
    let now = state.clock.now();
    let claims = LogoutClaims {
        iss: &grant.issuer,
        sub: client.subject(grant.user_id),
        aud: &client.id,
        iat: (now - ISSUED_BEFORE).timestamp(),
        exp: (now + JWT_LIFETIME).timestamp(),
        jti: Uuid::new_v4().to_string(),
        sid: &grant.session_id,
        events: json!({ LOGOUT_EVENT: {} }),
    };
    state.jwt_keys.signing_key(client.algorithm).await?.sign_as("logout+jwt", &claims)
}

/// Returns the claims of the scope `profile`.
pub fn profile_claims(account: &Account, scope: Scope) -> Map<String, Value> {
    let mut claims = Map::new();
    if scope.has(ScopeValue::Profile) {
        claims.insert("name".to_owned(), json!(account.name.as_str()));
        claims.insert("preferred_username".to_owned(), json!(account.name.as_str()));
        if let Some(picture) = &account.avatar_url {
            claims.insert("picture".to_owned(), json!(picture));
        }
    }
    claims
}
