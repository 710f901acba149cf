//! Refuses requests to a foreign host, without TLS, or from another site.

use actix_web::{
    Error as ActixError, HttpMessage as _, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{COOKIE, HOST, HeaderMap, LOCATION, ORIGIN},
        uri::PathAndQuery,
    },
    middleware::Next,
    web::Data,
};
use url::Url;

use super::cors;
use crate::{
    errors::Error,
    http::{
        auth::{bearer, current_session::CookiesIgnored},
        oauth::paths::{is_for_clients, is_sent_by_clients},
        proxy::paths::{FORWARD_AUTH, ON_SITES},
        state::WebState,
    },
};

/// Refuses unknown hosts, requests without TLS where the public address has TLS, and unsafe requests from another site.
///
/// The browser itself says where a request comes from: in `Sec-Fetch-Site`, else in `Origin`. With neither it is no
/// browser, or an old one, and the cookies are ignored (R49, R92). `Origin: null` says nothing either: old web views send
/// it, and browsers do for pages with `no-referrer`. No other site can make a browser send a bearer token, and beside one
/// the cookies are ignored as well.
pub async fn check_origin(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    if is_for_any_host(request.path()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let own = if request.path().starts_with(ON_SITES) {
        site(request.request())
    } else {
        own_origin(request.request())
    };
    let Some(own) = own else {
        return Ok(request.error_response(Error::UnknownHost).map_into_right_body());
    };
    if own.scheme() == "https" && came_without_tls(&request) {
        return Ok(refuse_plain_http(request, &own).map_into_right_body());
    }
    if is_for_clients(request.path()) {
        request.headers_mut().remove(COOKIE).for_each(drop);
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let is_unsafe = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_unsafe && !bearer::is_presented(request.headers()) {
        match came_from(request.headers(), &own) {
            Source::Ourselves => {}
            Source::Elsewhere if is_sign_out_by_site(&request) => {}
            Source::Elsewhere if is_sent_by_clients(request.path()) => {}
            Source::Elsewhere => {
                return Ok(request.error_response(Error::CrossSite).map_into_right_body());
            }
            Source::Unknown => {
                if request.headers_mut().remove(COOKIE).next().is_some() {
                    request.extensions_mut().insert(CookiesIgnored);
                }
            }
        }
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// Returns whether a path is served under any `Host`: it is requested by programs of the operator, which know us by other
/// names, or belongs to the look of the page that refuses a foreign host.
///
/// Monitoring asks by address, and verifiers of JWTs fetch our public keys: both get public data. A proxy asks who is
/// signed in with the `Host` of the site that it protects: that changes nothing, and the answer is about the sender of the
/// key. A page under a foreign name that points at us learns nothing: browsers do not send our cookie to that name.
fn is_for_any_host(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/.well-known/jwks.json" | FORWARD_AUTH)
        || path.starts_with("/static/")
}

/// Returns whether a page of one of the operator's other sites signs its reader out.
fn is_sign_out_by_site(request: &ServiceRequest) -> bool {
    let Some(web) = request.app_data::<Data<WebState>>() else { return false };
    cors::is_sign_out((request.method(), request.path()), request.headers(), &web.http.sites)
}

/// Returns whether trusted proxies say that the request came without TLS.
fn came_without_tls(request: &ServiceRequest) -> bool {
    let (peer, web) = (request.peer_addr(), request.app_data::<Data<WebState>>());
    let (Some(peer), Some(web)) = (peer, web) else { return false };
    web.proxies.say_plain(peer.ip(), request.headers())
}

/// Redirects a page to https. A program has sent its secrets in the clear already, so it gets an error (R98).
fn refuse_plain_http(request: ServiceRequest, own: &Url) -> ServiceResponse {
    let is_page = !request.path().starts_with("/api/");
    if !(is_page && matches!(*request.method(), Method::GET | Method::HEAD)) {
        return request.error_response(Error::PlainHttp);
    }
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let to = format!("{}{path}", own.origin().ascii_serialization());
    request.into_response(HttpResponse::PermanentRedirect().insert_header((LOCATION, to)).finish())
}

/// The site that a request comes from, as far as the browser says.
pub(crate) enum Source {
    /// A page of ours, or the person's own doing, such as a typed address.
    Ourselves,
    /// Another site.
    Elsewhere,
    /// The browser does not say.
    Unknown,
}

/// Reads where a request comes from out of the headers that the browser itself sets.
pub(crate) fn came_from(headers: &HeaderMap, own: &Url) -> Source {
    let is_ours = match (headers.get("sec-fetch-site"), headers.get(ORIGIN)) {
        (Some(site), _) => matches!(site.as_bytes(), b"same-origin" | b"none"),
        (None, Some(origin)) if origin.as_bytes() != b"null" => {
            origin.as_bytes() == own.origin().ascii_serialization().as_bytes()
        }
        (None, Some(_) | None) => return Source::Unknown,
    };
    if is_ours { Source::Ourselves } else { Source::Elsewhere }
}

/// Refuses a GET from another site. For answers that cost something or count towards a limit: a picture in a foreign page
/// would use up the limits of the person who reads that page.
pub fn refuse_other_sites(request: &HttpRequest) -> Result<(), Error> {
    let own = own_origin(request).ok_or(Error::UnknownHost)?;
    match came_from(request.headers(), &own) {
        Source::Elsewhere => Err(Error::CrossSite),
        Source::Ourselves | Source::Unknown => Ok(()),
    }
}

/// Returns the site of the operator under which a request came.
fn site(request: &HttpRequest) -> Option<Url> {
    let host = request.headers().get(HOST)?.to_str().ok()?;
    request.app_data::<Data<WebState>>()?.http.sites.of_host(host).cloned()
}

/// Returns our own origin under which a request came, if its `Host` is our own.
pub(crate) fn own_origin(request: &HttpRequest) -> Option<Url> {
    let host = request.headers().get(HOST)?.to_str().ok()?;
    request.app_data::<Data<WebState>>()?.origin.of_host(host)
}
