//! A cache of sessions, so that a page with ten requests reads its session from the database once.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use quick_cache::sync::Cache;

use super::tables::sessions::{KeyHash, LiveSession};
use crate::domain::clock::Clock;

/// The number of sessions, and of users with changed sessions, of about 500 bytes each.
const MAX_ENTRIES: usize = 20_000;

/// The sessions that were read a moment ago. Clones share them.
///
/// A session that another instance ends stays valid here for at most `max_age`, counted from before the database was asked
/// (R87). One that this instance ends is removed at once.
#[derive(Clone)]
pub struct SessionCache {
    clock: Clock,
    max_age: Duration,
    by_key: Arc<Cache<KeyHash, CachedSession>>,
    /// For each user the time before which cached sessions are out of date.
    invalidated_at: Arc<Cache<i64, Instant>>,
}

#[derive(Clone)]
struct CachedSession {
    session: LiveSession,
    queried_at: Instant,
}

impl SessionCache {
    /// Returns a cache whose sessions are valid for `max_age`. With zero nothing is cached.
    pub fn new(max_age: Duration, clock: Clock) -> Self {
        Self {
            clock,
            max_age,
            by_key: Arc::new(Cache::new(MAX_ENTRIES)),
            invalidated_at: Arc::new(Cache::new(MAX_ENTRIES)),
        }
    }

    /// Returns the session of the key with this hash if it is cached and up to date.
    pub fn get(&self, key: &KeyHash) -> Option<LiveSession> {
        if self.max_age.is_zero() {
            return None;
        }
        let CachedSession { session, queried_at } = self.by_key.get(key)?;
        let is_valid = self.clock.instant().saturating_duration_since(queried_at) < self.max_age
            && self.invalidated_at.get(&session.account.id).is_none_or(|at| at < queried_at);
        is_valid.then_some(session)
    }

    /// Caches a session that was read by a query that began at `queried_at`.
    pub fn insert(&self, key: &KeyHash, session: &LiveSession, queried_at: Instant) {
        if !self.max_age.is_zero() {
            let session = session.clone();
            self.by_key.insert(key.clone(), CachedSession { session, queried_at });
        }
    }

    /// Makes all sessions of a user out of date, including those that are being read at the moment.
    pub fn invalidate(&self, user_id: i64) {
        self.invalidated_at.insert(user_id, self.clock.instant());
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
        stores::tables::sessions::{Kind, SessionKey},
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
        LiveSession {
            public_id,
            account,
            kind,
            remember,
            signed_in_at: now,
            last_seen_at: now,
            amr: None,
        }
    }

    #[test]
    fn a_session_is_cached_until_its_user_changes_or_its_lifetime_is_over() {
        let clock = Clock::default();
        let recent = SessionCache::new(Duration::from_mins(1), clock.clone());
        let (key, other) = (SessionKey::random().hash(), SessionKey::random().hash());
        recent.insert(&key, &live(1), Instant::now());
        recent.insert(&other, &live(2), Instant::now());
        assert!(recent.get(&key).is_some());

        let asked_before = Instant::now();
        recent.invalidate(1);
        assert_eq!(recent.get(&key), None);
        assert!(recent.get(&other).is_some(), "somebody else");
        recent.insert(&key, &live(1), asked_before);
        assert_eq!(recent.get(&key), None, "it was read before it changed");
        recent.insert(&key, &live(1), Instant::now());
        assert!(recent.get(&key).is_some());

        clock.advance(Duration::from_mins(1));
        assert_eq!(recent.get(&key), None);
    }

    #[test]
    fn without_a_lifetime_nothing_is_cached() {
        let (recent, key) =
            (SessionCache::new(Duration::ZERO, Clock::default()), SessionKey::random().hash());
        recent.insert(&key, &live(1), Instant::now());
        assert_eq!(recent.get(&key), None);
    }
}
