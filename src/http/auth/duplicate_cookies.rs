//! Several session cookies in one request: over http another host can set one of the same name.

use actix_web::{
    Error as ActixError, HttpMessage as _, HttpRequest,
    body::MessageBody,
    cookie::{Cookie, CookieJar},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{COOKIE, HeaderMap, HeaderValue},
    middleware::Next,
    web::Data,
};

use super::{
    cookies::{pairs, session_cookie_name},
    current_session::{CurrentSession, client_session},
};
use crate::{
    domain::client::ClientSession,
    http::state::WebState,
    stores::tables::sessions::{LiveSession, SessionKey},
};

/// The most signed keys that are looked up for one request. With more of them none is believed.
const MOST: usize = 8;

/// Put on a request with several session cookies: the live sessions that it is not believed to belong to. A sign-in or
/// a sign-out ends them.
struct Others(Vec<ClientSession>);

/// A session cookie, as it was sent, whose session is alive.
struct Candidate {
    pair: String,
    live: LiveSession,
}

/// Believes one of several session cookies, if all of them belong to the same person: the one of the latest sign-in.
///
/// With sessions of two people another host may have set one of the cookies, to have this browser act in a stranger's
/// account. Then no session is believed until the next sign-in, which ends them all. Over https no other host can set
/// such a cookie, and no browser sends two, so none is believed (R90).
pub async fn duplicate_cookies(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let Some(web) = request.app_data::<Data<WebState>>().cloned() else {
        return next.call(request).await;
    };
    let name = session_cookie_name(&web);
    if own(request.headers(), name).nth(1).is_none() {
        return next.call(request).await;
    }
    let signed = signed(request.headers(), &web);
    let is_complete = signed.len() <= MOST;
    match find(request.request(), signed).await {
        Ok(mut candidates) => {
            let may_believe = is_complete && !web.origin.is_https();
            let believed = if may_believe { take_believed(&mut candidates) } else { None };
            let pair = believed.as_ref().map(|candidate| candidate.pair.as_str());
            keep_only(request.headers_mut(), name, pair);
            let others = candidates.iter().map(|other| client_session(&other.live)).collect();
            request.extensions_mut().insert(Others(others));
            let current = believed
                .map_or(CurrentSession::Missing, |candidate| CurrentSession::Live(candidate.live));
            request.extensions_mut().insert(current);
        }
        Err(unavailable) => {
            keep_only(request.headers_mut(), name, None);
            request.extensions_mut().insert(unavailable);
        }
    }
    next.call(request).await
}

/// Returns the live sessions whose keys came with a request that is not believed to belong to them.
pub fn others(request: &HttpRequest) -> Vec<ClientSession> {
    request.extensions().get::<Others>().map(|others| others.0.clone()).unwrap_or_default()
}

/// Returns the session cookies of a request, each as `name=value`.
fn own<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers.get_all(COOKIE).flat_map(pairs).filter(move |pair| is_named(pair, name))
}

fn is_named(pair: &[u8], name: &str) -> bool {
    pair.split(|byte| *byte == b'=').next() == Some(name.as_bytes())
}

/// Returns the different keys that the cookies hold under our signature, each with its cookie.
fn signed(headers: &HeaderMap, web: &WebState) -> Vec<(String, SessionKey)> {
    let name = session_cookie_name(web);
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

/// Returns the key in a cookie that the current `SECRET_KEY` has signed, or an older one.
fn key(pair: &str, web: &WebState) -> Option<SessionKey> {
    let name = session_cookie_name(web);
    let mut jar = CookieJar::new();
    jar.add_original(Cookie::parse_encoded(pair.to_owned()).ok()?);
    let mut secrets = [&web.cookie_key].into_iter().chain(&*web.older_cookie_keys);
    let cookie = secrets.find_map(|secret| jar.signed(secret).get(name))?;
    SessionKey::parse(cookie.value())
}

/// Returns those of the first [`MOST`] whose sessions are alive, or fails with [`CurrentSession::Unavailable`].
async fn find(
    request: &HttpRequest,
    signed: Vec<(String, SessionKey)>,
) -> Result<Vec<Candidate>, CurrentSession> {
    let mut candidates = Vec::new();
    for (pair, key) in signed.into_iter().take(MOST) {
        match CurrentSession::find(request, &key).await {
            CurrentSession::Live(live) => candidates.push(Candidate { pair, live }),
            CurrentSession::Missing
            | CurrentSession::Expired
            | CurrentSession::Ended
            | CurrentSession::Displaced => {}
            unavailable @ CurrentSession::Unavailable(_) => return Err(unavailable),
        }
    }
    Ok(candidates)
}

/// Removes the latest sign-in from the candidates and returns it, if all of them are the same person's.
fn take_believed(candidates: &mut Vec<Candidate>) -> Option<Candidate> {
    let person = candidates.first()?.live.account.id;
    if candidates.iter().any(|candidate| candidate.live.account.id != person) {
        return None;
    }
    candidates.sort_by_key(|candidate| candidate.live.signed_in_at);
    candidates.pop()
}

/// Removes all cookies of this name from a request but one.
fn keep_only(headers: &mut HeaderMap, name: &str, kept: Option<&str>) {
    let all: Vec<HeaderValue> = headers.remove(COOKIE).collect();
    let others = all.iter().flat_map(pairs).filter(|pair| !is_named(pair, name));
    let left: Vec<&[u8]> = others.chain(kept.map(str::as_bytes)).collect();
    if let (false, Ok(left)) = (left.is_empty(), HeaderValue::from_bytes(&left.join(&b"; "[..]))) {
        headers.insert(COOKIE, left);
    }
}
