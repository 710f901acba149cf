//! The id of a device: in a cookie of a browser, in a header of an app.

use std::time::Duration;

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite},
    http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE},
};

use super::{cookies::pairs, current_session::CookiesIgnored};
use crate::{domain::device::DeviceId, http::state::WebState};

const COOKIE_NAME: &str = "haoma_device";
const HEADER: &str = "x-haoma-device";
/// How long a browser keeps the cookie.
const LIFETIME: Duration = Duration::from_hours(24 * 180);

/// Put on a request whose answer sets the cookie.
#[derive(Clone, Copy, Debug)]
struct Kept(DeviceId);

/// Returns the device of a request: that of the header, or else of the cookie.
///
/// An id that we have not signed counts as none, and so do several: over http another host can set the cookie too.
pub(super) fn device_of(request: &HttpRequest, web: &WebState) -> Option<DeviceId> {
    let (headers, name) = (request.headers(), web.origin.cookie_name(COOKIE_NAME));
    let text = if headers.contains_key(HEADER) {
        only(headers.get_all(HEADER).map(HeaderValue::as_bytes))
    } else {
        only(cookies(headers, &name))
    };
    web.device_signer.verify(std::str::from_utf8(text?).ok()?)
}

/// Has the answer set the cookie.
pub(super) fn keep(request: &HttpRequest, id: DeviceId) {
    // A request whose cookies were ignored may have one, which would be replaced.
    let mut extensions = request.extensions_mut();
    if !extensions.contains::<CookiesIgnored>() {
        extensions.insert(Kept(id));
    }
}

/// Sets the cookie in the answer to a request for which a handler has asked for it.
pub fn add_to<B>(response: &mut HttpResponse<B>, request: &HttpRequest, web: &WebState) {
    let Some(Kept(id)) = request.extensions().get::<Kept>().copied() else { return };
    let name = web.origin.cookie_name(COOKIE_NAME);
    let cookie = Cookie::build(name, web.device_signer.sign(&id))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(web.origin.is_https())
        .finish();
    let text = format!("{cookie}; Max-Age={}", LIFETIME.as_secs());
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// Returns the values of the cookies of this name.
fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let pairs = headers.get_all(COOKIE).flat_map(pairs);
    pairs.filter_map(move |pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

fn only<'a>(mut all: impl Iterator<Item = &'a [u8]>) -> Option<&'a [u8]> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}
