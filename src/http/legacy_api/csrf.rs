//! Protection of GET requests that change something or cost something, which legacy APIs have: only our own pages may
//! send them.
//!
//! For other methods `middleware/origin.rs` has checked the same already.

use actix_web::{
    HttpRequest,
    http::{Method, header::REFERER},
};
use url::Url;

use crate::{
    errors::Error,
    http::middleware::origin::{Source, came_from, own_origin},
};

/// Refuses a request from another site. One that does not say where it comes from passes, as programs send none of
/// these headers.
pub(super) fn refuse_cross_site(request: &HttpRequest) -> Result<(), Error> {
    match source(request) {
        Source::Ourselves | Source::Unknown => Ok(()),
        Source::Elsewhere => Err(Error::CrossSite),
    }
}

/// Refuses a request that does not certainly come from our own pages. This is for requests that act on the session of
/// a cookie.
pub(super) fn require_own_page(request: &HttpRequest) -> Result<(), Error> {
    match source(request) {
        Source::Ourselves => Ok(()),
        Source::Unknown => Err(Error::OriginMissing),
        Source::Elsewhere => Err(Error::CrossSite),
    }
}

/// Returns where a GET request comes from. With a GET, older browsers send neither `Sec-Fetch-Site` nor `Origin`, but
/// from our own pages always a `Referer`.
///
/// `Sec-Fetch-Site: none` counts as another site: it is sent for a typed address, but also for a link in a mail, which
/// somebody else may have written.
fn source(request: &HttpRequest) -> Source {
    if *request.method() != Method::GET {
        return Source::Ourselves;
    }
    if request.headers().get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"none") {
        return Source::Elsewhere;
    }
    let Some(own) = own_origin(request) else { return Source::Unknown };
    match came_from(request.headers(), &own) {
        Source::Unknown => source_by_referer(request, &own),
        known @ (Source::Ourselves | Source::Elsewhere) => known,
    }
}

fn source_by_referer(request: &HttpRequest, own: &Url) -> Source {
    let Some(referer) = request.headers().get(REFERER) else { return Source::Unknown };
    let referer = referer.to_str().ok().and_then(|referer| Url::parse(referer).ok());
    match referer {
        Some(referer) if referer.origin() == own.origin() => Source::Ourselves,
        Some(_) | None => Source::Elsewhere,
    }
}
