//! The operator's other sites, whose people sign in here.

use std::sync::Arc;

use url::Url;

use super::loopback::is_loopback;

/// Origins of other sites, such as `https://www.example.com`.
#[derive(Clone, Debug, Default)]
pub struct Sites(Arc<[Url]>);

impl Sites {
    /// Reads origins that are separated by commas. They have no path, and https unless they are on this machine.
    pub fn parse(text: &str) -> Option<Self> {
        let origins: Option<Vec<Url>> = text.split(',').map(|site| origin(site.trim())).collect();
        Some(Self(origins?.into()))
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns their origins.
    pub fn iter(&self) -> impl Iterator<Item = &Url> {
        self.0.iter()
    }

    /// Returns whether an `Origin` header names one of the sites.
    pub fn has_origin(&self, origin: &str) -> bool {
        self.0.iter().any(|site| site.origin().ascii_serialization() == origin)
    }

    /// Returns the site with this `Host`.
    pub fn of_host(&self, host: &str) -> Option<&Url> {
        let has_host = |site: &&Url| {
            let named = Url::parse(&format!("{}://{host}", site.scheme())).ok();
            named.is_some_and(|url| url.origin() == site.origin() && url.path() == "/")
        };
        self.0.iter().find(has_host)
    }

    /// Returns the address of a page if it is on one of the sites.
    pub fn page(&self, address: &str) -> Option<Url> {
        let url = Url::parse(address).ok()?;
        let has_user = !url.username().is_empty() || url.password().is_some();
        let is_on = |site: &Url| site.origin() == url.origin();
        (!has_user && self.0.iter().any(is_on)).then_some(url)
    }
}

fn origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| !text.contains('*'))?;
    let is_origin = url.has_host()
        && url.path() == "/"
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
    (is_origin && is_safe).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_origins_with_tls_or_on_this_machine() {
        for text in [
            "https://www.example.com",
            "https://www.example.com/, https://shop.example.net:8443",
            "http://localhost:3000,http://127.0.0.1:3001",
        ] {
            assert!(Sites::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "www.example.com",
            "http://www.example.com",
            "https://www.example.com/shop",
            "https://ada@www.example.com",
            "https://www.example.com?a=b",
            "https://*.example.com",
            "https://www.example.com,",
            "ftp://www.example.com",
            "data:text/html,x",
        ] {
            assert!(Sites::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn only_pages_of_the_sites_are_pages_of_theirs() {
        let sites = Sites::parse("https://www.example.com,http://localhost:3000").unwrap();
        let page = |address| sites.page(address).map(String::from);

        assert_eq!(
            page("https://www.example.com/orders?id=7#end").as_deref(),
            Some("https://www.example.com/orders?id=7#end")
        );
        assert_eq!(
            page("https://WWW.example.com:443").as_deref(),
            Some("https://www.example.com/")
        );
        assert_eq!(page("http://localhost:3000/a").as_deref(), Some("http://localhost:3000/a"));
        for address in [
            "https://www.example.com.evil.example/",
            "https://www.example.com@evil.example/",
            "https://ada@www.example.com/",
            "http://www.example.com/",
            "https://www.example.com:8443/",
            "https://example.com/",
            "http://localhost:3001/",
            "javascript:alert(1)//https://www.example.com",
            "//www.example.com/",
            "/orders",
        ] {
            assert_eq!(page(address), None, "{address}");
        }
    }
}
