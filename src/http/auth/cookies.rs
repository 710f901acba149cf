//! Which cookies of a request are ours, by their names.

use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};

use crate::{http::state::WebState, i18n::language};

/// Begins the names of our cookies, behind the prefix that they have over https.
const OURS: &str = "haoma";

/// Returns the name of the cookie that holds the key of a session. Over https its prefix makes browsers refuse one that
/// another host has set (R80).
pub(crate) fn session_cookie_name(web: &WebState) -> &'static str {
    if web.origin.is_https() { "__Host-haoma" } else { "haoma" }
}

/// Removes all cookies from a request that are not ours.
///
/// actix decodes names, so that `%5F%5FHost-haoma` would pass for a cookie that no other host can set. And one cookie
/// that is not UTF-8 makes it see none at all.
pub(crate) fn keep_own(headers: &mut HeaderMap, web: &WebState) {
    let begins = web.origin.cookie_name(OURS);
    let is_own = |pair: &[u8]| {
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        !name.contains(&b'%')
            && std::str::from_utf8(pair).is_ok()
            && (name.starts_with(begins.as_bytes()) || name == language::COOKIE.as_bytes())
    };
    if headers.get_all(COOKIE).flat_map(pairs).all(is_own) {
        return;
    }
    let all: Vec<HeaderValue> = headers.remove(COOKIE).collect();
    let own: Vec<&[u8]> = all.iter().flat_map(pairs).filter(|pair| is_own(pair)).collect();
    if let (false, Ok(own)) = (own.is_empty(), HeaderValue::from_bytes(&own.join(&b"; "[..]))) {
        headers.insert(COOKIE, own);
    }
}

/// Returns the cookies of one header, each as `name=value`.
pub(crate) fn pairs(header: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let pairs = header.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    pairs.filter(|pair| !pair.is_empty())
}
