//! The headers of proxies in front of us: the client's address, and whether it used TLS.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use actix_web::http::header::{HeaderMap, HeaderValue};
use ipnet::IpNet;

use crate::logging::Throttle;

/// `X-Forwarded-For`: the addresses that a request came from, each one appended by the proxy that saw it.
const FOR: &str = "x-forwarded-for";
/// `X-Forwarded-Proto`: `https` or `http`, appended likewise or set by the outermost proxy.
const PROTO: &str = "x-forwarded-proto";
/// The maximum of characters that are logged of an address that cannot be read.
const LONGEST_LOGGED: usize = 64;

/// The proxies whose word is believed; clones share one warning a minute.
#[derive(Clone, Debug)]
pub struct Proxies {
    networks: Arc<[IpNet]>,
    warnings: Arc<Throttle>,
}

/// The result of reading `X-Forwarded-For` from the right.
struct Walk {
    client: IpAddr,
    /// How many trusted proxies the request came through.
    trusted: usize,
}

impl Proxies {
    /// Trusts the headers of peers in these networks, and of no others.
    pub fn new(networks: Vec<IpNet>) -> Self {
        let warnings = Arc::new(Throttle::new(Duration::from_mins(1)));
        Self { networks: networks.into(), warnings }
    }

    /// Whether what a peer says of a request is believed.
    pub fn trust(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.networks.iter().any(|network| network.contains(&peer))
    }

    /// Returns the client's address: the last hop that is not one of our proxies.
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        self.walk(peer, headers).client
    }

    /// Whether the person came without TLS, as far as trusted proxies tell.
    ///
    /// Each proxy on the way appends what it saw, or only the outermost one says it. So we believe as many
    /// elements from the right as there were trusted proxies: what stands further left could have been
    /// written by the client.
    pub fn say_plain(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        let trusted = self.walk(peer, headers).trusted;
        let said = from_the_right(headers, PROTO).take(trusted);
        said.filter(|scheme| !scheme.is_empty())
            .last()
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"http"))
    }

    /// Reads from the right, since everything left of the last untrusted hop could have been written by the
    /// client. Only the hops that are needed have to be readable (R46–R48).
    fn walk(&self, peer: IpAddr, headers: &HeaderMap) -> Walk {
        let mut walk = Walk { client: peer.to_canonical(), trusted: 0 };
        let mut hops = from_the_right(headers, FOR);
        while self.trust(walk.client) {
            walk.trusted += 1;
            let Some(hop) = hops.next() else { break };
            let Some(address) = address_in(hop) else {
                self.warn(walk.client, hop);
                break;
            };
            walk.client = address;
        }
        walk
    }

    /// The request then counts as one of the proxy itself, like all others behind it.
    fn warn(&self, proxy: IpAddr, hop: &[u8]) {
        if self.warnings.is_due() {
            let hop: String = String::from_utf8_lossy(hop).chars().take(LONGEST_LOGGED).collect();
            log::warn!("event=forwarded_for_unreadable proxy={proxy} hop={hop:?}");
        }
    }
}

