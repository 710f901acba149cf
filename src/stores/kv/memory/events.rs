//! The events of one key, the oldest first.

use std::{
    collections::{HashSet, VecDeque},
    time::{Duration, Instant},
};

use crate::stores::kv::{PermitId, Window};

#[derive(Default)]
pub(super) struct Events {
    by_time: VecDeque<(Instant, String)>,
    pub(super) is_filled: bool,
}

impl Events {
    /// How many lie in a window, and how long it stays full.
    pub(super) fn look(&self, window: Window, now: Instant) -> (u32, Duration) {
        let is_past = |at: Instant| now.saturating_duration_since(at) >= window.span;
        let past = self.by_time.partition_point(|(at, _)| is_past(*at));
        let used = u32::try_from(self.by_time.len() - past).unwrap_or(u32::MAX);
        if window.limit == 0 {
            return (used, window.span);
        }
        // A place comes free when the limit-th youngest event leaves the window.
        let nth = usize::try_from(window.limit).unwrap_or(usize::MAX).saturating_sub(1);
        let full = self.by_time.iter().rev().nth(nth);
        let wait = full
            .map_or(Duration::ZERO, |(at, _)| (*at + window.span).saturating_duration_since(now));
        (used, wait)
    }

    pub(super) fn add(&mut self, ticket: &PermitId, longest: Duration, now: Instant) {
        while self.by_time.front().is_some_and(|(at, _)| now.duration_since(*at) >= longest) {
            self.by_time.pop_front();
        }
        if !ticket.is_unique() {
            self.remove(ticket);
        }
        self.by_time.push_back((now, ticket.as_str().to_owned()));
    }

    /// Notes what happened before; what is there already stays.
    pub(super) fn fill(&mut self, past: &[(PermitId, Duration)], now: Instant) {
        let known: HashSet<String> = self.by_time.iter().map(|(_, name)| name.clone()).collect();
        let missing = past.iter().filter(|(ticket, _)| !known.contains(ticket.as_str()));
        // The clock of this machine may have begun after the event; then it counts as so old.
        let missing = missing.filter_map(|(ticket, age)| {
            now.checked_sub(*age).map(|at| (at, ticket.as_str().to_owned()))
        });
        self.by_time.extend(missing);
        self.by_time.make_contiguous().sort_by_key(|(at, _)| *at);
        self.is_filled = true;
    }

    pub(super) fn remove(&mut self, ticket: &PermitId) {
        if let Some(at) = self.by_time.iter().rposition(|(_, name)| name == ticket.as_str()) {
            self.by_time.remove(at);
        }
    }
}
