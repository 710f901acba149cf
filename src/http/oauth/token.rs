//! `/oauth/token`: exchanges codes and refresh tokens (RFC 6749 §3.2).

use actix_web::{HttpResponse, web::Data};
use serde_json::{Map, Value, json};

use super::{client_request::ClientRequest, json_answer};
use crate::{
    domain::oauth::{
        error::{OauthError, OauthErrorCode as Code},
        scope::Scope,
        token::{OpaqueToken, TokenUse},
    },
    errors::Error,
    flows::{
        State,
        oauth::{
            OauthFailure,
            exchange_code::{CodeExchange, exchange_code},
            issue_tokens::IssuedTokens,
            refresh_tokens::refresh_tokens,
        },
    },
    http::state::WebState,
    stores::tables::oauth_tokens::ACCESS_LIFETIME,
};

/// `POST /oauth/token`.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    request: Result<ClientRequest, Error>,
) -> HttpResponse {
    json_answer::of(&web, issue(&state, request).await.map(|tokens| json_answer::ok(body(&tokens))))
}

async fn issue(
    state: &State,
    request: Result<ClientRequest, Error>,
) -> Result<IssuedTokens, OauthFailure> {
    let request = request?;
    let client = request.client(state).await?;
    let owned = |name| request.get(name).map(str::to_owned);
    match request.get("grant_type") {
        Some("authorization_code") => {
            let code = request.get("code").ok_or_else(|| missing("code is missing"))?;
            let unknown = || OauthError::new(Code::InvalidGrant, "the code is unknown or too old");
            let code = OpaqueToken::parse(TokenUse::Code, code).ok_or_else(unknown)?;
            let (redirect_uri, verifier) = (owned("redirect_uri"), owned("code_verifier"));
            exchange_code(state, &client, CodeExchange { code, redirect_uri, verifier }).await
        }
        Some("refresh_token") => {
            let token = request.get("refresh_token");
            let token = token.ok_or_else(|| missing("refresh_token is missing"))?;
            let unknown = "the refresh token is unknown or too old";
            let unknown = || OauthError::new(Code::InvalidGrant, unknown);
            let token = OpaqueToken::parse(TokenUse::Refresh, token).ok_or_else(unknown)?;
            let wanted = request.get("scope").map(Scope::parse);
            refresh_tokens(state, &client, token, wanted).await
        }
        Some(_) => {
            let why = "grant_type is neither authorization_code nor refresh_token";
            Err(OauthError::new(Code::UnsupportedGrantType, why).into())
        }
        None => Err(missing("grant_type is missing").into()),
    }
}

fn missing(description: &'static str) -> OauthError {
    OauthError::new(Code::InvalidRequest, description)
}

fn body(tokens: &IssuedTokens) -> Value {
    let mut body = Map::new();
    let mut insert = |name: &str, value: Value| body.insert(name.to_owned(), value);
    insert("access_token", json!(tokens.access.as_str()));
    insert("token_type", json!("Bearer"));
    insert("expires_in", json!(ACCESS_LIFETIME.as_secs()));
    insert("scope", json!(tokens.scope.to_string()));
    if let Some(refresh) = &tokens.refresh {
        insert("refresh_token", json!(refresh.as_str()));
    }
    if let Some(id_token) = &tokens.id_token {
        insert("id_token", json!(id_token));
    }
    Value::Object(body)
}
