//! The request that a proxy asks about before it lets it through, as its `X-Forwarded-…` or `X-Original-…`
//! headers describe it.
//!
//! They need no trust: what they say decides how the one who sent them is answered, and nothing else.

use actix_web::http::{
    Method,
    header::{ACCEPT, HOST, HeaderMap},
};
use percent_encoding::{CONTROLS, percent_encode};
use url::Url;

use crate::{domain::sites::Sites, http::middleware::own_origin::OwnOrigin};

/// The kinds of answers that a proxy passes on to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passes {
    /// The whole answer if it is not 2xx: Traefik, Caddy, HAProxy.
    Answer,
    /// Only whether it was 2xx, 401 or 403: the sub-request of nginx. Any other status becomes a 500.
    Status,
}

/// The request of the person.
#[derive(Debug)]
pub struct Original {
    /// Which answers the proxy passes on.
    pub passes: Passes,
    /// Path and query, in ASCII.
    pub uri: String,
    /// Whether a browser will show the answer as a page.
    pub navigates: bool,
    /// The `Host` of the request, if a header names it beside the `Host` of the proxy's own request.
    pub host: Option<String>,
}

impl Original {
    /// Reads the headers of what a proxy asks; `None` if they do not tell the address.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let of_nginx = of_nginx(headers);
        // A client can add the other header to what nginx asks, and would make a 500 of the 401.
        let passes = if of_nginx.is_some() { Passes::Status } else { Passes::Answer };
        let forwarded = || text(headers, "x-forwarded-uri").map(|uri| (None, uri));
        let (host, uri) = of_nginx.or_else(forwarded)?;
        let forwarded_host = text(headers, "x-forwarded-host");
        Some(Self {
            passes,
            uri,
            navigates: navigates(headers),
            host: forwarded_host.or(host).and_then(|hosts| last(&hosts)),
        })
    }

    /// Our own origin, under which the person has to sign in; `None` if the request was for another site,
    /// to which our cookie never comes.
    pub fn own_origin(&self, headers: &HeaderMap, own: &OwnOrigin) -> Option<Url> {
        if let Some(host) = &self.host {
            return own.of_host(host);
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        // The proxy may know us by a name of its own.
        host.and_then(|host| own.of_host(host)).or_else(|| own.public_url().cloned())
    }
}

/// Returns the operator's other site that the original request was for.
///
/// `Host` counts first where it names a site: a proxy that passes it on may let the client add other headers, and with them
/// what one site got would open another.
pub fn site<'a>(headers: &HeaderMap, sites: &'a Sites) -> Option<&'a Url> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let named = || {
        let forwarded = text(headers, "x-forwarded-host");
        last(&forwarded.or_else(|| of_nginx(headers)?.0)?)
    };
    host.and_then(|host| sites.of_host(host)).or_else(|| sites.of_host(&named()?))
}

/// The host, if it is named, and the address of the original request, as the configurations of nginx send them.
fn of_nginx(headers: &HeaderMap) -> Option<(Option<String>, String)> {
    let uri = text(headers, "x-original-uri").map(|uri| (None, uri));
    uri.or_else(|| of_url(&text(headers, "x-original-url")?))
}

/// Whether the original request is one of a browser that goes to another page, so that its answer is shown to
/// a person. Browsers say so over TLS; without it we see whether it would take HTML.
fn navigates(headers: &HeaderMap) -> bool {
    let method =
        ["x-original-method", "x-forwarded-method"].iter().find_map(|name| headers.get(*name));
    let is_read = method.is_none_or(|method| {
        [Method::GET, Method::HEAD].iter().any(|read| read.as_str().as_bytes() == method.as_bytes())
    });
    let takes_html = || {
        let mut accepted = headers.get_all(ACCEPT).filter_map(|accepted| accepted.to_str().ok());
        accepted.any(|accepted| accepted.to_ascii_lowercase().contains("text/html"))
    };
    let shows = match headers.get("sec-fetch-mode") {
        Some(mode) => mode.as_bytes() == b"navigate",
        None => takes_html(),
    };
    is_read && shows
}

/// The value of a header. Bytes that are not ASCII stand in it as a browser would have sent them.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.as_bytes();
    (!value.is_empty()).then(|| percent_encode(value, CONTROLS).to_string())
}

/// Host, and path with query, of `https://www.example.com/orders?id=7`.
fn of_url(url: &str) -> Option<(Option<String>, String)> {
    let (_, rest) = url.split_once("://")?;
    let (host, uri) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
    Some((Some(host.to_owned()), if uri.is_empty() { "/" } else { uri }.to_owned()))
}

