//! The kv store in this process's memory: bounded, and never dropping what is alive.

mod completions;
mod events;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use self::{completions::Things, events::Events};
use super::{
    Acquire, Completion, CompletionWindow, ConsumedSecret, Decision, Issued, PermitId, RateLimit,
    StoredCode, Verification, Window, completion_rate,
};
use crate::{domain::clock::Clock, errors::Error};

/// Entries; some 300 bytes each. Beyond it new keys are refused, live ones stay (R42).
const MOST_ENTRIES: usize = 500_000;

/// Captchas, codes and limits of one process.
///
/// One plain lock: every operation is a few hash look-ups, far shorter than a contended hand-over.
#[derive(Clone)]
pub struct Memory {
    entries: Arc<Mutex<Entries>>,
    most: usize,
    clock: Clock,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<String, Entry>,
    /// When keys may be dead; an entry that was renewed since is queued again.
    deaths: BinaryHeap<Reverse<(Instant, String)>>,
}

struct Entry {
    dies_at: Instant,
    value: Value,
}

enum Value {
    Text(String),
    Secret { secret: StoredCode, tries: u32, made_at: Instant },
    Events(Events),
    Things(Things),
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(Clock::default())
    }
}

impl Memory {
    /// A store whose keys live by this clock.
    pub fn new(clock: Clock) -> Self {
        Self::with_capacity(MOST_ENTRIES, clock)
    }

    /// A store that refuses new keys beyond so many live ones.
    pub fn with_capacity(most: usize, clock: Clock) -> Self {
        Self { entries: Arc::default(), most, clock }
    }

    pub(super) fn set(&self, key: &str, value: &str, ttl: Duration) -> Result<(), Error> {
        let now = self.clock.instant();
        self.lock(now).put(self.most, key, now + ttl, Value::Text(value.to_owned()))
    }

    pub(super) fn get(&self, key: &str) -> Option<String> {
        match &self.lock(self.clock.instant()).by_key.get(key)?.value {
            Value::Text(text) => Some(text.clone()),
            Value::Secret { .. } | Value::Events(_) | Value::Things(_) => None,
        }
    }

    pub(super) fn take(&self, key: &str) -> Option<String> {
        match self.lock(self.clock.instant()).by_key.remove(key)?.value {
            Value::Text(text) => Some(text),
            Value::Secret { .. } | Value::Events(_) | Value::Things(_) => None,
        }
    }

    pub(super) fn issue(
        &self,
        key: &str,
        fresh: &StoredCode,
        ttl: Duration,
        longest: Duration,
    ) -> Result<Issued, Error> {
        let now = self.clock.instant();
        let mut entries = self.lock(now);
        if let Some(Entry { dies_at, value: Value::Secret { secret, made_at, .. } }) =
            entries.by_key.get_mut(key)
        {
            let renewed = (now + ttl).min(*made_at + longest);
            if renewed >= now + ttl / 2 {
                *dies_at = renewed;
                return Ok(Issued { secret: secret.clone(), is_fresh: false, ttl: renewed - now });
            }
        }
        let value = Value::Secret { secret: fresh.clone(), tries: 0, made_at: now };
        entries.put(self.most, key, now + ttl, value)?;
        Ok(Issued { secret: fresh.clone(), is_fresh: true, ttl })
    }

    /// The wrong ones count under a key of their own, over all secrets that share it.
    pub(super) fn verify(
        &self,
        key: &str,
        hmacs: &[String],
        most: u32,
        (wrong, window): (&str, Window),
    ) -> Result<Verification, Error> {
        let now = self.clock.instant();
        let mut entries = self.lock(now);
        let wait = entries.look(wrong, window, now).1;
        if !wait.is_zero() {
            return Ok(Verification::Refused { wait });
        }
        let Some(Entry { dies_at, value: Value::Secret { secret, tries, made_at } }) =
            entries.by_key.get_mut(key)
        else {
            return Ok(Verification::Gone);
        };
        if hmacs.contains(&secret.hmac) {
            let spent = ConsumedSecret {
                secret: secret.clone(),
                tries: *tries,
                ttl: dies_at.saturating_duration_since(now),
                age: now.saturating_duration_since(*made_at),
            };
            entries.by_key.remove(key);
            return Ok(Verification::Right(spent));
        }
        *tries += 1;
        let left = most.saturating_sub(*tries);
        if left == 0 {
            entries.by_key.remove(key);
        }
        let quota = RateLimit::new(wrong, [window]);
        entries.events(self.most, &quota, now)?.add(&PermitId::new(), window.span, now);
        Ok(Verification::Wrong { left })
    }

    pub(super) fn restore(&self, key: &str, spent: &ConsumedSecret) -> Result<(), Error> {
        let now = self.clock.instant();
        let mut entries = self.lock(now);
        if entries.by_key.contains_key(key) {
            return Ok(());
        }
        let made_at = now.checked_sub(spent.age).unwrap_or(now);
        let value = Value::Secret { secret: spent.secret.clone(), tries: spent.tries, made_at };
        entries.put(self.most, key, now + spent.ttl, value)
    }

    pub(super) fn revoke(&self, key: &str, gone: &StoredCode) {
        let mut entries = self.lock(self.clock.instant());
        let is_it =
            |it: &Entry| matches!(&it.value, Value::Secret { secret, .. } if secret == gone);
        if entries.by_key.get(key).is_some_and(is_it) {
            entries.by_key.remove(key);
        }
    }

    pub(super) fn remove(&self, key: &str) {
        self.lock(self.clock.instant()).by_key.remove(key);
    }

