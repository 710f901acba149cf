//! Tells whether a URL leads to this machine.

use url::{Host, Url};

/// Returns whether the host of `url` is `localhost` or a loopback address. The name is compared and not resolved.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
