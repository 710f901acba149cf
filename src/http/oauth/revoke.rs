//! `/oauth/revoke`: a client gives a token up (RFC 7009).

use actix_web::{HttpResponse, web::Data};

use super::{client_request::ClientRequest, json_answer};
use crate::{
    domain::oauth::error::{OauthError, OauthErrorCode as Code},
    errors::Error,
    flows::{
        State,
        oauth::{OauthFailure, revoke_token::revoke_token},
    },
    http::state::WebState,
};

/// `POST /oauth/revoke`. It also succeeds with an unknown token.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    request: Result<ClientRequest, Error>,
) -> HttpResponse {
    json_answer::of(&web, revoke(&state, request).await.map(|()| json_answer::empty()))
}

async fn revoke(state: &State, request: Result<ClientRequest, Error>) -> Result<(), OauthFailure> {
    let request = request?;
    let client = request.client(state).await?;
    let missing = OauthError::new(Code::InvalidRequest, "token is missing");
    let token = request.get("token").ok_or(missing)?;
    Ok(revoke_token(state, &client, token).await?)
}
