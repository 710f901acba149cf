//! Cookies that only this service can read and write, and that expire by its own clock.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, CookieJar, SameSite, time},
};

use crate::{errors::Error, http::state::WebState};

/// Has an answer set a cookie. Its expiry, in seconds since 1970, stands in front of the value, because a browser need not
/// delete it.
pub fn set(
    web: &WebState,
    response: &mut HttpResponse,
    name: &str,
    value: &str,
    lifetime: Duration,
) -> Result<(), Error> {
    let value = format!("{} {value}", (web.clock.now() + lifetime).timestamp());
    add(web, response, name, value, lifetime)
}

/// Encrypts a text that only [`open`] with this name reads again, for a while.
pub fn seal(web: &WebState, name: &str, text: &str, lifetime: Duration) -> Result<String, Error> {
    let value = format!("{} {text}", (web.clock.now() + lifetime).timestamp());
    let mut jar = CookieJar::new();
    jar.private_mut(&web.cookie_key).add(Cookie::new(name.to_owned(), value));
    let sealed = jar.get(name).map(|cookie| cookie.value().to_owned());
    sealed.ok_or_else(|| Error::internal("nothing was sealed"))
}

/// Returns a text that was sealed with this name and has not expired.
pub fn open(web: &WebState, name: &str, sealed: &str) -> Option<String> {
    decrypt(web, &Cookie::new(name.to_owned(), sealed.to_owned()))
}

/// Has an answer delete a cookie.
pub fn forget(web: &WebState, response: &mut HttpResponse, name: &str) -> Result<(), Error> {
    add(web, response, name, String::new(), Duration::ZERO)
}

/// Returns the value of a cookie that we have set and that has not expired.
pub fn value(web: &WebState, request: &HttpRequest, name: &str) -> Option<String> {
    find(web, request, name).map(|(_, value)| value)
}

/// Returns a cookie as it was sent, and its value. Of several cookies of the name that is the first one that we have set:
/// over http another host can set one too.
pub fn find(
    web: &WebState,
    request: &HttpRequest,
    name: &str,
) -> Option<(Cookie<'static>, String)> {
    let name = web.origin.cookie_name(name);
    let cookies = request.cookies().ok()?;
    let mut named = cookies.iter().filter(|cookie| cookie.name() == name);
    named.find_map(|cookie| Some((cookie.clone(), decrypt(web, cookie)?)))
}

fn add(
    web: &WebState,
    response: &mut HttpResponse,
    name: &str,
    value: String,
    max_age: Duration,
) -> Result<(), Error> {
    let max_age = time::Duration::try_from(max_age).map_err(Error::internal)?;
    let cookie = Cookie::build(web.origin.cookie_name(name), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(web.origin.is_https())
        .max_age(max_age)
        .finish();
    let mut jar = CookieJar::new();
    jar.private_mut(&web.cookie_key).add(cookie);
    jar.delta().try_for_each(|cookie| response.add_cookie(cookie)).map_err(Error::internal)
}

fn decrypt(web: &WebState, cookie: &Cookie<'static>) -> Option<String> {
    let mut jar = CookieJar::new();
    jar.add_original(cookie.clone());
    let mut keys = [&web.cookie_key].into_iter().chain(&*web.older_cookie_keys);
    let cookie = keys.find_map(|key| jar.private(key).get(cookie.name()))?;
    let (expires_at, value) = cookie.value().split_once(' ')?;
    let expires_at: i64 = expires_at.parse().ok()?;
    (web.clock.now().timestamp() < expires_at).then(|| value.to_owned())
}
