//! `Authorization: Bearer …`: the key of an app, where a browser has its cookie.

use actix_web::{
    Error as ActixError, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderValue},
    middleware::Next,
};

use super::current_session::CurrentSession;
use crate::{
    http::oauth::paths::is_for_clients,
    stores::tables::sessions::{Kind, SessionKey},
};

/// Begins every token, so that people and secret scanners recognize one.
const PREFIX: &str = "haoma_";
/// The authentication schemes of the header: the standard's, then those that front-ends of Django REST framework send.
const SCHEMES: [&str; 3] = ["bearer ", "token ", "jwt "];

/// Looks a bearer token up. The cookies that came beside it are removed, so that a request has one key.
pub async fn bearer_token(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    if is_presented(request.headers()) && !is_for_clients(request.path()) {
        let current = find(&request).await;
        request.headers_mut().remove(COOKIE).for_each(drop);
        request.extensions_mut().insert(current);
    }
    next.call(request).await
}

/// Returns whether a request has a bearer token, valid or not.
pub fn is_presented(headers: &HeaderMap) -> bool {
    headers.get_all(AUTHORIZATION).any(|header| after_scheme(header).is_some())
}

/// Returns the token that an app gets for a key.
pub fn token(key: &SessionKey) -> String {
    format!("{PREFIX}{}", key.as_str())
}

async fn find(request: &ServiceRequest) -> CurrentSession {
    let Some(key) = key(request.headers()) else { return CurrentSession::Missing };
    let current = CurrentSession::find(request.request(), &key).await;
    // The key of a cookie is valid in its cookie only.
    let is_of_cookie = current.live().is_some_and(|live| live.kind != Kind::Token);
    if is_of_cookie { CurrentSession::Missing } else { current }
}

/// Returns the key of the only token. With two tokens it would be unclear which one counts, so neither does.
fn key(headers: &HeaderMap) -> Option<SessionKey> {
    let mut all = headers.get_all(AUTHORIZATION);
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    SessionKey::parse(after_scheme(only)?.trim().strip_prefix(PREFIX)?)
}

fn after_scheme(value: &HeaderValue) -> Option<&str> {
    let text = value.to_str().ok()?;
    SCHEMES.into_iter().find_map(|expected| {
        let (scheme, rest) = text.split_at_checked(expected.len())?;
        scheme.eq_ignore_ascii_case(expected).then_some(rest)
    })
}
