//! The keys that sign JWTs: which one signs now, and which ones are published.
//!
//! A new key is published some minutes before it signs, and an old one for some minutes after its last signature. So a
//! client that caches the key set for no longer than we allow never meets an unknown key, on whichever instance (R146).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::{
    db::Db,
    tables::{signing_keys, signing_keys::StoredKey},
};
use crate::{
    domain::{
        clock::Clock,
        keys::{Key, SecretKey},
        signing_key::{PublicKey, SigningKey},
    },
    errors::Error,
};

/// The lifetime of a JWT.
pub const JWT_LIFETIME: Duration = Duration::from_mins(5);
/// The time for which clients may cache the key set.
pub const KEY_SET_MAX_AGE: Duration = Duration::from_mins(5);
/// The time between publishing a key and its first signature. It covers cached key sets, instances that have not read the
/// new key yet, and clocks that differ.
const PUBLISH_BEFORE_SIGNING: Duration = Duration::from_mins(7);
/// The time for which a key is published after its last signature. It covers the lifetime of a JWT and clocks that differ.
const PUBLISH_AFTER_SIGNING: Duration = Duration::from_mins(10);
/// An instance reads the keys again after this time, when one is needed.
const REFRESH_INTERVAL: Duration = Duration::from_secs(30);

/// The keys of this service. Clones share them.
#[derive(Clone)]
pub struct JwtKeys {
    db: Db,
    clock: Clock,
    encryption: EncryptionKeys,
    cached: Arc<Mutex<CachedKeys>>,
}

/// The keys as they were read from the database.
struct CachedKeys {
    stored: Vec<StoredKey>,
    /// The keys whose private half can be decrypted, from the oldest to the newest, each with the time of its last
    /// signature.
    signing_capable: Vec<(Arc<SigningKey>, Option<DateTime<Utc>>)>,
    read_at: Instant,
}

impl JwtKeys {
    /// Reads the keys, and creates the first one if there is none. Of several instances that start at once, one creates it.
    ///
    /// If `SECRET_KEY` has changed and the old one is among the fallbacks, the private halves are encrypted with the new
    /// one. Without the old one none of them can be decrypted: then a new key signs at once, and the old ones stay
    /// published for the JWTs that they have signed.
    pub async fn open(db: Db, secret: &SecretKey, clock: Clock) -> Result<Self, Error> {
        let encryption = EncryptionKeys::new(secret);
        let keys = load(&db, &encryption, &clock).await?;
        let now = clock.now();
        reencrypt(&db, &encryption, &keys.stored, now).await?;
        if keys.signing_capable.is_empty() {
            insert_key(&db, &encryption.current, &keys.stored, now, now).await?;
        }
        let opened = Self::open_existing(db, secret, clock).await?;
        opened.ok_or_else(|| Error::internal("another instance signs under another SECRET_KEY"))
    }

    /// Reads the keys. `None` if none of them can sign under this `SECRET_KEY`.
    pub async fn open_existing(
        db: Db,
        secret: &SecretKey,
        clock: Clock,
    ) -> Result<Option<Self>, Error> {
        let encryption = EncryptionKeys::new(secret);
        let keys = load(&db, &encryption, &clock).await?;
        if keys.signing_capable.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { db, clock, encryption, cached: Arc::new(Mutex::new(keys)) }))
    }

    /// Returns the key that signs now: the oldest that is not retired. All instances agree on it, whenever they have last
    /// read the keys.
    pub async fn signing_key(&self) -> Result<Arc<SigningKey>, Error> {
        let now = self.clock.now();
        let found = self
            .with_cached(|keys| {
                let keys = &keys.signing_capable;
                let current =
                    keys.iter().find(|(_, retired_at)| retired_at.is_none_or(|at| at > now));
                current.or(keys.last()).map(|(key, _)| Arc::clone(key))
            })
            .await;
        found.ok_or_else(|| Error::internal("no key to sign with"))
    }

    /// Returns the public keys that clients verify JWTs with.
    pub async fn published_keys(&self) -> Vec<PublicKey> {
        let now = self.clock.now();
        let is_published =
            |key: &&StoredKey| key.retired_at.is_none_or(|at| at + PUBLISH_AFTER_SIGNING > now);
        self.with_cached(|keys| {
            keys.stored.iter().filter(is_published).map(|key| key.public.clone()).collect()
        })
        .await
    }

    /// Creates a new key, and returns the time from which on it signs.
    pub async fn rotate(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
        let signs_from = now + PUBLISH_BEFORE_SIGNING;
        let mut cached = self.cached.lock().await;
        let stored = self.db.read(signing_keys::all).await?;
        if !insert_key(&self.db, &self.encryption.current, &stored, now, signs_from).await? {
            return Err(Error::internal("somebody else is rotating the keys"));
        }
        *cached = load(&self.db, &self.encryption, &self.clock).await?;
        Ok(signs_from)
    }

    /// Passes the cached keys to a function, and reads them again first if they are too old. While the database does not
    /// answer, the cached ones are used.
    async fn with_cached<T>(&self, take: impl FnOnce(&CachedKeys) -> T) -> T {
        let mut cached = self.cached.lock().await;
        if self.clock.instant() - cached.read_at >= REFRESH_INTERVAL {
            match load(&self.db, &self.encryption, &self.clock).await {
                Ok(fresh) if !fresh.signing_capable.is_empty() => *cached = fresh,
                Ok(_) => {
                    log::error!("event=signing_keys_unreadable hint=one_SECRET_KEY_everywhere");
                    cached.read_at = self.clock.instant();
                }
                Err(error) => {
                    log::warn!("event=signing_keys_not_read error={error:?}");
                    cached.read_at = self.clock.instant();
                }
            }
        }
        take(&cached)
    }
}

