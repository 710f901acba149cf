//! The backend in this process's memory. Its size is bounded, and it never drops a live code.

mod completions;
mod entries;
mod events;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

pub use self::entries::MemoryCapacity;
use self::{
    completions::Completions,
    entries::{Entries, Entry, Value, wrong_kind},
};
use super::{
    Acquire, Asker, Askers, CompletionRule, Decision, IssueRules, Issued, OperationEvent, PermitId,
    RateLimit, Standing, StoredCode, UsedCode, Verification, Window, completion_rate,
};
use crate::{domain::clock::Clock, errors::Error};

/// Captchas, codes and rate limits of one process. Clones share them.
///
/// One mutex is enough: every operation is a few hash look-ups, which take far less time than waking a waiting thread.
#[derive(Clone)]
pub struct Memory {
    entries: Arc<Mutex<Entries>>,
    clock: Clock,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(Clock::default())
    }
}

impl Memory {
    /// Returns an empty store whose entries expire by this clock.
    pub fn new(clock: Clock) -> Self {
        Self::with_capacity(MemoryCapacity::default(), clock)
    }

    /// Returns an empty store that holds at most this many live keys.
    pub fn with_capacity(capacity: MemoryCapacity, clock: Clock) -> Self {
        Self { entries: Arc::new(Mutex::new(Entries::new(capacity))), clock }
    }

    /// Whether a share of the memory is nearly full.
    pub(super) fn is_nearly_full(&self) -> bool {
        self.lock(self.clock.instant()).is_nearly_full()
    }

    pub(super) fn set(&self, key: &str, value: &str, ttl: Duration) -> Result<(), Error> {
        let now = self.clock.instant();
        self.lock(now).insert(key, now + ttl, Value::Text(value.to_owned()))
    }

    pub(super) fn get(&self, key: &str) -> Option<String> {
        match &self.lock(self.clock.instant()).get(key)?.value {
            Value::Text(text) => Some(text.clone()),
            Value::Code { .. } | Value::Events(_) | Value::Completions(_) => None,
        }
    }

    pub(super) fn take(&self, key: &str) -> Option<String> {
        match self.lock(self.clock.instant()).remove(key)? {
            Value::Text(text) => Some(text),
            Value::Code { .. } | Value::Events(_) | Value::Completions(_) => None,
        }
    }

    pub(super) fn issue(
        &self,
        key: &str,
        fresh: &StoredCode,
        IssueRules { ttl, max_age, max_tries }: IssueRules,
        asker: &Asker,
    ) -> Result<Issued, Error> {
        let now = self.clock.instant();
        let mut entries = self.lock(now);
        if let Some(Entry { expires_at, value: Value::Code { code, askers, issued_at, .. } }) =
            entries.get_mut(key)
        {
            let renewed = (now + ttl).min(*issued_at + max_age);
            if renewed >= now + ttl / 2 && !askers.are_exhausted(max_tries) {
                *expires_at = renewed;
                askers.add(asker, max_tries);
                let (code, expires_in) = (code.clone(), renewed - now);
                return Ok(Issued { code, is_fresh: false, expires_in });
            }
        }
        let (code, askers) = (fresh.clone(), Askers::of(asker));
        let value = Value::Code { code, tries: 0, askers, issued_at: now };
        entries.insert(key, now + ttl, value)?;
        Ok(Issued { code: fresh.clone(), is_fresh: true, expires_in: ttl })
    }

    pub(super) fn verify(
        &self,
        key: &str,
        hmacs: &[String],
        (max_tries, asker): (u32, &Asker),
        (wrong_key, window): (&str, Window),
    ) -> Result<Verification, Error> {
        let now = self.clock.instant();
        let mut entries = self.lock(now);
        let wait = entries.usage(wrong_key, window, now).1;
        if !wait.is_zero() {
            return Ok(Verification::Refused { wait });
        }
        let Some(Entry { expires_at, value: Value::Code { code, tries, askers, issued_at } }) =
            entries.get_mut(key)
        else {
            return Ok(Verification::Gone);
        };
        let (tries_of_others, stored_askers) = (*tries, askers.clone());
        let tries = askers.tries_of(asker).unwrap_or(tries);
        if *tries >= max_tries {
            return Ok(Verification::Gone);
        }
        if hmacs.contains(&code.hmac) {
            let used = UsedCode {
                code: code.clone(),
                tries: tries_of_others,
                askers: stored_askers,
                ttl: expires_at.saturating_duration_since(now),
                age: now.saturating_duration_since(*issued_at),
            };
            entries.remove(key);
            return Ok(Verification::Right(used));
        }
        *tries += 1;
        let tries_left = max_tries.saturating_sub(*tries);
        let limit = RateLimit::new(wrong_key, [window]);
        entries.events(&limit, now)?.add(&PermitId::new(), window.span, now);
        Ok(Verification::Wrong { tries_left })
    }

