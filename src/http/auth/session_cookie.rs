//! The cookie that holds the key of a session: set and deleted through actix-session, which can give it neither a
//! `Max-Age` of its own nor a signature in place of one by an older `SECRET_KEY`.

use std::time::Duration;

use actix_session::SessionExt as _;
use actix_web::{
    Error as ActixError, HttpMessage as _, HttpRequest,
    body::MessageBody,
    cookie::{Cookie, CookieJar, SameSite},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{CACHE_CONTROL, COOKIE, HeaderMap, HeaderValue, SET_COOKIE},
    middleware::Next,
    web::Data,
};

use super::{cookies::session_cookie_name, current_session::CurrentSession, session_store};
use crate::{
    errors::Error,
    flows::{SignedIn, State},
    http::state::WebState,
    stores::tables::sessions::SessionKey,
};

/// Put on a request whose answer sets a session cookie that outlives the browser: for how long.
#[derive(Clone, Copy, Debug)]
struct MaxAge(Duration);

/// Puts the key of a new session into the cookie, in the place of an older one.
pub(super) fn set(request: &HttpRequest, signed_in: &SignedIn) -> Result<(), Error> {
    session_store::set_key(&request.get_session(), &signed_in.key)?;
    if let Some(life) = signed_in.max_age {
        request.extensions_mut().insert(MaxAge(life));
    }
    Ok(())
}

/// Deletes the cookie. One whose session had ended before is left alone.
pub(super) fn remove(request: &HttpRequest) {
    let current = CurrentSession::of(request);
    let has_ended = matches!(
        current.as_deref(),
        Some(CurrentSession::Missing | CurrentSession::Expired | CurrentSession::Ended)
    );
    drop(current);
    if !has_ended {
        request.get_session().purge();
    }
}

/// Signs a cookie again that an older `SECRET_KEY` has signed, and adds `Max-Age` to one that is to outlive the browser.
///
/// actix-session knows one lifetime for all cookies, and here the person chooses. The server ends the session by its own
/// clock either way (R82).
pub async fn session_cookie(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let resigned = resign_request(&mut request).await;
    let mut response = next.call(request).await?;
    if let Some(cookie) = resigned {
        send_resigned(&mut response, &cookie);
    }
    add_max_age(&mut response);
    Ok(response)
}

/// While one `SECRET_KEY` follows another: if the cookie was signed by an older key, replaces it in the request by one
/// that actix-session can verify. Returns it for the browser if its session is alive, so that the older key can go
/// some day without signing anybody out who has been here since (R146).
async fn resign_request(request: &mut ServiceRequest) -> Option<Cookie<'static>> {
    let web = request.app_data::<Data<WebState>>()?;
    if web.older_cookie_keys.is_empty() {
        return None;
    }
    let (key, cookie) = resigned(request.headers(), web)?;
    replace(request.headers_mut(), &cookie);
    // The session is looked up before the handler runs, which may end it.
    if !request.extensions().contains::<CurrentSession>() {
        let current = CurrentSession::find(request.request(), &key).await;
        request.extensions_mut().insert(current);
    }
    let extensions = request.extensions();
    extensions.get::<CurrentSession>()?.live().map(|_| cookie)
}

/// Sends a cookie that was signed again, unless the answer sets another one or caches may store it.
fn send_resigned<B>(response: &mut ServiceResponse<B>, cookie: &Cookie<'_>) {
    if is_set(response, cookie.name()) || response.headers().contains_key(CACHE_CONTROL) {
        return;
    }
    let Ok(value) = HeaderValue::from_str(&cookie.encoded().to_string()) else { return };
    response.headers_mut().append(SET_COOKIE, value);
    let is_remembered = CurrentSession::of(response.request())
        .is_some_and(|current| current.live().is_some_and(|live| live.remember));
    let state = response.request().app_data::<Data<State>>();
    if let Some(state) = state.filter(|_| is_remembered) {
        let max_age = MaxAge(state.lifetimes.remembered.absolute);
        response.request().extensions_mut().insert(max_age);
    }
}

/// Returns the session's key and its cookie under the current `SECRET_KEY`, if it came under an older one.
fn resigned(headers: &HeaderMap, web: &WebState) -> Option<(SessionKey, Cookie<'static>)> {
    let name = session_cookie_name(web);
    let pairs = headers.get_all(COOKIE).filter_map(|header| header.to_str().ok()).flat_map(pairs);
    let mut cookies = pairs.filter_map(|pair| Cookie::parse_encoded(pair.to_owned()).ok());
    let mut jar = CookieJar::new();
    jar.add_original(cookies.find(|cookie| cookie.name() == name)?);
    if jar.signed(&web.cookie_key).get(name).is_some() {
        return None;
    }
    let older = web.older_cookie_keys.iter().find_map(|key| jar.signed(key).get(name))?;
    let key = SessionKey::parse(older.value())?;
    let cookie = Cookie::build(name, older.value().to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(web.origin.is_https())
        .finish();
    jar.signed_mut(&web.cookie_key).add(cookie);
    Some((key, jar.get(name)?.clone()))
}

/// Puts the cookie in the place of the one of the same name.
fn replace(headers: &mut HeaderMap, cookie: &Cookie<'_>) {
    let resigned = cookie.encoded().stripped().to_string();
    let is_same = |pair: &str| pair.split('=').next() == Some(cookie.name());
    let all: Vec<_> = headers.remove(COOKIE).collect();
    for text in all.iter().filter_map(|header| header.to_str().ok()) {
        let replaced = pairs(text).map(|pair| if is_same(pair) { &resigned } else { pair });
        if let Ok(value) = HeaderValue::from_str(&replaced.collect::<Vec<_>>().join("; ")) {
            headers.append(COOKIE, value);
        }
    }
}

fn pairs(cookies: &str) -> impl Iterator<Item = &str> {
    cookies.split(';').map(str::trim)
}

fn is_set<B>(response: &ServiceResponse<B>, name: &str) -> bool {
    let mut cookies =
        response.headers().get_all(SET_COOKIE).filter_map(|header| header.to_str().ok());
    cookies.any(|cookie| cookie.split('=').next() == Some(name))
}

fn add_max_age<B>(response: &mut ServiceResponse<B>) {
    let max_age = response.request().extensions().get::<MaxAge>().copied();
    let web = response.request().app_data::<Data<WebState>>();
    let (Some(MaxAge(life)), Some(web)) = (max_age, web) else { return };
    let begins = format!("{}=", session_cookie_name(web));
    let cookies: Vec<HeaderValue> = response.headers_mut().remove(SET_COOKIE).collect();
    for cookie in cookies {
        let cookie = with_max_age(&cookie, &begins, life).unwrap_or(cookie);
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

fn with_max_age(cookie: &HeaderValue, begins: &str, life: Duration) -> Option<HeaderValue> {
    let text = cookie.to_str().ok().filter(|text| text.starts_with(begins))?;
    HeaderValue::from_str(&format!("{text}; Max-Age={}", life.as_secs())).ok()
}
