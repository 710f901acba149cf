//! Our own address, and refusing what another site stands behind.

use std::sync::OnceLock;

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

use crate::{
    domain::loopback::is_loopback,
    errors::Error,
    http::{
        auth::{bearer, cookies, current_session::CookiesIgnored},
        proxy::original_request::FORWARD_AUTH,
        state::WebState,
    },
};

/// Begins the name of a cookie that only the host itself can have set.
const HOST_PREFIX: &str = "__Host-";

/// What people type to reach us: one public address, or any loopback name where none is set.
#[derive(Clone, Debug)]
pub struct OwnOrigin {
    public_url: Option<Url>,
    /// The first `Host` that was ours, and what it stands for: nearly everybody types the same.
    first: OnceLock<(String, Url)>,
}

impl OwnOrigin {
    /// `None` serves loopback names only: nobody elsewhere can point a name of theirs at us.
    pub fn new(public_url: Option<Url>) -> Self {
        Self { public_url, first: OnceLock::new() }
    }

    /// What people type, if it was set.
    pub fn public_url(&self) -> Option<&Url> {
        self.public_url.as_ref()
    }

    /// Whether cookies travel encrypted.
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|it| it.scheme() == "https")
    }

    /// The name of a cookie of ours: over https with the prefix by which browsers refuse one that another host
    /// has set (RFC 6265bis, `__Host-`).
    pub fn cookie_name(&self, name: &str) -> String {
        let prefix = if self.is_https() { HOST_PREFIX } else { "" };
        format!("{prefix}{name}")
    }

    /// The origin under which a request to this `Host` reaches us, if it is ours at all.
    pub fn under(&self, host: &str) -> Option<Url> {
        if let Some((_, own)) = self.first.get().filter(|(first, _)| first == host) {
            return Some(own.clone());
        }
        let own = self.read(host)?;
        self.first.get_or_init(|| (host.to_owned(), own.clone()));
        Some(own)
    }

    fn read(&self, host: &str) -> Option<Url> {
        // Beside a name and a port a URL may hold more, a header may not.
        if host
            .contains(|it: char| matches!(it, '/' | '\\' | '?' | '#' | '@') || it.is_whitespace())
        {
            return None;
        }
        match &self.public_url {
            Some(own) => {
                let asked = Url::parse(&format!("{}://{host}", own.scheme())).ok()?;
                (asked.origin() == own.origin()).then(|| own.clone())
            }
            None => Url::parse(&format!("http://{host}")).ok().filter(is_loopback),
        }
    }
}

/// Refuses unknown hosts, people who came without TLS where there is some, and unsafe requests that come
/// from another site. Cookies that are not ours are taken away.
///
/// What counts is what the browser says by itself: `Sec-Fetch-Site`, else `Origin`. With neither it
/// is no browser, or an old one: then no cookie is believed (R49, R92). `Origin: null`
/// says nothing either: old web views send it, and browsers do for pages with `no-referrer`. No other
/// site can make a browser send a bearer token, and with one no cookie is believed either.
pub async fn check_origin(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    if let Some(web) = request.app_data::<Data<WebState>>().cloned() {
        cookies::keep_own(request.headers_mut(), &web);
    }
    if is_for_any_host(request.path()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let Some(own) = own_origin(request.request()) else {
        return Ok(request.error_response(Error::UnknownHost).map_into_right_body());
    };
    if own.scheme() == "https" && came_plain(&request) {
        return Ok(plain(request, &own).map_into_right_body());
    }
    let is_unsafe = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_unsafe && !bearer::is_presented(request.headers()) {
        match came_from(request.headers(), &own) {
            Source::Ourselves => {}
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

/// Paths that are asked for by programs of the operator's, under whatever name these know us by, and the looks
/// of the page that refuses any other name.
///
/// Those who watch over us ask by address, and verifiers fetch our public keys: both get what anybody
/// may know. A proxy asks who is there with the `Host` of the site that it protects; nothing is changed
/// by that, and what is told is about whoever sent the key. A page of a foreign name that was pointed
/// at us learns nothing: browsers do not send our cookie to that name.
fn is_for_any_host(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/.well-known/jwks.json" | FORWARD_AUTH)
        || path.starts_with("/static/")
}

/// Whether trusted proxies say that the person came without TLS.
fn came_plain(request: &ServiceRequest) -> bool {
    let (peer, web) = (request.peer_addr(), request.app_data::<Data<WebState>>());
    let (Some(peer), Some(web)) = (peer, web) else { return false };
    web.proxies.say_plain(peer.ip(), request.headers())
}

/// A page is sent on to where it is safe; a program has sent its secrets already, and is told to stop
/// (R98).
fn plain(request: ServiceRequest, own: &Url) -> ServiceResponse {
    let is_page = !request.path().starts_with("/api/");
    if !(is_page && matches!(*request.method(), Method::GET | Method::HEAD)) {
        return request.error_response(Error::PlainHttp);
    }
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let to = format!("{}{path}", own.origin().ascii_serialization());
    request.into_response(HttpResponse::PermanentRedirect().insert_header((LOCATION, to)).finish())
}

/// Who stands behind a request, as far as the browser tells.
pub(crate) enum Source {
    /// A page of ours, or the person alone.
    Ourselves,
    /// Another site.
    Elsewhere,
    /// It does not tell.
    Unknown,
}

/// What the browser says by itself of where a request comes from.
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

/// Refuses a GET from another site whose answer is counted, or costs something: a picture on a foreign page
/// would use up the limits of the person who reads that page.
pub fn refuse_other_sites(request: &HttpRequest) -> Result<(), Error> {
    let own = own_origin(request).ok_or(Error::UnknownHost)?;
    match came_from(request.headers(), &own) {
        Source::Elsewhere => Err(Error::CrossSite),
        Source::Ourselves | Source::Unknown => Ok(()),
    }
}

/// The origin under which a request reaches us, if its `Host` is ours.
pub(crate) fn own_origin(request: &HttpRequest) -> Option<Url> {
    let host = request.headers().get(HOST)?.to_str().ok()?;
    request.app_data::<Data<WebState>>()?.origin.under(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_set_up_only_loopback_names_are_ours() {
        let own = OwnOrigin::new(None);

        for host in ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "localhost"] {
            assert!(own.under(host).is_some(), "{host}");
            // Once more, as whoever came first is remembered.
            assert_eq!(own.under(host), Url::parse(&format!("http://{host}")).ok());
        }
        for host in ["evil.example:8080", "192.168.1.7:8080", "localhost.evil.example", ""] {
            assert!(own.under(host).is_none(), "{host}");
        }
    }

    #[test]
    fn with_a_public_address_only_that_is_ours() {
        let own = OwnOrigin::new(Url::parse("https://id.example.com").ok());

        assert!(own.under("id.example.com").is_some());
        assert!(own.under("ID.example.com:443").is_some());
        for host in ["id.example.com:8443", "example.com", "127.0.0.1", "id.example.com.evil"] {
            assert!(own.under(host).is_none(), "{host}");
        }
    }
}
