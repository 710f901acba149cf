//! The events of one key, from the oldest to the newest.

use std::{
    collections::{HashSet, VecDeque},
    time::{Duration, Instant},
};

use crate::stores::kv::{PermitId, Window};

#[derive(Default)]
pub(super) struct Events {
    by_time: VecDeque<(Instant, String)>,
    pub(super) is_filled: bool,
    is_lock: bool,
}

impl Events {
    pub(super) fn new(is_lock: bool) -> Self {
        Self { is_lock, ..Self::default() }
    }

    /// Whether there is nothing to remember. A key that was filled has to be known as such.
    pub(super) fn is_empty(&self) -> bool {
        self.by_time.is_empty() && !self.is_filled
    }

    /// Whether the events may be forgotten when the memory is full. A lock must not be taken twice, and filling a key again
    /// reads the database.
    pub(super) fn can_make_room(&self) -> bool {
        !self.is_lock && !self.is_filled
    }

    pub(super) fn count(&self) -> usize {
        self.by_time.len()
    }

    pub(super) fn newest(&self) -> Option<Instant> {
        self.by_time.back().map(|(at, _)| *at)
    }

    /// Returns the number of events in a window, and the time until the window has room.
    pub(super) fn usage(&self, window: Window, now: Instant) -> (u32, Duration) {
        let is_past = |at: Instant| now.saturating_duration_since(at) >= window.span;
        let past = self.by_time.partition_point(|(at, _)| is_past(*at));
        let used = u32::try_from(self.by_time.len() - past).unwrap_or(u32::MAX);
        if window.limit == 0 {
            return (used, window.span);
        }
        // The window has room when its limit-th newest event leaves it.
        let nth = usize::try_from(window.limit).unwrap_or(usize::MAX).saturating_sub(1);
        let blocking = self.by_time.iter().rev().nth(nth);
        let wait = blocking
            .map_or(Duration::ZERO, |(at, _)| (*at + window.span).saturating_duration_since(now));
        (used, wait)
    }

    /// Returns when the newest event happened, apart from that of a permit.
    pub(super) fn last_but(&self, permit_id: &PermitId) -> Option<Instant> {
        let other = self.by_time.iter().rev().find(|(_, name)| name != permit_id.as_str());
        other.map(|(at, _)| *at)
    }

    /// Adds an event and drops those that are older than the longest window.
    pub(super) fn add(&mut self, permit_id: &PermitId, longest: Duration, now: Instant) {
        while self.by_time.front().is_some_and(|(at, _)| now.duration_since(*at) >= longest) {
            self.by_time.pop_front();
        }
        if !permit_id.is_unique() {
            self.remove(permit_id);
        }
        self.by_time.push_back((now, permit_id.as_str().to_owned()));
    }

    /// Adds past events that are missing.
    pub(super) fn fill(&mut self, past: &[(PermitId, Duration)], now: Instant) {
        let known: HashSet<String> = self.by_time.iter().map(|(_, name)| name.clone()).collect();
        let missing = past.iter().filter(|(permit_id, _)| !known.contains(permit_id.as_str()));
        // An event from before this machine's monotonic clock began cannot be expressed, and is old enough to be left out.
        let missing = missing.filter_map(|(permit_id, age)| {
            now.checked_sub(*age).map(|at| (at, permit_id.as_str().to_owned()))
        });
        self.by_time.extend(missing);
        self.by_time.make_contiguous().sort_by_key(|(at, _)| *at);
        self.is_filled = true;
    }

    pub(super) fn remove(&mut self, permit_id: &PermitId) {
        if let Some(at) = self.by_time.iter().rposition(|(_, name)| name == permit_id.as_str()) {
            self.by_time.remove(at);
        }
    }
}
