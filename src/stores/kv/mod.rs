//! Short-lived things in one of two homes: this process's memory, or Redis.
//!
//! A few atomic operations and no meaning: keys, lifetimes and what a wrong guess costs are decided
//! above, in [`codes`](super::codes) and [`limits`](super::limits).

mod completion_rate;
mod memory;
mod one_time_codes;
mod redis;
mod sliding_window;

use std::time::Duration;

pub use self::{
    completion_rate::{Completion, CompletionWindow, Event},
    memory::Memory,
    one_time_codes::{ConsumedSecret, Issued, StoredCode, Verification},
    redis::{Redis, RedisServerInfo, RedisUrl},
    sliding_window::{Acquire, Decision, PermitId, RateLimit, Window},
};
use crate::errors::Error;

/// Where captchas, SMS codes and limits live.
#[derive(Clone)]
pub enum Kv {
    /// In this process; gone with it.
    Memory(Memory),
    /// In Redis, shared by every instance.
    Redis(Redis),
}

impl Kv {
    /// Keeps a text, over whatever was there.
    pub async fn set(&self, key: &str, value: &str, ttl: Duration) -> Result<(), Error> {
        match self {
            Self::Memory(home) => home.set(key, value, ttl),
            Self::Redis(home) => home.set(key, value, ttl).await,
        }
    }

    /// Reads a text and leaves it.
    pub async fn get(&self, key: &str) -> Result<Option<String>, Error> {
        match self {
            Self::Memory(home) => Ok(home.get(key)),
            Self::Redis(home) => home.get(key).await,
        }
    }

    /// Reads a text and removes it in one step: of many takers one gets it.
    pub async fn take(&self, key: &str) -> Result<Option<String>, Error> {
        match self {
            Self::Memory(home) => Ok(home.take(key)),
            Self::Redis(home) => home.take(key).await,
        }
    }

    /// Keeps a secret to be guessed, or renews the life of the one that is there, and tells which
    /// is in force.
    ///
    /// A secret is renewed only while at least `ttl / 2` of `longest`, counted from its making,
    /// would remain; an older one gives way to the new one. Renewing restores no tries.
    pub async fn issue(
        &self,
        key: &str,
        fresh: &StoredCode,
        ttl: Duration,
        longest: Duration,
    ) -> Result<Issued, Error> {
        match self {
            Self::Memory(home) => home.issue(key, fresh, ttl, longest),
            Self::Redis(home) => home.issue(key, fresh, ttl, longest).await,
        }
    }

    /// Counts a guess, compares it and removes what is used up or guessed to death, in one step. Wrong
    /// ones count in a window of their own as well; while it is full nothing is compared. The two keys
    /// share a slot.
    ///
    /// It is right when the secret equals one of `hmacs`: the same guess under each of the server's keys.
    pub async fn verify(
        &self,
        key: &str,
        hmacs: &[String],
        tries: u32,
        wrong: (&str, Window),
    ) -> Result<Verification, Error> {
        match self {
            Self::Memory(home) => home.verify(key, hmacs, tries, wrong),
            Self::Redis(home) => home.verify(key, hmacs, tries, wrong).await,
        }
    }

    /// Puts a used-up secret back as it was, unless another has taken its place.
    pub async fn restore(&self, key: &str, spent: &ConsumedSecret) -> Result<(), Error> {
        match self {
            Self::Memory(home) => home.restore(key, spent),
            Self::Redis(home) => home.restore(key, spent).await,
        }
    }

    /// Removes this secret, and no other that has taken its place.
    pub async fn revoke(&self, key: &str, secret: &StoredCode) -> Result<(), Error> {
        match self {
            Self::Memory(home) => {
                home.revoke(key, secret);
                Ok(())
            }
            Self::Redis(home) => home.revoke(key, secret).await,
        }
    }

    /// Removes whatever is under a key.
    pub async fn remove(&self, key: &str) -> Result<(), Error> {
        match self {
            Self::Memory(home) => {
                home.remove(key);
                Ok(())
            }
            Self::Redis(home) => home.remove(key).await,
        }
    }

    /// Takes a place for every claim that finds one, each in one step; all at once.
    pub async fn acquire(&self, claims: &[Acquire]) -> Result<Vec<Decision>, Error> {
        match self {
            Self::Memory(home) => claims.iter().map(|it| home.acquire(it)).collect(),
            Self::Redis(home) => home.acquire(claims).await,
        }
    }

    /// Tells a key that must be filled what happened before, each with its age; twice is harmless.
    pub async fn fill(
        &self,
        quota: &RateLimit,
        past: &[(PermitId, Duration)],
    ) -> Result<(), Error> {
        match self {
            Self::Memory(home) => home.fill(quota, past),
            Self::Redis(home) => home.fill(quota, past).await,
        }
    }

    /// Gives places back.
    pub async fn release(&self, places: &[(&str, &PermitId)]) -> Result<(), Error> {
        match self {
            Self::Memory(home) => {
                for (key, ticket) in places {
                    home.release(key, ticket);
                }
                Ok(())
            }
            Self::Redis(home) => home.release(places).await,
        }
    }

    /// How long each of these windows stays full; zero when there is a place.
    pub async fn waits(&self, windows: &[(&str, Window)]) -> Result<Vec<Duration>, Error> {
        match self {
            Self::Memory(home) => Ok(windows.iter().map(|(key, it)| home.wait(key, *it)).collect()),
            Self::Redis(home) => home.waits(windows).await,
        }
    }

    /// Notes what became of something in several tallies, and counts.
    pub async fn record_completion(
        &self,
        tallies: &[CompletionWindow],
    ) -> Result<Vec<Completion>, Error> {
        match self {
            Self::Memory(home) => tallies.iter().map(|it| home.record_completion(it)).collect(),
            Self::Redis(home) => home.record_completion(tallies).await,
        }
    }

    /// Whether the home answers.
    pub async fn ping(&self) -> Result<(), Error> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Redis(home) => home.ping().await,
        }
    }
}
