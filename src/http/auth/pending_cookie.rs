//! Which number this browser has asked a code for: what makes the countdown survive a reload.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, CookieJar, SameSite, time},
};

use crate::{
    domain::{mobile::Mobile, purpose::Purpose, sms_code::SmsCode},
    errors::Error,
    http::state::WebState,
};

/// As long as a code can live (R14).
const LIFE: Duration = Duration::from_mins(10);
/// The cookie of a number that was proved and has no account yet.
const PROOF: &str = "haoma_proof";

/// Remembers the number in an encrypted cookie: it is personal data, and no URL is a place for it
/// (R100). The seconds that remain are not in it: those the server knows.
pub fn remember_mobile(
    web: &WebState,
    response: &mut HttpResponse,
    mobile: &Mobile,
    purpose: Purpose,
) -> Result<(), Error> {
    keep(web, response, &number_of(purpose), mobile.as_str())
}

/// Remembers, encrypted, that this browser has proved a number that has no account yet.
pub fn remember_verified_mobile(
    web: &WebState,
    response: &mut HttpResponse,
    mobile: &Mobile,
    code: &SmsCode,
) -> Result<(), Error> {
    let proof = format!("{} {}", mobile.as_str(), code.digits());
    keep(web, response, PROOF, &proof)
}

/// The number that this browser has proved, and the proof.
pub fn verified_mobile(web: &WebState, request: &HttpRequest) -> Option<(Mobile, SmsCode)> {
    let kept = kept(web, request, PROOF)?;
    let (mobile, code) = kept.split_once(' ')?;
    Some((Mobile::from_stored(mobile.to_owned()), SmsCode::parse(code).ok()?))
}

/// Makes the browser forget the proof.
pub fn forget_verified_mobile(web: &WebState, response: &mut HttpResponse) -> Result<(), Error> {
    set(web, response, PROOF, String::new(), Duration::ZERO)
}

fn keep(web: &WebState, response: &mut HttpResponse, name: &str, text: &str) -> Result<(), Error> {
    let value = format!("{} {text}", (web.clock.now() + LIFE).timestamp());
    set(web, response, name, value, LIFE)
}

fn set(
    web: &WebState,
    response: &mut HttpResponse,
    name: &str,
    value: String,
    life: Duration,
) -> Result<(), Error> {
    let life = time::Duration::try_from(life).map_err(Error::internal)?;
    let cookie = Cookie::build(web.origin.cookie_name(name), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(web.origin.is_https())
        .max_age(life)
        .finish();
    let mut jar = CookieJar::new();
    jar.private_mut(&web.cookie_key).add(cookie);
    jar.delta().try_for_each(|it| response.add_cookie(it)).map_err(Error::internal)
}

/// The cookie of a browser that has asked for a code, as it was sent: no other browser has the same one.
pub fn sent_cookie(web: &WebState, request: &HttpRequest, purpose: Purpose) -> Option<String> {
    find(web, request, &number_of(purpose)).map(|(cookie, _)| cookie.value().to_owned())
}

/// The number this browser has asked a code for in the last minutes.
pub fn pending_mobile(web: &WebState, request: &HttpRequest, purpose: Purpose) -> Option<Mobile> {
    kept(web, request, &number_of(purpose)).map(Mobile::from_stored)
}

fn kept(web: &WebState, request: &HttpRequest, name: &str) -> Option<String> {
    find(web, request, name).map(|(_, text)| text)
}

/// A cookie and what it holds; of several of the name the first that we have made: over http another host may have
/// set one too.
fn find(web: &WebState, request: &HttpRequest, name: &str) -> Option<(Cookie<'static>, String)> {
    let name = web.origin.cookie_name(name);
    let cookies = request.cookies().ok()?;
    let mut named = cookies.iter().filter(|cookie| cookie.name() == name);
    named.find_map(|cookie| Some((cookie.clone(), opened(web, cookie)?)))
}

/// What a cookie holds, if we have made it and its time is not over.
fn opened(web: &WebState, cookie: &Cookie<'static>) -> Option<String> {
    let mut jar = CookieJar::new();
    jar.add_original(cookie.clone());
    let mut keys = [&web.cookie_key].into_iter().chain(&*web.older_cookie_keys);
    let cookie = keys.find_map(|key| jar.private(key).get(cookie.name()))?;
    let (ends_at, text) = cookie.value().split_once(' ')?;
    let ends_at: i64 = ends_at.parse().ok()?;
    (web.clock.now().timestamp() < ends_at).then(|| text.to_owned())
}

/// The cookie of the number that was texted for a purpose.
fn number_of(purpose: Purpose) -> String {
    format!("haoma_{}", purpose.as_str())
}
