//! A proxy in front that is not among the trusted ones: behind it everybody has its address.

use std::{net::IpAddr, time::Duration};

use actix_web::http::header::HeaderMap;

use super::forwarded::Proxies;
use crate::journal::Throttle;

/// Between two lines: anybody can send the header.
const PAUSE: Duration = Duration::from_mins(1);

/// Tells of it in the log, once in a while.
#[derive(Debug)]
pub struct UnbelievedProxy(Throttle);

impl Default for UnbelievedProxy {
    fn default() -> Self {
        Self(Throttle::new(PAUSE))
    }
}

impl UnbelievedProxy {
    /// Looks at a request.
    pub fn notice(&self, peer: Option<IpAddr>, headers: &HeaderMap, proxies: &Proxies) {
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
