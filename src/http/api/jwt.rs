//! `/api/v1/session/jwt` and `/.well-known/jwks.json`: a JWT of the session, for other services, and the keys to verify it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL},
    },
    web::Data,
};
use serde_json::json;

use crate::{
    domain::jwk::Jwk,
    errors::Error,
    flows::{State, issue_jwt::issue_jwt},
    http::{auth::viewer::Viewer, oauth::issuer::issuer, response::envelope, state::WebState},
    stores::jwt_keys::{JWT_LIFETIME, KEY_SET_MAX_AGE},
};

/// `GET /session/jwt`: a JWT for the session of the request.
pub async fn get(
    request: HttpRequest,
    state: Data<State>,
    web: Data<WebState>,
    viewer: Viewer,
) -> Result<HttpResponse, Error> {
    let issuer = issuer(&request, &web)?;
    let audience = web.http.jwt_audience.as_deref().unwrap_or(&issuer);
    let (account, session) = (&viewer.account, &viewer.session.public_id);
    let token =
        issue_jwt(&state, account, session, (&issuer, audience), web.http.jwt_algorithm).await?;
    let data = json!({ "token": token, "expires_in": JWT_LIFETIME.as_secs() });
    Ok(envelope::ok(StatusCode::OK, data))
}

/// `GET /.well-known/jwks.json`: the public keys in the format of RFC 7517, without our envelope. Scripts of
/// any site may read them; no cookies are involved.
pub async fn keys(state: Data<State>) -> HttpResponse {
    let keys: Vec<_> = state.jwt_keys.published_keys().await.into_iter().map(Jwk::from).collect();
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, format!("public, max-age={}", KEY_SET_MAX_AGE.as_secs())))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .json(json!({ "keys": keys }))
}
