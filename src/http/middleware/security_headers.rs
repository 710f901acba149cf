//! The security headers of every answer, errors included (R95–R99).

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY,
    CROSS_ORIGIN_RESOURCE_POLICY, HeaderMap, HeaderName, HeaderValue, PERMISSIONS_POLICY,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use crate::{domain::brand::Logo, errors::Error};

/// The Content-Security-Policy of our pages: nothing inline, and nothing from other sites (R95).
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    media-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
    frame-ancestors 'none'";
/// The part of the page policy to which the origin of the operator's logo is added.
const IMAGE_SOURCES: &str = "img-src 'self'";
/// The part of the page policy to which the site is added that a form leads to.
const FORM_TARGETS: &str = "form-action 'self'";
/// The policy of answers for programs.
static API_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// The headers of every answer (R97).
static HEADERS: [(HeaderName, HeaderValue); 7] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
    (CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    (
        PERMISSIONS_POLICY,
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // By default an answer is about one person and one moment (R99).
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];
static HTTPS_FOR_ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Returns the `Content-Security-Policy` of pages, which may show a logo from another site.
pub(crate) fn page_policy(logo: Option<&Logo>) -> Result<HeaderValue, Error> {
    let origin = logo.and_then(|logo| logo.origin.as_deref());
    let images = origin
        .map_or_else(|| IMAGE_SOURCES.to_owned(), |origin| format!("{IMAGE_SOURCES} {origin}"));
    HeaderValue::from_str(&PAGE_POLICY.replace(IMAGE_SOURCES, &images)).map_err(Error::internal)
}

/// Returns the policy of a page whose form may lead to another site. Chromium applies `form-action` to the redirect that
/// answers a form.
pub(crate) fn with_form_target(policy: &HeaderValue, origin: &str) -> Result<HeaderValue, Error> {
    let policy = policy.to_str().map_err(Error::internal)?;
    let targets = format!("{FORM_TARGETS} {origin}");
    HeaderValue::from_str(&policy.replace(FORM_TARGETS, &targets)).map_err(Error::internal)
}

/// Adds the headers that the handler has not set itself. Only pages have a `page_policy`.
pub(super) fn add(headers: &mut HeaderMap, page_policy: Option<&HeaderValue>, is_https: bool) {
    insert_if_absent(headers, &CONTENT_SECURITY_POLICY, page_policy.unwrap_or(&API_POLICY));
    for (name, value) in &HEADERS {
        insert_if_absent(headers, name, value);
    }
    if is_https {
        insert_if_absent(headers, &STRICT_TRANSPORT_SECURITY, &HTTPS_FOR_ONE_YEAR);
    }
}

/// Sets a header unless the answer has it already.
pub(super) fn insert_if_absent(headers: &mut HeaderMap, name: &HeaderName, value: &HeaderValue) {
    if !headers.contains_key(name) {
        headers.insert(name.clone(), value.clone());
    }
}