    pub(super) fn acquire(&self, claim: &Acquire) -> Result<Decision, Error> {
        let now = self.clock.instant();
        let mut entries = self.lock(now);
        if claim.quotas.iter().any(|it| it.must_be_filled && !entries.is_filled(&it.key)) {
            return Ok(Decision::NotFilled);
        }
        let windows = claim.quotas.iter().flat_map(|it| it.windows.iter().map(|w| (&it.key, *w)));
        let seen: Vec<_> = windows.map(|(key, window)| entries.look(key, window, now)).collect();
        let fullest = seen.iter().map(|(_, wait)| *wait).enumerate().max_by_key(|it| it.1);
        if let Some((window, wait)) = fullest
            && !wait.is_zero()
        {
            return Ok(Decision::Refused { window, wait });
        }
        for quota in &claim.quotas {
            entries.events(self.most, quota, now)?.add(&claim.ticket, quota.longest(), now);
        }
        Ok(Decision::Granted { used: seen.into_iter().map(|(used, _)| used).collect() })
    }

    pub(super) fn fill(
        &self,
        quota: &RateLimit,
        past: &[(PermitId, Duration)],
    ) -> Result<(), Error> {
        let now = self.clock.instant();
        self.lock(now).events(self.most, quota, now)?.fill(past, now);
        Ok(())
    }

    pub(super) fn release(&self, key: &str, ticket: &PermitId) {
        if let Some(Entry { value: Value::Events(events), .. }) =
            self.lock(self.clock.instant()).by_key.get_mut(key)
        {
            events.remove(ticket);
        }
    }

    pub(super) fn wait(&self, key: &str, window: Window) -> Duration {
        let now = self.clock.instant();
        self.lock(now).look(key, window, now).1
    }

    pub(super) fn record_completion(&self, tally: &CompletionWindow) -> Result<Completion, Error> {
        let now = self.clock.instant();
        let mut entries = self.lock(now);
        let fresh = || Value::Things(Things::default());
        match entries.at(self.most, &tally.key, now + completion_rate::LIFE, fresh)? {
            Value::Things(things) => Ok(things.note(tally, now)),
            Value::Text(_) | Value::Secret { .. } | Value::Events(_) => Err(other_kind(&tally.key)),
        }
    }

    /// The entries that are alive. A thread that panicked inside left no half-done change behind.
    fn lock(&self, now: Instant) -> MutexGuard<'_, Entries> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.bury(now);
        entries
    }
}

impl Entries {
    fn put(&mut self, most: usize, key: &str, dies_at: Instant, value: Value) -> Result<(), Error> {
        let entry = Entry { dies_at, value };
        if self.by_key.len() >= most && !self.by_key.contains_key(key) {
            return Err(Error::store(format!("memory is full: {most} live keys; use Redis")));
        }
        self.by_key.insert(key.to_owned(), entry);
        self.deaths.push(Reverse((dies_at, key.to_owned())));
        if self.deaths.len() > 2 * self.by_key.len() + 1024 {
            // Most are of keys that were taken or put anew: one who asks for the same captcha over
            // and over must not fill the queue.
            let alive = self.by_key.iter().map(|(key, it)| Reverse((it.dies_at, key.clone())));
            self.deaths = alive.collect();
        }
        Ok(())
    }

    /// Removes what has died; each key costs as many steps as it was put or renewed.
    fn bury(&mut self, now: Instant) {
        while let Some(Reverse((due, _))) = self.deaths.peek()
            && *due <= now
        {
            let Some(Reverse((_, key))) = self.deaths.pop() else { break };
            match self.by_key.get(&key) {
                Some(entry) if entry.dies_at <= now => {
                    self.by_key.remove(&key);
                }
                Some(entry) => self.deaths.push(Reverse((entry.dies_at, key))),
                None => {}
            }
        }
    }

    fn look(&self, key: &str, window: Window, now: Instant) -> (u32, Duration) {
        match self.by_key.get(key) {
            Some(Entry { value: Value::Events(events), .. }) => events.look(window, now),
            _ => Events::default().look(window, now),
        }
    }

    fn is_filled(&self, key: &str) -> bool {
        let entry = self.by_key.get(key);
        entry.is_some_and(|it| matches!(&it.value, Value::Events(events) if events.is_filled))
    }

    /// The events of a key, which live on for as long as its longest window.
    fn events(
        &mut self,
        most: usize,
        quota: &RateLimit,
        now: Instant,
    ) -> Result<&mut Events, Error> {
        let fresh = || Value::Events(Events::default());
        match self.at(most, &quota.key, now + quota.longest(), fresh)? {
            Value::Events(events) => Ok(events),
            Value::Text(_) | Value::Secret { .. } | Value::Things(_) => Err(other_kind(&quota.key)),
        }
    }

    /// What is under a key, with a new life; a fresh value where there is none.
    fn at(
        &mut self,
        most: usize,
        key: &str,
        dies_at: Instant,
        fresh: impl FnOnce() -> Value,
    ) -> Result<&mut Value, Error> {
        if !self.by_key.contains_key(key) {
            self.put(most, key, dies_at, fresh())?;
        }
        let entry = self.by_key.get_mut(key).ok_or_else(|| other_kind(key))?;
        entry.dies_at = dies_at;
        Ok(&mut entry.value)
    }
}

/// Two uses of one key are a fault of ours.
fn other_kind(key: &str) -> Error {
    Error::internal(format!("{key} holds something else"))
}
