//! A GET that does something, or costs something, as these front-ends have it: only our own pages may send it.

use actix_web::{
    HttpRequest,
    http::{Method, header::REFERER},
};
use url::Url;

use crate::{
    errors::Error,
    http::middleware::origin::{Source, came_from, own_origin},
};

/// Refuses what another site stands behind; a program that says nothing of itself passes.
pub(super) fn no_other_site(request: &HttpRequest) -> Result<(), Error> {
    match source(request) {
        Source::Ourselves | Source::Unknown => Ok(()),
        Source::Elsewhere => Err(Error::CrossSite),
    }
}

/// The same for what a cookie decides: somebody who says nothing is not believed to hold it.
pub(super) fn only_own_pages(request: &HttpRequest) -> Result<(), Error> {
    match source(request) {
        Source::Ourselves => Ok(()),
        Source::Unknown => Err(Error::OriginMissing),
        Source::Elsewhere => Err(Error::CrossSite),
    }
}

/// Unsafe methods were judged before they came here. With a GET an older browser sends neither
/// `Sec-Fetch-Site` nor `Origin`, but from our own pages always a `Referer`.
///
/// `Sec-Fetch-Site: none` is a link in a mail as well as a typed address: somebody else may have written it.
fn source(request: &HttpRequest) -> Source {
    if *request.method() != Method::GET {
        return Source::Ourselves;
    }
    if request.headers().get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"none") {
        return Source::Elsewhere;
    }
    let Some(own) = own_origin(request) else { return Source::Unknown };
    match came_from(request.headers(), &own) {
        Source::Unknown => referred_from(request, &own),
        known @ (Source::Ourselves | Source::Elsewhere) => known,
    }
}

fn referred_from(request: &HttpRequest, own: &Url) -> Source {
    let Some(referer) = request.headers().get(REFERER) else { return Source::Unknown };
    let from = referer.to_str().ok().and_then(|it| Url::parse(it).ok());
    match from {
        Some(from) if from.origin() == own.origin() => Source::Ourselves,
        Some(_) | None => Source::Elsewhere,
    }
}
