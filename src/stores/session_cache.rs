//! Sessions that were read a moment ago, so that a page with ten requests asks the database once.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use quick_cache::sync::Cache;

use super::tables::sessions::{LiveSession, SessionKey};
use crate::domain::clock::Clock;

/// Sessions, and people whose sessions have changed, that are remembered; some 500 bytes each.
const MOST: usize = 20_000;

/// What was read lately. A clone is the same memory.
///
/// What another instance ends is believed here for at most the given life, counted from before the
/// database was asked (R87); what this one ends is forgotten at once.
#[derive(Clone)]
pub struct SessionCache {
    clock: Clock,
    life: Duration,
    by_key: Arc<Cache<String, Seen>>,
    /// Of whom everything that was read before is worth nothing.
    changed: Arc<Cache<i64, Instant>>,
}

#[derive(Clone)]
struct Seen {
    live: LiveSession,
    asked_at: Instant,
}

impl SessionCache {
    /// Nothing is believed for longer than `life`; with none, nothing is remembered at all.
    pub fn new(life: Duration, clock: Clock) -> Self {
        Self {
            clock,
            life,
            by_key: Arc::new(Cache::new(MOST)),
            changed: Arc::new(Cache::new(MOST)),
        }
    }

    /// The session of a key, if it was read a moment ago.
    pub fn find(&self, key: &SessionKey) -> Option<LiveSession> {
        if self.life.is_zero() {
            return None;
        }
        let Seen { live, asked_at } = self.by_key.get(&key.hash())?;
        let is_good = self.clock.instant().saturating_duration_since(asked_at) < self.life
            && self.changed.get(&live.account.id).is_none_or(|at| at < asked_at);
        is_good.then_some(live)
    }

    /// Remembers what the database was asked for at that moment.
    pub fn keep(&self, key: &SessionKey, live: &LiveSession, asked_at: Instant) {
        if !self.life.is_zero() {
            self.by_key.insert(key.hash(), Seen { live: live.clone(), asked_at });
        }
    }

    /// Forgets all sessions of a person, those included that are being read just now.
    pub fn forget(&self, user_id: i64) {
        self.changed.insert(user_id, self.clock.instant());
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::{
        domain::{
            account::{Account, Status},
            mobile::Mobile,
            name::Name,
        },
        stores::tables::sessions::Kind,
    };

    fn live(user_id: i64) -> LiveSession {
        let now = Utc::now();
        let account = Account {
            id: user_id,
            mobile: Mobile::parse("13800138000").unwrap(),
            name: Name::random(),
            avatar_url: None,
            status: Status::Active,
            created_at: now,
        };
        let public_id = "a".to_owned();
        let (kind, remember) = (Kind::Session, false);
        LiveSession { public_id, account, kind, remember, signed_in_at: now, last_seen_at: now }
    }

    #[test]
    fn a_session_is_remembered_until_its_owner_changes_or_its_moment_is_over() {
        let clock = Clock::default();
        let recent = SessionCache::new(Duration::from_mins(1), clock.clone());
        let (key, other) = (SessionKey::random(), SessionKey::random());
        recent.keep(&key, &live(1), Instant::now());
        recent.keep(&other, &live(2), Instant::now());
        assert!(recent.find(&key).is_some());

        let asked_before = Instant::now();
        recent.forget(1);
        assert_eq!(recent.find(&key), None);
        assert!(recent.find(&other).is_some(), "somebody else");
        recent.keep(&key, &live(1), asked_before);
        assert_eq!(recent.find(&key), None, "it was read before it changed");
        recent.keep(&key, &live(1), Instant::now());
        assert!(recent.find(&key).is_some());

        clock.advance(Duration::from_mins(1));
        assert_eq!(recent.find(&key), None);
    }

    #[test]
    fn without_a_life_nothing_is_remembered() {
        let (recent, key) =
            (SessionCache::new(Duration::ZERO, Clock::default()), SessionKey::random());
        recent.keep(&key, &live(1), Instant::now());
        assert_eq!(recent.find(&key), None);
    }
}