/// The keys that encrypt private halves. The current one encrypts, all of them decrypt.
#[derive(Clone)]
struct EncryptionKeys {
    current: Key,
    all: Vec<Key>,
}

impl EncryptionKeys {
    fn new(secret: &SecretKey) -> Self {
        let label = "signing-keys";
        Self { current: secret.derive(label), all: secret.derive_all(label) }
    }

    fn decrypt(&self, stored: &StoredKey) -> Option<SigningKey> {
        let decrypt = |key| SigningKey::decrypt(key, stored.public.clone(), &stored.encrypted);
        self.all.iter().find_map(decrypt)
    }
}

/// Encrypts private halves with the current key if only a fallback can decrypt them, so that the fallback can be removed.
async fn reencrypt(
    db: &Db,
    encryption: &EncryptionKeys,
    stored: &[StoredKey],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    for stored in stored.iter().filter(|key| key.is_in_use(now)) {
        let public = stored.public.clone();
        if SigningKey::decrypt(&encryption.current, public, &stored.encrypted).is_some() {
            continue;
        }
        let Some(key) = encryption.decrypt(stored) else { continue };
        let (old, new) = (stored.encrypted.clone(), key.encrypt(&encryption.current)?);
        db.write(async move |connection| {
            signing_keys::replace_encrypted(connection, &old, &new).await
        })
        .await?;
        log::info!("event=signing_key_sealed_anew kid={}", key.public().kid);
    }
    Ok(())
}

async fn load(db: &Db, encryption: &EncryptionKeys, clock: &Clock) -> Result<CachedKeys, Error> {
    let stored = db.read(signing_keys::all).await?;
    let now = clock.now();
    let signing_capable = stored
        .iter()
        .filter(|stored| stored.is_in_use(now))
        .filter_map(|stored| {
            let key = encryption.decrypt(stored)?;
            Some((Arc::new(key), stored.retired_at))
        })
        .collect();
    Ok(CachedKeys { stored, signing_capable, read_at: clock.instant() })
}

/// Adds a new key after the existing ones, which sign until `signs_from`. `false` if another instance was faster.
async fn insert_key(
    db: &Db,
    encryption_key: &Key,
    existing: &[StoredKey],
    now: DateTime<Utc>,
    signs_from: DateTime<Utc>,
) -> Result<bool, Error> {
    let (key, encrypted) = SigningKey::random(encryption_key)?;
    let new = StoredKey {
        generation: existing.last().map_or(1, |last| last.generation + 1),
        public: key.public().clone(),
        encrypted,
        created_at: now,
        retired_at: None,
    };
    let kid = new.public.kid.clone();
    let is_inserted = db
        .write(async move |connection| {
            if !signing_keys::insert(connection, &new).await? {
                return Ok(false);
            }
            signing_keys::retire_before(connection, new.generation, signs_from).await?;
            signing_keys::forget_private(connection, now).await?;
            Ok(true)
        })
        .await?;
    if is_inserted {
        log::info!("event=signing_key_made kid={kid} signs_from={}", signs_from.to_rfc3339());
    }
    Ok(is_inserted)
}
