//! While one `SECRET_KEY` follows another: session cookies that the older key has signed (R146).

use actix_web::{
    Error as ActixError, HttpMessage as _,
    body::MessageBody,
    cookie::{Cookie, CookieJar, SameSite},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{CACHE_CONTROL, COOKIE, HeaderMap, HeaderValue, SET_COOKIE},
    middleware::Next,
    web::Data,
};

use super::{client_context, session::cookie_name, session_cookie::CookieMaxAge};
use crate::{
    flows::{State, find_session::find_session},
    http::state::WebState,
    stores::tables::sessions::SessionKey,
};

/// Signs such a cookie anew before actix-session reads it, and gives it to the browser so.
///
/// When the older key goes, nobody who has been here since is signed out. Answers that others may keep
/// carry no cookie.
pub async fn old_cookies(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let state = request.app_data::<Data<State>>().cloned();
    let web = request.app_data::<Data<WebState>>();
    let old = web.and_then(|web| signed_anew(request.headers(), web));
    let (Some(state), Some((key, cookie))) = (state, old) else {
        return next.call(request).await;
    };
    // Whether it lives must be known before: the answer may be to have ended it.
    let found =
        find_session(&state, &key, client_context::current_client_address()).await.ok().flatten();
    put(request.headers_mut(), &cookie);
    let mut response = next.call(request).await?;
    if let Some(session) = found
        && !is_set(&response, cookie.name())
        && !response.headers().contains_key(CACHE_CONTROL)
        && let Ok(value) = HeaderValue::from_str(&cookie.encoded().to_string())
    {
        response.headers_mut().append(SET_COOKIE, value);
        if session.remember {
            let life = CookieMaxAge(state.lifetimes.remembered.absolute);
            response.request().extensions_mut().insert(life);
        }
    }
    Ok(response)
}

/// The session's cookie under the current key, if it came under an older one.
fn signed_anew(headers: &HeaderMap, web: &WebState) -> Option<(SessionKey, Cookie<'static>)> {
    let name = cookie_name(web);
    let pairs = headers.get_all(COOKIE).filter_map(|it| it.to_str().ok()).flat_map(pairs);
    let mut cookies = pairs.filter_map(|it| Cookie::parse_encoded(it.to_owned()).ok());
    let mut jar = CookieJar::new();
    jar.add_original(cookies.find(|it| it.name() == name)?);
    if jar.signed(&web.cookie_key).get(name).is_some() {
        return None;
    }
    let kept = web.older_cookie_keys.iter().find_map(|it| jar.signed(it).get(name))?;
    let key = SessionKey::parse(kept.value())?;
    let fresh = Cookie::build(name, kept.value().to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(web.origin.is_https())
        .finish();
    jar.signed_mut(&web.cookie_key).add(fresh);
    Some((key, jar.get(name)?.clone()))
}

/// Puts the cookie in the place of its namesake.
fn put(headers: &mut HeaderMap, cookie: &Cookie<'_>) {
    let fresh = cookie.encoded().stripped().to_string();
    let is_ours = |it: &str| it.split('=').next() == Some(cookie.name());
    let all: Vec<_> = headers.remove(COOKIE).collect();
    for text in all.iter().filter_map(|it| it.to_str().ok()) {
        let kept = pairs(text).map(|it| if is_ours(it) { &fresh } else { it });
        if let Ok(value) = HeaderValue::from_str(&kept.collect::<Vec<_>>().join("; ")) {
            headers.append(COOKIE, value);
        }
    }
}

fn pairs(cookies: &str) -> impl Iterator<Item = &str> {
    cookies.split(';').map(str::trim)
}

fn is_set<B>(response: &ServiceResponse<B>, name: &str) -> bool {
    let mut texts = response.headers().get_all(SET_COOKIE).filter_map(|it| it.to_str().ok());
    texts.any(|it| it.split('=').next() == Some(name))
}
