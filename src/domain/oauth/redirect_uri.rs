//! Where a client may have people sent back to.

use url::{Host, Url};

/// The longest redirect URI in bytes.
pub const MAX_LEN: usize = 2048;

/// Says why a text cannot be registered as a redirect URI; `None` if it can.
///
/// Allowed are https, http on this machine, and the private schemes of apps, which contain a dot (RFC 8252 §7.1). A
/// fragment is not (RFC 6749 §3.1.2).
pub fn problem(text: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(text) else { return Some("it is no absolute URI") };
    if text.len() > MAX_LEN {
        return Some("it is longer than 2048 bytes");
    }
    if url.fragment().is_some() {
        return Some("it has a fragment");
    }
    if text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Some("it has blanks");
    }
    if text.contains('*') {
        return Some("it has a wildcard: each redirect URI has to be named as it is");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("it contains a user or password");
    }
    match url.scheme() {
        "https" if url.has_host() => None,
        "http" if is_this_machine(&url) => None,
        "http" => Some("it has http: only https is allowed, except on this machine"),
        scheme if scheme.contains('.') => None,
        _ => Some("its scheme is neither https nor one of an app, such as com.example.app"),
    }
}

/// Returns whether a requested URI is the registered one: the same text, or on this machine another port, which apps
/// choose when they start (RFC 8252 §7.3).
pub fn is_same(registered: &str, requested: &str) -> bool {
    if registered == requested {
        return true;
    }
    let (Ok(registered), Ok(mut requested_url)) = (Url::parse(registered), Url::parse(requested))
    else {
        return false;
    };
    // A text that the parser changes, such as one with `/../`, is not what was registered.
    let is_canonical = requested_url.as_str() == requested;
    is_canonical
        && registered.scheme() == "http"
        && is_loopback_address(&registered)
        && requested_url.set_port(registered.port()).is_ok()
        && registered == requested_url
}

/// Returns whether any program on a device can receive what is sent there, so that the client may be another one.
pub fn can_be_impersonated(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| url.scheme() != "https")
}

/// Returns what the policy `form-action` calls the place that a URI leads to; `None` for something that is no URI.
pub fn form_target(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    Some(match url.scheme() {
        // The policy knows no addresses of IPv6.
        "http" if matches!(url.host(), Some(Host::Ipv6(_))) => "http:".to_owned(),
        "https" | "http" => url.origin().ascii_serialization(),
        scheme => format!("{scheme}:"),
    })
}

fn is_this_machine(url: &Url) -> bool {
    is_loopback_address(url) || url.host_str() == Some("localhost")
}

fn is_loopback_address(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_are_safe_can_be_registered() {
        for good in [
            "https://app.example.com/callback?tenant=7",
            "http://localhost:3000/callback",
            "http://127.0.0.1/callback",
            "com.example.app:/callback",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in [
            "http://app.example.com/callback",
            "https://app.example.com/callback#end",
            "https://*.example.com/callback",
            "https://user@app.example.com/",
            " https://app.example.com/callback",
            "javascript:alert(1)",
            "data:text/html,x",
            "myapp:/callback",
            "/callback",
            "",
        ] {
            assert!(problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_requested_address_is_the_registered_one_to_the_letter() {
        let registered = "https://app.example.com/callback";
        assert!(is_same(registered, registered));
        for other in [
            "https://app.example.com/callback/",
            "https://app.example.com/callback?x=1",
            "https://app.example.com/callback/../callback",
            "https://app.example.com:444/callback",
            "https://APP.example.com/callback",
            "https://app.example.com.evil.example/callback",
            "http://app.example.com/callback",
        ] {
            assert!(!is_same(registered, other), "{other}");
        }
    }

    #[test]
    fn on_this_machine_the_port_is_free() {
        assert!(is_same("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"));
        assert!(is_same("http://[::1]/cb", "http://[::1]:51004/cb"));
        assert!(!is_same("http://127.0.0.1/cb", "http://127.0.0.1:51004/other"));
        assert!(!is_same("http://127.0.0.1/cb", "http://127.0.0.1:51004/x/../cb"));
        assert!(!is_same("http://localhost:3000/cb", "http://localhost:3001/cb"));
        assert!(!is_same("https://127.0.0.1/cb", "https://127.0.0.1:8443/cb"));
    }
}
