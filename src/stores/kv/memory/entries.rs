//! What is in the memory, and what makes room when a part of it is full.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{completions::Completions, events::Events};
use crate::{
    errors::Error,
    stores::kv::{Acquire, Askers, Decision, PermitId, RateLimit, StoredCode, Window},
};

/// A full share gives up this part of its keys at once, because finding them reads all keys.
const REMOVED_AT_ONCE: usize = 16;
/// A share is nearly full with this percentage of its keys.
const NEARLY_FULL_PERCENT: usize = 90;

/// The number of live keys of each kind that a [`Memory`](super::Memory) holds. A key takes 300 to 500 bytes.
///
/// Each kind has a share of its own, so that whoever fills one does not take room from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryCapacity {
    /// Texts, which are captchas. In a full share, those that expire next make room.
    pub texts: usize,
    /// Codes. They never make room: a full share refuses new ones.
    pub codes: usize,
    /// Rate limits, completion rates and locks. In a full share, the subjects of rate limits with the fewest events make
    /// room, and of these the oldest. The others never do: a used proof of work must not be accepted again.
    pub limits: usize,
}

impl Default for MemoryCapacity {
    fn default() -> Self {
        Self { texts: 150_000, codes: 50_000, limits: 300_000 }
    }
}

/// A part of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    Texts,
    Codes,
    Limits,
}

pub(super) struct Entries {
    capacity: MemoryCapacity,
    by_key: HashMap<Arc<str>, Entry>,
    /// The number of keys in each share.
    used: MemoryCapacity,
    /// When keys may expire. An entry that was renewed in the meantime is queued again.
    expirations: BinaryHeap<Reverse<(Instant, Arc<str>)>>,
}

pub(super) struct Entry {
    pub(super) expires_at: Instant,
    pub(super) value: Value,
}

pub(super) enum Value {
    Text(String),
    Code { code: StoredCode, tries: u32, askers: Askers, issued_at: Instant },
    Events(Events),
    Completions(Completions),
}

impl Entries {
    pub(super) fn new(capacity: MemoryCapacity) -> Self {
        let used = MemoryCapacity { texts: 0, codes: 0, limits: 0 };
        Self { capacity, by_key: HashMap::new(), used, expirations: BinaryHeap::new() }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.by_key.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.by_key.get_mut(key)
    }

