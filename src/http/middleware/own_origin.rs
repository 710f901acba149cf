//! The addresses under which people reach this service.

use url::Url;

use crate::domain::loopback::is_loopback;

/// Begins the name of a cookie that only the host itself can have set (RFC 6265bis).
const HOST_PREFIX: &str = "__Host-";

/// The origins that are our own: one public address, or any loopback address where none is set.
#[derive(Clone, Debug)]
pub struct OwnOrigin {
    public_url: Option<Url>,
}

impl OwnOrigin {
    /// Without a public address only loopback names are our own: another site cannot point a name of its own at them.
    pub fn new(public_url: Option<Url>) -> Self {
        Self { public_url }
    }

    /// Returns the public address, if one is set.
    pub fn public_url(&self) -> Option<&Url> {
        self.public_url.as_ref()
    }

    /// Returns whether people reach us over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }

    /// Returns the full name of a cookie of ours: over https with the prefix by which browsers refuse one that another
    /// host has set.
    pub fn cookie_name(&self, name: &str) -> String {
        let prefix = if self.is_https() { HOST_PREFIX } else { "" };
        format!("{prefix}{name}")
    }

    /// Returns the origin of a request with this `Host`, if it is our own.
    pub fn of_host(&self, host: &str) -> Option<Url> {
        // A URL may hold more than a name and a port, a header may not.
        let is_odd =
            |letter: char| matches!(letter, '/' | '\\' | '?' | '#' | '@') || letter.is_whitespace();
        if host.contains(is_odd) {
            return None;
        }
        match &self.public_url {
            Some(own) => {
                let url = Url::parse(&format!("{}://{host}", own.scheme())).ok()?;
                (url.origin() == own.origin()).then(|| own.clone())
            }
            None => Url::parse(&format!("http://{host}")).ok().filter(is_loopback),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_public_address_only_loopback_names_are_our_own() {
        let own = OwnOrigin::new(None);

        for host in ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "localhost"] {
            assert_eq!(own.of_host(host), Url::parse(&format!("http://{host}")).ok());
        }
        for host in ["evil.example:8080", "192.168.1.7:8080", "localhost.evil.example", ""] {
            assert!(own.of_host(host).is_none(), "{host}");
        }
    }

    #[test]
    fn a_public_address_is_the_only_one_of_our_own() {
        let own = OwnOrigin::new(Url::parse("https://id.example.com").ok());

        assert!(own.of_host("id.example.com").is_some());
        assert!(own.of_host("ID.example.com:443").is_some());
        for host in ["id.example.com:8443", "example.com", "127.0.0.1", "id.example.com.evil"] {
            assert!(own.of_host(host).is_none(), "{host}");
        }
    }
}
