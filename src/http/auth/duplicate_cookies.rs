//! Several session cookies in one request: over http another host can set one of the name.

use actix_web::{
    Error as ActixError, HttpMessage as _, HttpRequest,
    body::MessageBody,
    cookie::{Cookie, CookieJar},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{COOKIE, HeaderMap, HeaderValue},
    middleware::Next,
    web::Data,
};

use super::{client_context, cookies::pairs, session::cookie_name};
use crate::{
    domain::client::ClientSession,
    errors::Error,
    flows::{State, find_session::find_session},
    http::state::WebState,
    stores::tables::sessions::{LiveSession, SessionKey},
};

/// Signed keys that are looked up for one request; with more of them none is believed.
const MOST: usize = 8;

/// Put on a request with several session cookies: the live sessions that it is not believed to come from. They
/// end with a sign-in and with a sign-out.
struct Others(Vec<ClientSession>);

/// Put on such a request when the database did not answer.
struct Outage(String);

/// A session cookie that is good, as it was sent.
struct Candidate {
    pair: String,
    live: LiveSession,
}

/// Believes one of several session cookies: that of the only person who is signed in by any of them.
///
/// With sessions of two people the second may have been set by another host, for this browser to act in a
/// stranger's account: then nobody is there until somebody signs in, which ends them all. Over https no other host
/// can set one, so that two of them are no browser's: none is believed (R90).
pub async fn duplicate_cookies(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let shared = (request.app_data::<Data<State>>(), request.app_data::<Data<WebState>>());
    let (Some(state), Some(web)) = (shared.0.cloned(), shared.1.cloned()) else {
        return next.call(request).await;
    };
    let name = cookie_name(&web);
    if own(request.headers(), name).nth(1).is_none() {
        return next.call(request).await;
    }
    let signed = signed(request.headers(), &web);
    let is_complete = signed.len() <= MOST;
    match find(&state, signed).await {
        Ok(mut candidates) => {
            let may_believe = is_complete && !web.origin.is_https();
            let believed = if may_believe { take_believed(&mut candidates) } else { None };
            let pair = believed.as_ref().map(|candidate| candidate.pair.as_str());
            keep_only(request.headers_mut(), name, pair);
            let others = candidates.into_iter().map(|other| session_of(other.live)).collect();
            request.extensions_mut().insert(Others(others));
        }
        Err(error) => {
            keep_only(request.headers_mut(), name, None);
            request.extensions_mut().insert(Outage(error.to_string()));
        }
    }
    next.call(request).await
}

/// The live sessions that a request has keys of and is not believed to come from.
pub fn others(request: &HttpRequest) -> Vec<ClientSession> {
    request.extensions().get::<Others>().map(|others| others.0.clone()).unwrap_or_default()
}

/// Why it is unknown which sessions the cookies stand for.
pub fn outage(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<Outage>().map(|outage| outage.0.clone())
}

/// The session cookies of a request, each `name=value`.
fn own<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers.get_all(COOKIE).flat_map(pairs).filter(move |pair| is_named(pair, name))
}

fn is_named(pair: &[u8], name: &str) -> bool {
    pair.split(|byte| *byte == b'=').next() == Some(name.as_bytes())
}

/// The different keys that the cookies hold under our signature, each with its cookie.
fn signed(headers: &HeaderMap, web: &WebState) -> Vec<(String, SessionKey)> {
    let name = cookie_name(web);
    let mut found: Vec<(String, SessionKey)> = Vec::new();
    for pair in own(headers, name) {
        let Ok(pair) = std::str::from_utf8(pair) else { continue };
        let Some(key) = key(pair, web) else { continue };
        if !found.iter().any(|(_, known)| *known == key) {
            found.push((pair.to_owned(), key));
        }
    }
    found
}

/// The key in a cookie that the current `SECRET_KEY` has signed, or an older one.
fn key(pair: &str, web: &WebState) -> Option<SessionKey> {
    let name = cookie_name(web);
    let mut jar = CookieJar::new();
    jar.add_original(Cookie::parse_encoded(pair.to_owned()).ok()?);
    let mut secrets = [&web.cookie_key].into_iter().chain(&*web.older_cookie_keys);
    let cookie = secrets.find_map(|secret| jar.signed(secret).get(name))?;
    SessionKey::parse(cookie.value())
}

/// Those of the first [`MOST`] that are alive.
async fn find(state: &State, signed: Vec<(String, SessionKey)>) -> Result<Vec<Candidate>, Error> {
    let mut candidates = Vec::new();
    for (pair, key) in signed.into_iter().take(MOST) {
        match find_session(state, &key, client_context::current_client_address()).await {
            Ok(Some(live)) => candidates.push(Candidate { pair, live }),
            // Neither lives: another cookie may.
            Ok(None) | Err(Error::SignedInElsewhere) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(candidates)
}

/// Takes out the latest sign-in, if all are one person's.
fn take_believed(candidates: &mut Vec<Candidate>) -> Option<Candidate> {
    let person = candidates.first()?.live.account.id;
    if candidates.iter().any(|candidate| candidate.live.account.id != person) {
        return None;
    }
    candidates.sort_by_key(|candidate| candidate.live.signed_in_at);
    candidates.pop()
}

fn session_of(live: LiveSession) -> ClientSession {
    ClientSession { user_id: live.account.id, public_id: live.public_id }
}

/// Takes all cookies of this name out of a request but one.
fn keep_only(headers: &mut HeaderMap, name: &str, kept: Option<&str>) {
    let all: Vec<HeaderValue> = headers.remove(COOKIE).collect();
    let others = all.iter().flat_map(pairs).filter(|pair| !is_named(pair, name));
    let left: Vec<&[u8]> = others.chain(kept.map(str::as_bytes)).collect();
    if let (false, Ok(left)) = (left.is_empty(), HeaderValue::from_bytes(&left.join(&b"; "[..]))) {
        headers.insert(COOKIE, left);
    }
}
