//! A session as its owner sees it in a list.

use std::{net::IpAddr, time::Duration};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{device::device_name, envelope::timestamp, seconds::age};
use crate::stores::tables::sessions::ListedSession;

/// The JSON of a session.
#[derive(Debug, Serialize)]
pub struct SessionData {
    id: String,
    kind: &'static str,
    device: String,
    address: String,
    signed_in_at: String,
    last_address: String,
    last_seen_at: String,
    current: bool,
    #[serde(skip)]
    signed_in: DateTime<Utc>,
    #[serde(skip)]
    last_seen: DateTime<Utc>,
}

impl SessionData {
    /// Lists sessions with the current one first. `translate` names the devices in the reader's language.
    pub fn list(
        sessions: &[ListedSession],
        current: &str,
        translate: &dyn Fn(&str) -> String,
    ) -> Vec<Self> {
        let mut list: Vec<_> =
            sessions.iter().map(|session| Self::new(session, current, translate)).collect();
        list.sort_by_key(|session| !session.current);
        list
    }

    /// Returns how long ago it began and was last used, as pages say it, by the names that templates have for them.
    pub fn ages(&self, now: DateTime<Utc>) -> [(&'static str, Duration); 2] {
        [("signed_in_ago", age(self.signed_in, now)), ("last_seen_ago", age(self.last_seen, now))]
    }

    fn new(session: &ListedSession, current: &str, translate: &dyn Fn(&str) -> String) -> Self {
        Self {
            id: session.public_id.clone(),
            kind: session.kind.as_str(),
            device: device_name(&session.device, translate),
            address: network(&session.address),
            signed_in_at: timestamp(session.signed_in_at),
            last_address: network(&session.last_address),
            last_seen_at: timestamp(session.last_seen_at),
            current: session.public_id == current,
            signed_in: session.signed_in_at,
            last_seen: session.last_seen_at,
        }
    }
}

/// Returns the network of an address, which is enough for owners to recognise where they were (R85).
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.*")
        }
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::*")
        }
        Err(_) => String::new(),
    }
}