    /// Adds or replaces an entry. Fails if its share is full and nothing in it makes room.
    pub(super) fn insert(
        &mut self,
        key: &str,
        expires_at: Instant,
        value: Value,
    ) -> Result<(), Error> {
        let share = value.share();
        if self.by_key.get(key).is_none_or(|replaced| replaced.value.share() != share) {
            self.make_room(share)?;
        }
        let key: Arc<str> = key.into();
        if let Some(replaced) = self.by_key.insert(Arc::clone(&key), Entry { expires_at, value }) {
            *self.used.of_mut(replaced.value.share()) -= 1;
        }
        *self.used.of_mut(share) += 1;
        self.expirations.push(Reverse((expires_at, key)));
        if self.expirations.len() > 2 * self.by_key.len() + 1024 {
            // Most of the queue belongs to keys that were removed or set again. Rebuild it, or a client that requests the
            // same captcha over and over would fill it.
            let live =
                self.by_key.iter().map(|(key, entry)| Reverse((entry.expires_at, Arc::clone(key))));
            self.expirations = live.collect();
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Value> {
        let value = self.by_key.remove(key)?.value;
        *self.used.of_mut(value.share()) -= 1;
        Some(value)
    }

    /// Removes expired entries. The cost of a key is proportional to the number of times it was set or renewed.
    pub(super) fn remove_expired(&mut self, now: Instant) {
        while let Some(Reverse((due, _))) = self.expirations.peek()
            && *due <= now
        {
            let Some(Reverse((_, key))) = self.expirations.pop() else { break };
            match self.by_key.get(&key).map(|entry| entry.expires_at) {
                Some(expires_at) if expires_at > now => {
                    self.expirations.push(Reverse((expires_at, key)));
                }
                Some(_) => drop(self.remove(&key)),
                None => {}
            }
        }
    }

    /// Whether a share is nearly full.
    pub(super) fn is_nearly_full(&self) -> bool {
        [Share::Texts, Share::Codes, Share::Limits]
            .into_iter()
            .any(|share| self.used.of(share) * 100 >= self.capacity.of(share) * NEARLY_FULL_PERCENT)
    }

    pub(super) fn usage(&self, key: &str, window: Window, now: Instant) -> (u32, Duration) {
        match self.by_key.get(key) {
            Some(Entry { value: Value::Events(events), .. }) => events.usage(window, now),
            _ => Events::default().usage(window, now),
        }
    }

    /// Returns when the newest event of a key happened, apart from that of a permit.
    pub(super) fn last_event(&self, key: &str, permit_id: &PermitId) -> Option<Instant> {
        match self.by_key.get(key) {
            Some(Entry { value: Value::Events(events), .. }) => events.last_but(permit_id),
            _ => None,
        }
    }

    /// Decides on a request for a permit.
    pub(super) fn decide(&self, request: &Acquire, now: Instant) -> Decision {
        let is_unfilled = |limit: &RateLimit| limit.must_be_filled && !self.is_filled(&limit.key);
        if request.limits.iter().any(is_unfilled) {
            return Decision::NotFilled;
        }
        let last_event =
            request.asker_key().and_then(|key| self.last_event(key, &request.permit_id));
        let usages_of = |limit: &RateLimit| -> Vec<(u32, Duration)> {
            let usage = |window: &Window| {
                let (used, wait) = self.usage(&limit.key, *window, now);
                let Some(last_event) = last_event else { return (used, wait) };
                let until_new = (last_event + window.span).saturating_duration_since(now);
                let open = Window { limit: limit.open_to_all(*window), ..*window };
                let (_, until_open) = self.usage(&limit.key, open, now);
                (used, wait.max(until_new.min(until_open)))
            };
            limit.windows.iter().map(usage).collect()
        };
        let (used, waits): (Vec<_>, Vec<_>) = request.limits.iter().flat_map(usages_of).unzip();
        match waits.into_iter().enumerate().max_by_key(|(_, wait)| *wait) {
            Some((window, wait)) if !wait.is_zero() => Decision::Refused { window, wait, used },
            Some(_) | None => Decision::Granted { used },
        }
    }

    pub(super) fn is_filled(&self, key: &str) -> bool {
        match self.by_key.get(key) {
            Some(Entry { value: Value::Events(events), .. }) => events.is_filled,
            _ => false,
        }
    }

    /// Returns the events of a key. They expire after the longest window, counted from now.
    pub(super) fn events(&mut self, limit: &RateLimit, now: Instant) -> Result<&mut Events, Error> {
        let new = || Value::Events(Events::new(limit.is_lock()));
        match self.renew_or_insert(&limit.key, now + limit.longest(), new)? {
            Value::Events(events) => Ok(events),
            Value::Text(_) | Value::Code { .. } | Value::Completions(_) => {
                Err(wrong_kind(&limit.key))
            }
        }
    }

    /// Returns the value of a key, with a new time to live, or inserts one.
    pub(super) fn renew_or_insert(
        &mut self,
        key: &str,
        expires_at: Instant,
        new: impl FnOnce() -> Value,
    ) -> Result<&mut Value, Error> {
        if !self.by_key.contains_key(key) {
            self.insert(key, expires_at, new())?;
        }
        let entry = self.by_key.get_mut(key).ok_or_else(|| wrong_kind(key))?;
        entry.expires_at = expires_at;
        Ok(&mut entry.value)
    }

    /// Makes room for one more key of a share, if it is full.
    fn make_room(&mut self, share: Share) -> Result<(), Error> {
        let capacity = self.capacity.of(share);
        if self.used.of(share) < capacity {
            return Ok(());
        }
        let of_share = self.by_key.iter().filter(|(_, entry)| entry.value.share() == share);
        let mut removable: Vec<_> =
            of_share.filter_map(|(key, entry)| Some((entry.rank()?, Arc::clone(key)))).collect();
        let count = (capacity / REMOVED_AT_ONCE).max(1).min(removable.len());
        if count == 0 {
            let message = format!("memory is full: {capacity} live {}; use Redis", share.as_str());
            return Err(Error::store(message));
        }
        if count < removable.len() {
            removable.select_nth_unstable(count);
            removable.truncate(count);
        }
        for (_, key) in removable {
            self.remove(&key);
        }
        log::warn!("event=memory_full share={} removed={count}", share.as_str());
        Ok(())
    }
}

impl Entry {
    /// Orders the entries of a share: the lowest make room. `None` if an entry has to stay until it expires.
    fn rank(&self) -> Option<(usize, Instant)> {
        match &self.value {
            Value::Text(_) => Some((0, self.expires_at)),
            Value::Events(events) if events.can_make_room() => {
                Some((events.count(), events.newest().unwrap_or(self.expires_at)))
            }
            Value::Events(_) | Value::Code { .. } | Value::Completions(_) => None,
        }
    }
}

impl Value {
    fn share(&self) -> Share {
        match self {
            Self::Text(_) => Share::Texts,
            Self::Code { .. } => Share::Codes,
            Self::Events(_) | Self::Completions(_) => Share::Limits,
        }
    }
}

impl Share {
    fn as_str(self) -> &'static str {
        match self {
            Self::Texts => "texts",
            Self::Codes => "codes",
            Self::Limits => "limits",
        }
    }
}

impl MemoryCapacity {
    fn of(&self, share: Share) -> usize {
        match share {
            Share::Texts => self.texts,
            Share::Codes => self.codes,
            Share::Limits => self.limits,
        }
    }

    fn of_mut(&mut self, share: Share) -> &mut usize {
        match share {
            Share::Texts => &mut self.texts,
            Share::Codes => &mut self.codes,
            Share::Limits => &mut self.limits,
        }
    }
}

/// The error of a key that is used for two kinds of values, which is a bug.
pub(super) fn wrong_kind(key: &str) -> Error {
    Error::internal(format!("{key} holds a value of another kind"))
}
