//! The keys that sign JWTs: which one signs now, and which ones are published.
//!
//! A new key is published some minutes before it signs, and an old one for some minutes after its last signature. So a
//! client that caches the key set for no longer than we allow never meets an unknown key, on whichever instance (R146).

mod encryption;
mod key_table;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard};

use self::key_table::{KeyTable, ReadKeys};
use super::{db::Db, tables::signing_keys::StoredKey};
use crate::{
    domain::{
        clock::Clock,
        jwk::{self, Jwk},
        keys::SecretKey,
        signing_algorithm::SigningAlgorithm,
        signing_key::{PublishedKey, SigningKey},
    },
    errors::Error,
};

/// The lifetime of a JWT.
pub const JWT_LIFETIME: Duration = Duration::from_mins(5);
/// The time for which clients may cache the key set.
pub const KEY_SET_MAX_AGE: Duration = Duration::from_mins(5);
/// The time between publishing a key and its first signature. It covers cached key sets, instances that have not read
/// the new key yet, and clocks that differ.
const PUBLISH_BEFORE_SIGNING: Duration = Duration::from_mins(7);
/// The time for which a key is published after its last signature. It covers the lifetime of a JWT and clocks that
/// differ.
const PUBLISH_AFTER_SIGNING: Duration = Duration::from_mins(10);
/// An instance reads the keys again after this time, when one is needed.
const REFRESH_INTERVAL: Duration = Duration::from_secs(30);

/// The algorithms of which every service has a key. Making one of RS256 takes hundreds of milliseconds, and a service
/// without OpenID Connect clients needs none, so that one is made by [`JwtKeys::ensure`] when somebody first needs it.
const ALWAYS: [SigningAlgorithm; 2] = [SigningAlgorithm::EdDsa, SigningAlgorithm::Es256];

/// The keys of this service. Clones share them.
#[derive(Clone)]
pub struct JwtKeys {
    table: KeyTable,
    cached: Arc<Mutex<ReadKeys>>,
}

impl JwtKeys {
    /// Reads the keys, and makes the first ones of EdDSA and ES256 if there are none. Of several instances that start
    /// at once, one makes them.
    ///
    /// If `SECRET_KEY` has changed and the old one is among the fallbacks, the private halves are encrypted with the
    /// new one. Without the old one none of them can be decrypted: then a new key of each algorithm signs at once, and
    /// the old ones stay published for the JWTs that they have signed.
    pub async fn open(db: Db, secret: &SecretKey, clock: Clock) -> Result<Self, Error> {
        let table = KeyTable::new(db, secret, clock);
        let mut keys = table.read().await?;
        table.reencrypt(&keys.stored).await?;
        for algorithm in SigningAlgorithm::ALL {
            let has_key = keys.stored.iter().any(|key| key.public.algorithm == algorithm);
            if (has_key || ALWAYS.contains(&algorithm)) && !keys.can_sign(algorithm) {
                keys = table.make_if_none(algorithm, true).await?;
            }
        }
        Ok(Self { table, cached: Arc::new(Mutex::new(keys)) })
    }

    /// Reads the keys. `None` if none of them can sign under this `SECRET_KEY`.
    pub async fn open_existing(
        db: Db,
        secret: &SecretKey,
        clock: Clock,
    ) -> Result<Option<Self>, Error> {
        let table = KeyTable::new(db, secret, clock);
        let keys = table.read().await?;
        let can_sign = !keys.signing_capable.is_empty();
        Ok(can_sign.then(|| Self { table, cached: Arc::new(Mutex::new(keys)) }))
    }

    /// Makes the first key of an algorithm if there is none; it signs at once. Of several processes that do so
    /// together, one makes it, and the others find it when they need it.
    ///
    /// A key of RS256 is made by this alone, because it takes hundreds of milliseconds and a service without OpenID
    /// Connect clients needs none.
    pub async fn ensure(&self, algorithm: SigningAlgorithm) -> Result<(), Error> {
        let mut cached = self.cached.lock().await;
        if !cached.can_sign(algorithm) {
            *cached = self.table.make_if_none(algorithm, false).await?;
        }
        Ok(())
    }

    /// Returns the key of this algorithm that signs now: the oldest that is not retired. All instances agree on it,
    /// whenever they have last read the keys. If there is none yet, the first one is made.
    pub async fn signing_key(&self, algorithm: SigningAlgorithm) -> Result<Arc<SigningKey>, Error> {
        let now = self.table.clock.now();
        let mut keys = self.fresh().await;
        if !keys.can_sign(algorithm) {
            *keys = self.table.make_if_none(algorithm, false).await?;
        }
        let of_algorithm = |(key, _): &&(Arc<SigningKey>, _)| key.public().algorithm == algorithm;
        let mut capable = keys.signing_capable.iter().filter(of_algorithm);
        let current = capable.clone().find(|(_, retired_at)| retired_at.is_none_or(|at| at > now));
        let found = current.or(capable.next_back()).map(|(key, _)| Arc::clone(key));
        found.ok_or_else(|| Error::internal("no key to sign with"))
    }

    /// Returns the public keys that clients verify JWTs with.
    pub async fn published_keys(&self) -> Vec<PublishedKey> {
        let now = self.table.clock.now();
        let is_published =
            |key: &&StoredKey| key.retired_at.is_none_or(|at| at + PUBLISH_AFTER_SIGNING > now);
        let keys = self.fresh().await;
        keys.stored.iter().filter(is_published).map(|key| key.public.clone()).collect()
    }

    /// Returns the claims of a JWT that one of our keys has signed, however long ago: the times in it are not looked
    /// at.
    pub async fn verify(&self, jwt: &str) -> Option<Value> {
        let keys = self.fresh().await;
        let all: Vec<_> = keys.stored.iter().map(|key| Jwk::from(key.public.clone())).collect();
        drop(keys);
        jwk::verify(jwt, &all)
    }

    /// Makes a new key of each algorithm that has one, and returns the time from which on they sign.
    pub async fn rotate(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
        let signs_from = now + PUBLISH_BEFORE_SIGNING;
        let mut cached = self.cached.lock().await;
        if !self.table.replace_all(now, signs_from).await? {
            return Err(Error::internal("somebody else is rotating the keys"));
        }
        *cached = self.table.read().await?;
        Ok(signs_from)
    }

    /// Returns the cached keys, and reads them again first if they are too old. While the database does not answer, the
    /// cached ones are used.
    async fn fresh(&self) -> MutexGuard<'_, ReadKeys> {
        let mut cached = self.cached.lock().await;
        let now = self.table.clock.instant();
        if now - cached.read_at < REFRESH_INTERVAL {
            return cached;
        }
        let is_readable = |fresh: &ReadKeys| {
            let mut known = cached.signing_capable.iter().map(|(key, _)| key.public().algorithm);
            known.all(|algorithm| fresh.can_sign(algorithm))
        };
        match self.table.read().await {
            Ok(fresh) if is_readable(&fresh) => *cached = fresh,
            Ok(_) => {
                log::error!("event=signing_keys_unreadable hint=one_SECRET_KEY_everywhere");
                cached.read_at = now;
            }
            Err(error) => {
                log::warn!("event=signing_keys_not_read error={error:?}");
                cached.read_at = now;
            }
        }
        cached
    }
}
