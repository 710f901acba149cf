//! `/oauth/userinfo`: what a client may know of the person (OpenID Connect Core 1.0, 5.3).

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    http::{Method, header::AUTHORIZATION},
    web::{Data, Payload},
};
use serde_json::{Value, json};

use super::json_answer;
use crate::{
    domain::oauth::{
        error::{OauthError, OauthErrorCode as Code},
        parameters::Parameters,
        scope::ScopeValue,
    },
    errors::Error,
    flows::{
        State,
        oauth::{find_access_token::find_access_token, id_token::profile_claims},
    },
    http::{
        request::body::{is_form, read},
        state::WebState,
    },
    stores::tables::oauth_tokens::FoundToken,
};

/// `GET` and `POST /oauth/userinfo`.
pub async fn get(
    request: HttpRequest,
    state: Data<State>,
    web: Data<WebState>,
    payload: Payload,
) -> HttpResponse {
    let token = match token_of(&request, payload).await {
        Ok(Some(token)) => token,
        Ok(None) => return json_answer::no_token(),
        Err(error) => return json_answer::server_failure(&web, &error),
    };
    match find_access_token(&state, &token).await {
        Ok(Some(found)) if found.scope.has(ScopeValue::OpenId) => json_answer::ok(claims(&found)),
        Ok(Some(_)) => {
            let why = "the access token was not granted with openid";
            json_answer::bearer_failure(&OauthError::new(Code::InsufficientScope, why))
        }
        Ok(None) => {
            let why = "the access token is unknown, or has ended";
            json_answer::bearer_failure(&OauthError::new(Code::InvalidToken, why))
        }
        Err(error) => json_answer::server_failure(&web, &error),
    }
}

/// Returns the access token of the header or, in a POST, of the form (RFC 6750 §2).
async fn token_of(request: &HttpRequest, payload: Payload) -> Result<Option<String>, Error> {
    if let Some(header) = request.headers().get(AUTHORIZATION) {
        let header = header.to_str().unwrap_or_default().split_once(' ');
        let bearer = header.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        return Ok(bearer.map(|(_, token)| token.trim().to_owned()));
    }
    if *request.method() != Method::POST || !is_form(request.content_type()) {
        return Ok(None);
    }
    let body = read(payload.into_inner()).await?;
    Ok(Parameters::parse(&body).get("access_token").map(str::to_owned))
}

fn claims(found: &FoundToken) -> Value {
    let FoundToken { account, subject, scope, .. } = found;
    let mut claims = profile_claims(account, *scope);
    claims.insert("sub".to_owned(), json!(subject));
    if scope.has(ScopeValue::Phone) {
        claims.insert("phone_number".to_owned(), json!(account.mobile.e164()));
        claims.insert("phone_number_verified".to_owned(), json!(true));
    }
    Value::Object(claims)
}
