//! `/oauth/introspect`: tells a client whether a token is good, and what for (RFC 7662).

use actix_web::{HttpResponse, web::Data};
use serde_json::{Value, json};

use super::{client_request::ClientRequest, json_answer};
use crate::{
    domain::oauth::{
        error::{OauthError, OauthErrorCode as Code},
        token::TokenUse,
    },
    errors::Error,
    flows::{
        State,
        oauth::{OauthFailure, revoke_token::introspect},
    },
    http::state::WebState,
};

/// `POST /oauth/introspect`.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    request: Result<ClientRequest, Error>,
) -> HttpResponse {
    json_answer::of(&web, tell(&state, request).await.map(json_answer::ok))
}

async fn tell(state: &State, request: Result<ClientRequest, Error>) -> Result<Value, OauthFailure> {
    let request = request?;
    let asking = request.client(state).await?;
    if asking.is_public() {
        // Else whoever finds a token could ask what it is good for.
        let why = "a client without a secret may not ask";
        return Err(OauthError::new(Code::InvalidClient, why).into());
    }
    let missing = OauthError::new(Code::InvalidRequest, "token is missing");
    let token = request.get("token").ok_or(missing)?;
    let inactive = json!({ "active": false });
    let Some((token_use, found)) = introspect(state, &asking, token).await? else {
        return Ok(inactive);
    };
    Ok(json!({
        "active": true,
        "scope": found.scope.to_string(),
        "client_id": found.grant.client_id,
        "sub": found.subject,
        "username": found.account.name.as_str(),
        "iss": found.grant.issuer,
        "aud": found.grant.client_id,
        "iat": found.created_at.timestamp(),
        "exp": found.expires_at.timestamp(),
        "sid": found.grant.session_id,
        "token_type": if token_use == TokenUse::Access { "Bearer" } else { "refresh_token" },
    }))
}
