//! Events that are not written to the database yet. They are collected in memory so that no request waits for them, and
//! limited so that repeated requests fill neither memory nor disk.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::SmsEventRow;
use crate::domain::{mobile::Mobile, network::Network, purpose::Purpose};

/// Maximum number of rows that wait to be written. Further events are dropped.
const MAX_PENDING: usize = 1_000;
/// Maximum number of events of a network per hour. The log has the rest.
const MAX_PER_NETWORK: u32 = 100;
/// Maximum number of events of all networks per hour and instance.
const MAX_TOTAL: u32 = 5_000;

/// An event of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsEvent {
    /// A request was refused; the word says why.
    Refused(&'static str),
    /// Nothing was sent, because the number has no account.
    NoAccount,
    /// A right code was typed in.
    TypedRight,
    /// A wrong code was typed in.
    TypedWrong,
    /// A code was typed in after it had expired or been used, or without one having been sent.
    TypedTooLate,
}

impl SmsEvent {
    /// Returns the word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused(reason) => reason,
            Self::NoAccount => "no-account",
            Self::TypedRight => "typed-right",
            Self::TypedWrong => "typed-wrong",
            Self::TypedTooLate => "typed-too-late",
        }
    }
}

/// Events that wait to be written. Clones share them.
#[derive(Clone, Default)]
pub struct PendingSmsEvents(Arc<Mutex<Pending>>);

#[derive(Default)]
struct Pending {
    rows: BTreeMap<(String, &'static str, &'static str), SmsEventRow>,
    /// Whether a task is writing them.
    has_writer: bool,
    hour: Option<DateTime<Utc>>,
    by_network: HashMap<String, u32>,
    all: u32,
}

impl PendingSmsEvents {
    /// Adds an event. Returns `true` if the caller must [`take`](Self::take) and write events until there are none.
    pub fn add(
        &self,
        (mobile, purpose): (&Mobile, Purpose),
        event: SmsEvent,
        address: IpAddr,
        now: DateTime<Utc>,
    ) -> bool {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A right code was sent by us, so these events are limited already.
        if event != SmsEvent::TypedRight && !pending.has_room_for(address, now) {
            return false;
        }
        let key = (mobile.as_str().to_owned(), purpose.as_str(), event.as_str());
        if pending.rows.len() >= MAX_PENDING && !pending.rows.contains_key(&key) {
            return false;
        }
        let row = pending.rows.entry(key).or_insert_with(|| SmsEventRow {
            mobile: mobile.as_str().to_owned(),
            purpose: purpose.as_str().to_owned(),
            event: event.as_str().to_owned(),
            address: String::new(),
            times: 0,
            first_at: now.naive_utc(),
            last_at: now.naive_utc(),
        });
        row.times += 1;
        row.last_at = now.naive_utc();
        row.address = address.to_string();
        !std::mem::replace(&mut pending.has_writer, true)
    }

    /// Takes the events that wait. Returns `None` if there are none; then the caller is no longer the writer.
    pub fn take(&self) -> Option<Vec<SmsEventRow>> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.rows.is_empty() {
            pending.has_writer = false;
            return None;
        }
        Some(std::mem::take(&mut pending.rows).into_values().collect())
    }
}

impl Pending {
    fn has_room_for(&mut self, address: IpAddr, now: DateTime<Utc>) -> bool {
        if self.hour.is_none_or(|hour| now - hour >= TimeDelta::hours(1) || now < hour) {
            self.hour = Some(now);
            self.by_network.clear();
            self.all = 0;
        }
        if self.all >= MAX_TOTAL {
            return false;
        }
        let of_network = self.by_network.entry(Network::of(address).subnet()).or_default();
        if *of_network >= MAX_PER_NETWORK {
            return false;
        }
        *of_network += 1;
        self.all += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mobile(number: u32) -> Mobile {
        Mobile::parse(&format!("138{number:08}")).unwrap()
    }

    #[test]
    fn events_of_a_kind_are_one_row_written_by_one_caller() {
        let (pending, now) = (PendingSmsEvents::default(), Utc::now());
        let address = "203.0.113.9".parse().unwrap();
        let add = |event| pending.add((&mobile(0), Purpose::Login), event, address, now);

        assert!(add(SmsEvent::TypedWrong));
        assert!(!add(SmsEvent::TypedWrong));
        assert!(!add(SmsEvent::Refused("captcha-wrong")));

        let rows = pending.take().unwrap();
        let seen: Vec<_> = rows.iter().map(|row| (row.event.as_str(), row.times)).collect();
        assert_eq!(seen, [("captcha-wrong", 1), ("typed-wrong", 2)]);
        assert!(!add(SmsEvent::TypedRight), "the writer is still there");
        assert_eq!(pending.take().map(|rows| rows.len()), Some(1));
        assert!(pending.take().is_none());
        assert!(add(SmsEvent::TypedRight));
    }

    #[test]
    fn rows_of_a_network_and_of_all_are_limited_an_hour() {
        let (pending, now) = (PendingSmsEvents::default(), Utc::now());
        let add = |number: u32, network: u32, now| {
            let address = IpAddr::from([10, 0, u8::try_from(network).unwrap(), 1]);
            pending.add((&mobile(number), Purpose::Login), SmsEvent::TypedWrong, address, now);
        };
        for number in 0..200 {
            add(number, 0, now);
        }
        assert_eq!(pending.take().map(|rows| rows.len()), Some(100));
        for network in 1..100 {
            for number in 0..100 {
                add(1_000 + 100 * network + number, network, now);
            }
        }
        assert_eq!(pending.take().map(|rows| rows.len()), Some(1_000), "no more may wait");
        add(1, 200, now);
        assert!(pending.take().is_none(), "the hour has had its events");
        add(1, 0, now + TimeDelta::hours(1));
        assert_eq!(pending.take().map(|rows| rows.len()), Some(1));
    }
}
