//! Which cookies of a request are ours: those whose names are, letter by letter.

use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};

use crate::{http::state::WebState, i18n::language};

/// How the names of our cookies begin, after the prefix that they have over https.
const OURS: &str = "haoma";

/// Takes all cookies out of a request that are not ours.
///
/// The framework decodes names, so that `%5F%5FHost-haoma` would pass for a cookie that no other host can set;
/// and one cookie that is not UTF-8 hides all others from it.
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

/// The cookies of one header, each `name=value`.
pub(crate) fn pairs(header: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let pairs = header.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    pairs.filter(|pair| !pair.is_empty())
}
