//! Lets pages of the operator's other sites ask who is signed in, and sign out (CORS, Fetch Standard §3.2).

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, HeaderMap, HeaderValue, ORIGIN,
            VARY,
        },
    },
};

use crate::domain::sites::Sites;

/// The path at which a page of a site signs its reader out.
const SESSION: &str = "/api/v1/session";
/// The paths that pages of the sites may read with the cookies of their reader. Browsers send the cookies only between
/// hosts of one domain.
const SHARED: [&str; 2] = [SESSION, "/api/v1/session/jwt"];
/// For how many seconds a browser need not ask again what is allowed.
const MAX_AGE: u32 = 600;

/// Whether the answer to a request may be read by the page that sent it.
#[derive(Clone, Debug)]
pub(super) enum Cors {
    /// The path is for our own pages.
    NotShared,
    /// The path is shared, and the request does not come from one of the sites.
    OfNobody,
    /// The request comes from a site with this origin.
    Of(HeaderValue),
}

impl Cors {
    /// Reads where the request comes from.
    pub(super) fn of(request: &HttpRequest, sites: &Sites) -> Self {
        if sites.is_empty() || !SHARED.contains(&request.path()) {
            return Self::NotShared;
        }
        match site(request.headers(), sites) {
            Some(origin) => Self::Of(origin.clone()),
            None => Self::OfNobody,
        }
    }

    /// Adds what lets the page read the answer.
    pub(super) fn add_to(&self, headers: &mut HeaderMap) {
        if matches!(self, Self::NotShared) {
            return;
        }
        headers.append(VARY, HeaderValue::from_static("origin"));
        if let Self::Of(origin) = self {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }
}

/// `OPTIONS` of a shared path: what a page of a site may do there.
pub(crate) async fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, DELETE"))
        .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .finish()
}

/// Returns whether a page of a site signs its reader out: the only change that it may make.
pub(super) fn is_sign_out(request: (&Method, &str), headers: &HeaderMap, sites: &Sites) -> bool {
    request == (&Method::DELETE, SESSION) && site(headers, sites).is_some()
}

fn site<'a>(headers: &'a HeaderMap, sites: &Sites) -> Option<&'a HeaderValue> {
    let origin = headers.get(ORIGIN)?;
    origin.to_str().is_ok_and(|text| sites.has_origin(text)).then_some(origin)
}