/// The elements of a list that may stand in several lines, the last one first. Bytes, because one that is
/// not ASCII must not hide the others.
fn from_the_right<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a [u8]> {
    let mut lines: Vec<_> = headers.get_all(name).map(HeaderValue::as_bytes).collect();
    lines.reverse();
    lines.into_iter().flat_map(|line| line.rsplit(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
}

/// An address; some proxies put brackets around it and a port behind it.
fn address_in(hop: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(hop).ok()?;
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok();
    let address = text.parse().ok();
    let address = address.or_else(|| with_port().map(|address| address.ip()));
    address.or_else(|| bracketed().map(IpAddr::from)).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    fn proxies(networks: &[&str]) -> Proxies {
        Proxies::new(networks.iter().map(|network| network.parse().unwrap()).collect())
    }

    fn headers(lines: &[(&'static str, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_bytes(value).unwrap();
            headers.append(HeaderName::from_static(name), value);
        }
        headers
    }

    fn seen(peer: &str, forwarded: &[&[u8]], networks: &[&str]) -> String {
        let lines: Vec<_> = forwarded.iter().map(|line| (FOR, *line)).collect();
        let peer = peer.parse().unwrap();
        proxies(networks).client_address(peer, &headers(&lines)).to_string()
    }

    #[test]
    fn no_proxy_is_trusted_by_default() {
        assert_eq!(seen("198.51.100.7", &[b"203.0.113.9"], &[]), "198.51.100.7");
    }

    #[test]
    fn a_trusted_proxy_is_looked_through_from_the_right() {
        let ten = ["10.0.0.0/8"];

        assert_eq!(seen("10.0.0.1", &[b"6.6.6.6, 203.0.113.9"], &ten), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &[b"6.6.6.6, 203.0.113.9, 10.1.1.1"], &ten), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &[b"6.6.6.6", b"203.0.113.9"], &ten), "203.0.113.9");
        assert_eq!(seen("198.51.100.7", &[b"203.0.113.9"], &ten), "198.51.100.7");
    }

    #[test]
    fn ports_and_brackets_are_no_part_of_an_address() {
        for (hop, address) in [
            (&b"203.0.113.9:51234"[..], "203.0.113.9"),
            (b"2001:db8::9", "2001:db8::9"),
            (b"[2001:db8::9]", "2001:db8::9"),
            (b"[2001:db8::9]:51234", "2001:db8::9"),
            (b"[::ffff:203.0.113.9]:51234", "203.0.113.9"),
        ] {
            assert_eq!(seen("10.0.0.1", &[hop], &["10.0.0.0/8"]), address);
            let through = [b"6.6.6.6, ", hop, b" ,10.1.1.1:80,\t[fd00::1]:443"].concat();
            assert_eq!(seen("10.0.0.1", &[&through], &["10.0.0.0/8", "fd00::/8"]), address);
        }
    }

    #[test]
    fn an_unreadable_hop_ends_the_search() {
        for hop in [
            &b"unknown"[..],
            b"",
            b"_hidden",
            b"\xff",
            b"[203.0.113.9]",
            b"203.0.113.9:",
            b"203.0.113.9:99999",
            b"203.0.113.9 10.0.0.2",
        ] {
            let behind = [b"203.0.113.9, ", hop].concat();
            assert_eq!(seen("10.0.0.1", &[&behind], &["10.0.0.0/8"]), "10.0.0.1", "{hop:?}");
        }
    }

    #[test]
    fn only_the_needed_hops_have_to_be_readable() {
        for odd in [&b"\xe4\xbd\xa0"[..], b"\xff", b"unknown", b""] {
            let behind = [odd, b", 203.0.113.9, 10.1.1.1"].concat();
            assert_eq!(seen("10.0.0.1", &[&behind], &["10.0.0.0/8"]), "203.0.113.9");
            let in_lines: [&[u8]; 2] = [odd, b"203.0.113.9"];
            assert_eq!(seen("10.0.0.1", &in_lines, &["10.0.0.0/8"]), "203.0.113.9");
        }
    }

    #[test]
    fn ipv4_in_ipv6_is_ipv4() {
        assert_eq!(seen("::ffff:198.51.100.7", &[], &[]), "198.51.100.7");
    }

    #[test]
    fn the_scheme_is_believed_only_from_trusted_proxies() {
        /// Whether http is believed, the peer, its hops, and the schemes that were said.
        type Case<'a> = (bool, &'a str, &'a [u8], &'a [&'a [u8]]);

        let ten = ["10.0.0.0/8"];
        let is_plain = |peer: &str, hops: &[u8], schemes: &[&[u8]]| {
            let mut lines = vec![(FOR, hops)];
            lines.extend(schemes.iter().map(|scheme| (PROTO, *scheme)));
            proxies(&ten).say_plain(peer.parse().unwrap(), &headers(&lines))
        };

        let cases: [Case<'_>; 13] = [
            // There is one proxy, and the client has written something before it.
            (true, "10.0.0.1", b"203.0.113.9", &[b"http"]),
            (true, "10.0.0.1", b"203.0.113.9", &[b"https, HTTP"]),
            (true, "10.0.0.1", b"203.0.113.9", &[b"https", b"http"]),
            (true, "10.0.0.1", b"203.0.113.9", &[b"\xff, http"]),
            (false, "10.0.0.1", b"203.0.113.9", &[b"http, https"]),
            // Two proxies: TLS ends at the first, the second one appends what it has seen.
            (false, "10.0.0.1", b"203.0.113.9, 10.0.0.2", &[b"https, http"]),
            (false, "10.0.0.1", b"203.0.113.9, 10.0.0.2", &[b"https"]),
            (true, "10.0.0.1", b"203.0.113.9, 10.0.0.2", &[b"https, http, http"]),
            (true, "10.0.0.1", b"203.0.113.9, 10.0.0.2", &[b", http"]),
            (true, "10.0.0.1", b"10.0.0.9, 203.0.113.9", &[b"https, http"]),
            // No proxy that is believed has said anything.
            (false, "198.51.100.7", b"10.0.0.2", &[b"http"]),
            (false, "10.0.0.1", b"203.0.113.9", &[]),
            (false, "10.0.0.1", b"203.0.113.9", &[b""]),
        ];
        for (expected, peer, hops, schemes) in cases {
            assert_eq!(is_plain(peer, hops, schemes), expected, "{peer} {hops:?} {schemes:?}");
        }
    }
}
