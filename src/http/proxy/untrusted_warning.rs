//! Warns of a proxy that is not trusted: all clients behind it share its address.

use std::{net::IpAddr, time::Duration};

use actix_web::http::header::HeaderMap;

use super::forwarded::Proxies;
use crate::logging::Throttle;

/// The pause between two lines, because any client can send the header.
const PAUSE: Duration = Duration::from_mins(1);

/// Tells of it in the log, once in a while.
#[derive(Debug)]
pub struct UntrustedProxyWarning(Throttle);

impl Default for UntrustedProxyWarning {
    fn default() -> Self {
        Self(Throttle::new(PAUSE))
    }
}

impl UntrustedProxyWarning {
    /// Looks at a request.
    pub fn check(&self, peer: Option<IpAddr>, headers: &HeaderMap, proxies: &Proxies) {
        let Some(peer) = peer.filter(|_| headers.contains_key("x-forwarded-for")) else { return };
        if !proxies.trust(peer) && self.0.is_due() {
            log::warn!(
                "event=forwarded_for_ignored peer={} setting=TRUSTED_PROXIES advice=\"if this is a proxy of yours, all \
                 visitors share its address until it is named there\"",
                peer.to_canonical()
            );
        }
    }
}
