//! Who stands behind a request: the peer, or whom a trusted proxy names.

use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use actix_session::SessionExt as _;
use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, USER_AGENT},
    web::Data,
};
use ipnet::IpNet;

use super::{doubled_cookies, remember::CookieLife, session, web::Web};
use crate::{
    domain::{client::Client, unseen::is_unseen},
    errors::Error,
    flows::SignedIn,
    journal,
};

/// Characters of what a browser calls itself.
const LONGEST_DEVICE: usize = 255;

/// The person or program at the other end, and the cookie that is theirs to change.
pub struct Who {
    client: Client,
    /// Why nobody knows whose the cookie is: the database did not answer.
    outage: Option<String>,
    request: HttpRequest,
}

impl Who {
    /// What the network tells.
    ///
    /// Fails when the database has failed for this very request: flows would only wait for it a
    /// second time, and together that is longer than anybody does (R127).
    pub fn client(&self) -> Result<&Client, Error> {
        match &self.outage {
            Some(outage) => Err(Error::store(outage.clone())),
            None => Ok(&self.client),
        }
    }

    /// Lets somebody in: the new session's key goes to the cookie, and an older one there is forgotten.
    pub fn let_in(&self, signed_in: &SignedIn) -> Result<(), Error> {
        session::start(&self.request.get_session(), signed_in)?;
        if let Some(life) = signed_in.kept_for {
            self.request.extensions_mut().insert(CookieLife(life));
        }
        Ok(())
    }
}

impl FromRequest for Who {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(who(request))
    }
}

fn who(request: &HttpRequest) -> Result<Who, Error> {
    let peer = request.peer_addr().ok_or_else(|| Error::internal("no peer address"))?.ip();
    let web = request.app_data::<Data<Web>>().ok_or_else(|| Error::internal("no web data"))?;
    let device = request.headers().get(USER_AGENT).map(|it| String::from_utf8_lossy(it.as_bytes()));
    let device = device.unwrap_or_default();
    let client = Client {
        address: address(peer, request.headers(), &web.proxies),
        device: device.chars().filter(|it| !is_unseen(*it)).take(LONGEST_DEVICE).collect(),
        session: session::held(request),
        others: doubled_cookies::others(request),
        is_app: false,
    };
    Ok(Who { client, outage: session::outage(request), request: request.clone() })
}

/// Where a request comes from.
pub fn address(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let headers = headers.get_all("x-forwarded-for");
    let forwarded: Vec<&str> = headers.filter_map(|it| it.to_str().ok()).collect();
    client_address(peer, &forwarded, proxies)
}

/// Where the request comes from that is being worked on, for what sees no request of its own.
pub fn address_of_request() -> Option<IpAddr> {
    journal::request().and_then(|request| request.address)
}

/// Whether what a peer says of a request is believed.
pub fn is_proxy(peer: IpAddr, proxies: &[IpNet]) -> bool {
    let peer = peer.to_canonical();
    proxies.iter().any(|net| net.contains(&peer))
}

/// The last hop that is not one of our proxies, read from the right: everything further left could
/// have been written by the client (R46–R48).
fn client_address(peer: IpAddr, forwarded: &[&str], proxies: &[IpNet]) -> IpAddr {
    let mut client = peer.to_canonical();
    for hop in forwarded.iter().rev().flat_map(|it| it.rsplit(',')) {
        if !is_proxy(client, proxies) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => client = address.to_canonical(),
            Err(_) => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        let proxies: Vec<IpNet> = proxies.iter().map(|it| it.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), forwarded, &proxies).to_string()
    }

    #[test]
    fn nobody_is_believed_by_default() {
        assert_eq!(seen("198.51.100.7", &["203.0.113.9"], &[]), "198.51.100.7");
    }

    #[test]
    fn a_trusted_proxy_is_looked_through_from_the_right() {
        let proxies = ["10.0.0.0/8"];

        assert_eq!(seen("10.0.0.1", &["6.6.6.6, 203.0.113.9"], &proxies), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6, 203.0.113.9, 10.1.1.1"], &proxies), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6", "203.0.113.9"], &proxies), "203.0.113.9");
        assert_eq!(seen("198.51.100.7", &["203.0.113.9"], &proxies), "198.51.100.7");
    }

    #[test]
    fn what_cannot_be_read_ends_the_search() {
        assert_eq!(seen("10.0.0.1", &["203.0.113.9, unknown"], &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[""], &["10.0.0.0/8"]), "10.0.0.1");
    }

    #[test]
    fn ipv4_in_ipv6_is_ipv4() {
        assert_eq!(seen("::ffff:198.51.100.7", &[], &[]), "198.51.100.7");
    }
}