    pub(super) fn restore(&self, key: &str, used: &UsedCode) -> Result<(), Error> {
        let now = self.clock.instant();
        let mut entries = self.lock(now);
        if entries.get(key).is_some() {
            return Ok(());
        }
        let issued_at = now.checked_sub(used.age).unwrap_or(now);
        let (code, askers) = (used.code.clone(), used.askers.clone());
        let value = Value::Code { code, tries: used.tries, askers, issued_at };
        entries.insert(key, now + used.ttl, value)
    }

    pub(super) fn revoke(&self, key: &str, revoked: &StoredCode) {
        let mut entries = self.lock(self.clock.instant());
        let is_revoked =
            |entry: &Entry| matches!(&entry.value, Value::Code { code, .. } if code == revoked);
        if entries.get(key).is_some_and(is_revoked) {
            entries.remove(key);
        }
    }

    pub(super) fn remove(&self, key: &str) {
        self.lock(self.clock.instant()).remove(key);
    }

    pub(super) fn acquire(&self, request: &Acquire) -> Result<Decision, Error> {
        let now = self.clock.instant();
        let mut entries = self.lock(now);
        let decision = entries.decide(request, now);
        if let Decision::Granted { .. } = &decision {
            for limit in &request.limits {
                entries.events(limit, now)?.add(&request.permit_id, limit.longest(), now);
            }
            if let Some(key) = request.asker_key() {
                let longest = request.asker_span();
                let own = RateLimit::new(key, [Window { span: longest, limit: u32::MAX }]);
                let events = entries.events(&own, now)?;
                // The same permit may be added under another limit later.
                events.remove(&request.permit_id);
                events.add(&request.permit_id, longest, now);
            }
        }
        Ok(decision)
    }

    pub(super) fn check(&self, request: &Acquire) -> Decision {
        let now = self.clock.instant();
        self.lock(now).decide(request, now)
    }

    pub(super) fn fill(
        &self,
        limit: &RateLimit,
        past: &[(PermitId, Duration)],
    ) -> Result<(), Error> {
        let now = self.clock.instant();
        self.lock(now).events(limit, now)?.fill(past, now);
        Ok(())
    }

    /// Removes the key with its last event, as Redis does.
    pub(super) fn release(&self, key: &str, permit_id: &PermitId) {
        let mut entries = self.lock(self.clock.instant());
        if let Some(Entry { value: Value::Events(events), .. }) = entries.get_mut(key) {
            events.remove(permit_id);
            if events.is_empty() {
                entries.remove(key);
            }
        }
    }

    pub(super) fn wait(&self, key: &str, window: Window) -> Duration {
        let now = self.clock.instant();
        self.lock(now).usage(key, window, now).1
    }

    pub(super) fn record_operation(&self, event: &OperationEvent) -> Result<(), Error> {
        let now = self.clock.instant();
        let mut entries = self.lock(now);
        let new = || Value::Completions(Completions::default());
        let expires_at = now + completion_rate::TTL;
        match entries.renew_or_insert(&event.key, expires_at, new)? {
            Value::Completions(completions) => {
                completions.record(event, now);
                Ok(())
            }
            Value::Text(_) | Value::Code { .. } | Value::Events(_) => Err(wrong_kind(&event.key)),
        }
    }

    /// A key without operations has level 0. A level is remembered for as long as its operations are judged, so that those
    /// of before it cannot be judged once more.
    pub(super) fn judge(&self, rule: &CompletionRule) -> Standing {
        let now = self.clock.instant();
        let mut entries = self.lock(now);
        let Some(Entry { expires_at, value: Value::Completions(completions) }) =
            entries.get_mut(&rule.key)
        else {
            return Standing::default();
        };
        let standing = completions.judge(rule, now);
        if let Some(ends_at) = completions.ends_last() {
            *expires_at = (*expires_at).max(ends_at + completion_rate::TTL);
        }
        standing
    }

    /// Locks the entries and removes the expired ones. A poisoned lock is usable: no operation panics in the middle of a
    /// change.
    fn lock(&self, now: Instant) -> MutexGuard<'_, Entries> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove_expired(now);
        entries
    }
}
