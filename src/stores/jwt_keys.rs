//! Which key signs JWTs at this moment, and which ones others verify with.
//!
//! A new key is published some minutes before it signs, and an old one for some minutes after its last
//! signature: whoever keeps our key set as long as we allow never meets an unknown key, on whichever
//! instance (R146).

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

/// A JWT lives so long.
pub const JWT_LIFE: Duration = Duration::from_mins(5);
/// Others may keep our key set so long.
pub const CACHE_LIFE: Duration = Duration::from_mins(5);
/// From being made to signing: a kept key set, an instance that has not looked yet, clocks.
const BEFORE: Duration = Duration::from_mins(7);
/// From the last signature to leaving the key set: the last JWT, clocks.
const AFTER: Duration = Duration::from_mins(10);
/// An instance looks so often, when it is asked anything, whether there are new keys.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The keys of this service. Clones share them.
#[derive(Clone)]
pub struct JwtKeys {
    db: Db,
    clock: Clock,
    sealing: Sealing,
    held: Arc<Mutex<Held>>,
}

struct Held {
    stored: Vec<StoredKey>,
    /// Those that may sign, the oldest first, each with its last moment.
    able: Vec<(Arc<SigningKey>, Option<DateTime<Utc>>)>,
    read_at: Instant,
}

impl JwtKeys {
    /// Reads the keys, and makes the first one. Of many instances that start together, one makes it.
    ///
    /// After a change of `SECRET_KEY` the private halves are sealed anew, if the old secret is among the
    /// fallbacks. Otherwise none opens any more: then a new key signs at once, and what the old ones have
    /// signed stays good.
    pub async fn open(db: Db, secret: &SecretKey, clock: Clock) -> Result<Self, Error> {
        let sealing = Sealing::new(secret);
        let held = read(&db, &sealing, &clock).await?;
        let now = clock.now();
        reseal(&db, &sealing, &held.stored, now).await?;
        if held.able.is_empty() {
            add(&db, &sealing.current, &held.stored, now, now).await?;
        }
        let ours = Self::known(db, secret, clock).await?;
        ours.ok_or_else(|| Error::internal("another instance signs under another SECRET_KEY"))
    }

    /// The keys there are; `None` when none of them can sign under this secret.
    pub async fn known(db: Db, secret: &SecretKey, clock: Clock) -> Result<Option<Self>, Error> {
        let sealing = Sealing::new(secret);
        let held = read(&db, &sealing, &clock).await?;
        if held.able.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { db, clock, sealing, held: Arc::new(Mutex::new(held)) }))
    }

    /// The key that signs now: the oldest that is not retired. All instances agree on it, whenever they
    /// last looked.
    pub async fn signing(&self) -> Result<Arc<SigningKey>, Error> {
        let now = self.clock.now();
        let found = self
            .with_held(|held| {
                let current = held.able.iter().find(|(_, until)| until.is_none_or(|it| it > now));
                current.or(held.able.last()).map(|(key, _)| Arc::clone(key))
            })
            .await;
        found.ok_or_else(|| Error::internal("no key to sign with"))
    }

    /// What others verify with.
    pub async fn published(&self) -> Vec<PublicKey> {
        let now = self.clock.now();
        let is_published = |it: &&StoredKey| it.retired_at.is_none_or(|at| at + AFTER > now);
        self.with_held(|held| {
            held.stored.iter().filter(is_published).map(|it| it.public.clone()).collect()
        })
        .await
    }

    /// Makes a new key, which signs once everybody can know it; says from when on.
    pub async fn rotate(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
        let from = now + BEFORE;
        let mut held = self.held.lock().await;
        let stored = self.db.read(signing_keys::all).await?;
        if !add(&self.db, &self.sealing.current, &stored, now, from).await? {
            return Err(Error::internal("somebody else is rotating the keys"));
        }
        *held = read(&self.db, &self.sealing, &self.clock).await?;
        Ok(from)
    }

    /// Looks for new keys now and then; while the database does not answer, the known ones serve.
    async fn with_held<T>(&self, take: impl FnOnce(&Held) -> T) -> T {
        let mut held = self.held.lock().await;
        if self.clock.instant() - held.read_at >= LOOK_EVERY {
            match read(&self.db, &self.sealing, &self.clock).await {
                Ok(fresh) if !fresh.able.is_empty() => *held = fresh,
                Ok(_) => {
                    log::error!("event=signing_keys_unreadable hint=one_SECRET_KEY_everywhere");
                    held.read_at = self.clock.instant();
                }
                Err(error) => {
                    log::warn!("event=signing_keys_not_read error={error:?}");
                    held.read_at = self.clock.instant();
                }
            }
        }
        take(&held)
    }
}

/// What private halves are sealed with, and what opens them.
#[derive(Clone)]
struct Sealing {
    current: Key,
    all: Vec<Key>,
}

impl Sealing {
    fn new(secret: &SecretKey) -> Self {
        let label = "signing-keys";
        Self { current: secret.derive(label), all: secret.derive_all(label) }
    }

    fn open(&self, stored: &StoredKey) -> Option<SigningKey> {
        self.all
            .iter()
            .find_map(|it| SigningKey::decrypt(it, stored.public.clone(), &stored.sealed))
    }
}

/// Seals with the current key what only a fallback opens, so that the fallback can go.
async fn reseal(
    db: &Db,
    sealing: &Sealing,
    stored: &[StoredKey],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    for it in stored.iter().filter(|it| it.is_in_use(now)) {
        if SigningKey::decrypt(&sealing.current, it.public.clone(), &it.sealed).is_some() {
            continue;
        }
        let Some(key) = sealing.open(it) else { continue };
        let (old, new) = (it.sealed.clone(), key.encrypt(&sealing.current)?);
        db.write(async move |it| signing_keys::reseal(it, &old, &new).await).await?;
        log::info!("event=signing_key_sealed_anew kid={}", key.public().kid);
    }
    Ok(())
}

async fn read(db: &Db, sealing: &Sealing, clock: &Clock) -> Result<Held, Error> {
    let stored = db.read(signing_keys::all).await?;
    let now = clock.now();
    let able = stored
        .iter()
        .filter(|it| it.is_in_use(now))
        .filter_map(|it| {
            let key = sealing.open(it)?;
            Some((Arc::new(key), it.retired_at))
        })
        .collect();
    Ok(Held { stored, able, read_at: clock.instant() })
}

/// Adds the key after those that are known, which sign until `from`; false if somebody was faster.
async fn add(
    db: &Db,
    sealing: &Key,
    known: &[StoredKey],
    now: DateTime<Utc>,
    from: DateTime<Utc>,
) -> Result<bool, Error> {
    let (key, sealed) = SigningKey::random(sealing)?;
    let new = StoredKey {
        generation: known.last().map_or(1, |it| it.generation + 1),
        public: key.public().clone(),
        sealed,
        created_at: now,
        retired_at: None,
    };
    let kid = new.public.kid.clone();
    let added = db
        .write(async move |connection| {
            if !signing_keys::insert(connection, &new).await? {
                return Ok(false);
            }
            signing_keys::retire_before(connection, new.generation, from).await?;
            signing_keys::forget_private(connection, now).await?;
            Ok(true)
        })
        .await?;
    if added {
        log::info!("event=signing_key_made kid={kid} signs_from={}", from.to_rfc3339());
    }
    Ok(added)
}
