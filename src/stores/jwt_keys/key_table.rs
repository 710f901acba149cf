//! The keys in the database: how they are read, made, replaced and encrypted anew.

use std::{sync::Arc, time::Instant};

use chrono::{DateTime, Utc};
use tokio::task::spawn_blocking;

use super::encryption::EncryptionKeys;
use crate::{
    domain::{
        clock::Clock,
        keys::SecretKey,
        signing_algorithm::SigningAlgorithm,
        signing_key::{PublishedKey, SigningKey},
    },
    errors::Error,
    stores::{
        db::Db,
        tables::{signing_keys, signing_keys::StoredKey},
    },
};

/// The table of the keys, and what encrypts them.
#[derive(Clone)]
pub(super) struct KeyTable {
    db: Db,
    pub(super) clock: Clock,
    encryption: EncryptionKeys,
}

/// The keys as they were read from the database.
pub(super) struct ReadKeys {
    pub(super) stored: Vec<StoredKey>,
    /// The keys whose private half can be decrypted, from the oldest to the newest, each with the time of its last
    /// signature.
    pub(super) signing_capable: Vec<(Arc<SigningKey>, Option<DateTime<Utc>>)>,
    pub(super) read_at: Instant,
}

impl ReadKeys {
    /// Tells whether there is a key of this algorithm that can sign.
    pub(super) fn can_sign(&self, algorithm: SigningAlgorithm) -> bool {
        self.signing_capable.iter().any(|(key, _)| key.public().algorithm == algorithm)
    }
}

impl KeyTable {
    pub(super) fn new(db: Db, secret: &SecretKey, clock: Clock) -> Self {
        Self { db, clock, encryption: EncryptionKeys::new(secret) }
    }

    pub(super) async fn read(&self) -> Result<ReadKeys, Error> {
        let stored = self.db.read(signing_keys::all).await?;
        let now = self.clock.now();
        let signing_capable = stored
            .iter()
            .filter(|stored| stored.is_in_use(now))
            .filter_map(|stored| {
                let key = self.encryption.decrypt(stored)?;
                Some((Arc::new(key), stored.retired_at))
            })
            .collect();
        Ok(ReadKeys { stored, signing_capable, read_at: self.clock.instant() })
    }

    /// Encrypts private halves with the current key if only a fallback can decrypt them, so that the fallback can be
    /// removed.
    pub(super) async fn reencrypt(&self, stored: &[StoredKey]) -> Result<(), Error> {
        let now = self.clock.now();
        for stored in stored.iter().filter(|key| key.is_in_use(now)) {
            let current = &self.encryption.current;
            if SigningKey::decrypt(current, &stored.public, &stored.encrypted).is_some() {
                continue;
            }
            let Some(key) = self.encryption.decrypt(stored) else { continue };
            let (old, new) = (stored.encrypted.clone(), key.encrypt(current)?);
            self.db
                .write(async move |connection| {
                    signing_keys::replace_encrypted(connection, &old, &new).await
                })
                .await?;
            log::info!("event=signing_key_sealed_anew kid={}", key.public().kid);
        }
        Ok(())
    }

    /// Makes a key that signs at once, unless there is one of this algorithm that can sign. Of several instances that
    /// do so together, one makes it.
    ///
    /// Keys of the algorithm that cannot be decrypted are replaced if `replaces_unreadable`, and are an error
    /// otherwise.
    pub(super) async fn make_if_none(
        &self,
        algorithm: SigningAlgorithm,
        mut replaces_unreadable: bool,
    ) -> Result<ReadKeys, Error> {
        loop {
            let keys = self.read().await?;
            if keys.can_sign(algorithm) {
                return Ok(keys);
            }
            let now = self.clock.now();
            let is_unreadable =
                |key: &StoredKey| key.public.algorithm == algorithm && key.is_in_use(now);
            if !replaces_unreadable && keys.stored.iter().any(is_unreadable) {
                return Err(Error::internal("another instance signs under another SECRET_KEY"));
            }
            if self.add(&[algorithm], &keys.stored, now, now).await? {
                return self.read().await;
            }
            // Another instance was faster. What it has made is not replaced.
            replaces_unreadable = false;
        }
    }

    /// Replaces the key of each algorithm that has one. `false` if another instance was faster.
    pub(super) async fn replace_all(
        &self,
        now: DateTime<Utc>,
        signs_from: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let stored = self.db.read(signing_keys::all).await?;
        let in_use = |algorithm: &SigningAlgorithm| {
            stored.iter().any(|key| key.public.algorithm == *algorithm && key.is_in_use(now))
        };
        let algorithms: Vec<_> = SigningAlgorithm::ALL.into_iter().filter(in_use).collect();
        self.add(&algorithms, &stored, now, signs_from).await
    }

    /// Adds a key of each of these algorithms after the existing ones, which sign until `signs_from`. `false` if
    /// another instance was faster.
    async fn add(
        &self,
        algorithms: &[SigningAlgorithm],
        existing: &[StoredKey],
        now: DateTime<Utc>,
        signs_from: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let first = existing.last().map_or(1, |last| last.generation + 1);
        let mut new = Vec::new();
        for (generation, algorithm) in (first..).zip(algorithms) {
            let (public, encrypted) = self.make(*algorithm).await?;
            new.push(StoredKey {
                generation,
                public,
                encrypted,
                created_at: now,
                retired_at: None,
            });
        }
        let made: Vec<_> = new.iter().map(|key| key.public.clone()).collect();
        let is_added = self
            .db
            .write(async move |connection| {
                for key in &new {
                    // All who add begin with the same generation, so only the first can be taken.
                    if !signing_keys::insert(connection, key).await? {
                        return Ok(false);
                    }
                    signing_keys::retire_before(connection, key, signs_from).await?;
                }
                signing_keys::forget_private(connection, now).await?;
                Ok(true)
            })
            .await?;
        for PublishedKey { kid, algorithm, .. } in made.iter().filter(|_| is_added) {
            let (algorithm, from) = (algorithm.as_str(), signs_from.to_rfc3339());
            log::info!("event=signing_key_made kid={kid} algorithm={algorithm} signs_from={from}");
        }
        Ok(is_added)
    }

    /// Makes a key on a thread where it may take its time, and returns its public half and its private half encrypted.
    async fn make(&self, algorithm: SigningAlgorithm) -> Result<(PublishedKey, String), Error> {
        let encryption_key = self.encryption.current.clone();
        let made = spawn_blocking(move || SigningKey::random(algorithm, &encryption_key)).await;
        let (key, encrypted) = made.map_err(|error| Error::task_failed(&error))??;
        Ok((key.public().clone(), encrypted))
    }
}