/// The last element of a list: the nearest proxy has written it.
fn last(list: &str) -> Option<String> {
    list.rsplit(',').next().map(|element| element.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static [u8])]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap())
            })
            .collect()
    }

    #[test]
    fn the_address_is_read_as_it_was_sent() {
        for (name, value, uri, passes) in [
            (
                "x-forwarded-uri",
                &b"/a?q=50%25%20off&r=a+b%26c"[..],
                "/a?q=50%25%20off&r=a+b%26c",
                Passes::Answer,
            ),
            (
                "x-original-uri",
                b"/a?q=50%25%20off&r=a+b%26c",
                "/a?q=50%25%20off&r=a+b%26c",
                Passes::Status,
            ),
            ("x-original-url", b"https://www.example.com/a?b://c", "/a?b://c", Passes::Status),
            ("x-original-url", b"https://www.example.com", "/", Passes::Status),
            ("x-forwarded-uri", b"/\xe4\xbd\xa0/\xff", "/%E4%BD%A0/%FF", Passes::Answer),
        ] {
            let original = Original::of(&headers(&[(name, value)])).unwrap();
            assert_eq!((original.uri.as_str(), original.passes), (uri, passes));
        }
        let both = headers(&[("x-original-uri", b"/b"), ("x-forwarded-uri", b"/a")]);
        assert_eq!(Original::of(&both).unwrap().passes, Passes::Status);
        let nothing: [&[(&str, &[u8])]; 3] =
            [&[], &[("x-forwarded-uri", b"")], &[("x-original-url", b"/a")]];
        for pairs in nothing {
            assert!(Original::of(&headers(pairs)).is_none(), "{pairs:?}");
        }
    }

    #[test]
    fn a_navigation_of_a_browser_is_a_page_request() {
        const HTML: (&str, &[u8]) = ("accept", b"text/html,application/xhtml+xml;q=0.9");
        const NAVIGATES: (&str, &[u8]) = ("sec-fetch-mode", b"navigate");
        for pairs in [
            &[HTML][..],
            &[NAVIGATES],
            &[NAVIGATES, ("accept", b"*/*"), ("x-forwarded-method", b"GET")],
            &[HTML, ("x-original-method", b"HEAD")],
        ] {
            assert!(navigates(&headers(pairs)), "{pairs:?}");
        }
        for pairs in [
            &[][..],
            &[("accept", &b"*/*"[..])],
            &[("accept", b"application/json")],
            &[HTML, ("sec-fetch-mode", b"cors")],
            &[HTML, ("sec-fetch-mode", b"no-cors")],
            &[HTML, NAVIGATES, ("x-forwarded-method", b"POST")],
            &[HTML, NAVIGATES, ("x-original-method", b"DELETE")],
        ] {
            assert!(!navigates(&headers(pairs)), "{pairs:?}");
        }
    }

    #[test]
    fn the_site_is_that_of_the_host_before_what_other_headers_say() {
        let sites = Sites::parse("https://shop.example.net,https://www.example.com").unwrap();
        let site = |pairs: &[(&'static str, &'static [u8])]| {
            site(&headers(pairs), &sites).map(|url| url.host_str().unwrap().to_owned())
        };
        let (shop, haoma) = (("host", &b"shop.example.net"[..]), ("host", &b"haoma:8080"[..]));
        let forwarded = ("x-forwarded-host", &b"evil.example, www.example.com"[..]);
        let url = ("x-original-url", &b"https://www.example.com/cart"[..]);

        for other in [forwarded, url] {
            assert_eq!(site(&[shop, other]).as_deref(), Some("shop.example.net"));
            assert_eq!(site(&[haoma, other]).as_deref(), Some("www.example.com"));
        }
        assert_eq!(site(&[haoma]), None);
        assert_eq!(site(&[haoma, ("x-original-uri", b"/"), url]), None, "nginx wrote the first");
    }

    #[test]
    fn the_sign_in_url_is_on_an_origin_that_gets_the_cookie() {
        let own = OwnOrigin::new(Url::parse("https://www.example.com").ok());
        let origin = |pairs: &[(&'static str, &'static [u8])]| {
            let pairs = [pairs, &[("x-forwarded-uri", b"/")]].concat();
            let headers = headers(&pairs);
            let found = Original::of(&headers).unwrap().own_origin(&headers, &own);
            found.map(|url| url.origin().ascii_serialization())
        };
        let ours = Some("https://www.example.com".to_owned());

        assert_eq!(origin(&[("host", b"www.example.com")]), ours);
        assert_eq!(origin(&[("host", b"haoma:8080")]), ours);
        assert_eq!(origin(&[]), ours);
        assert_eq!(origin(&[("x-forwarded-host", b"www.example.com"), ("host", b"haoma")]), ours);
        assert_eq!(origin(&[("x-forwarded-host", b"evil.example, www.example.com")]), ours);
        assert_eq!(origin(&[("x-forwarded-host", b"shop.example.net"), ("host", b"haoma")]), None);
    }
}
