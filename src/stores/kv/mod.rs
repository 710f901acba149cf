//! Short-lived things in one of two homes: this process's memory, or Redis.
//!
//! A few atomic operations and no meaning: keys, lifetimes and what a wrong guess costs are decided
//! above, in [`codes`](super::codes) and [`limits`](super::limits).

mod memory;
mod redis;

use std::time::Duration;

pub use self::{
    memory::Memory,
    redis::{Redis, RedisFacts},
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

/// A secret that can be guessed at a few times: what Redis holds of an SMS code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guessable {
    /// What a right guess equals.
    pub hmac: String,
    /// What the secret can be made of again, by somebody who has the server's key.
    pub seed: String,
}

/// What became of a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// It was right, and the secret is used up; this is what it takes to put it back.
    Right(Spent),
    /// It was wrong; so many tries are left, and with none left the secret is gone.
    Wrong {
        /// Tries before the secret is dead.
        left: u32,
    },
    /// There is no such secret (any more).
    Gone,
}

/// A used-up secret, kept so that it can be put back if what it paid for could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The secret.
    pub secret: Guessable,
    /// Wrong guesses so far.
    pub tries: u32,
    /// What was left of its life.
    pub ttl: Duration,
    /// How long ago it was made.
    pub age: Duration,
}

/// So many events in so much time; the span rolls, it has no edges to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How far back events count.
    pub span: Duration,
    /// How many may lie in it.
    pub limit: u32,
}

/// What became of asking for a place in windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// The place is taken, under this ticket.
    Granted(Ticket),
    /// A window is full.
    Refused {
        /// Index of the window that is full for longest.
        window: usize,
        /// When a place comes free in every window.
        wait: Duration,
    },
}

/// Names one taken place, so that exactly this one can be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket(String);

impl Ticket {
    /// The ticket as text: 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ticket that was given out under this text.
    pub fn named(text: &str) -> Self {
        Self(text.to_owned())
    }

    fn new() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }
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
    pub async fn offer(
        &self,
        key: &str,
        fresh: &Guessable,
        ttl: Duration,
        longest: Duration,
    ) -> Result<Offer, Error> {
        match self {
            Self::Memory(home) => home.offer(key, fresh, ttl, longest),
            Self::Redis(home) => home.offer(key, fresh, ttl, longest).await,
        }
    }

    /// Counts a guess, compares it and removes what is used up or guessed to death, in one step.
    pub async fn guess(&self, key: &str, hmac: &str, tries: u32) -> Result<Guess, Error> {
        match self {
            Self::Memory(home) => Ok(home.guess(key, hmac, tries)),
            Self::Redis(home) => home.guess(key, hmac, tries).await,
        }
    }

    /// Puts a used-up secret back as it was, unless another has taken its place.
    pub async fn put_back(&self, key: &str, spent: &Spent) -> Result<(), Error> {
        match self {
            Self::Memory(home) => home.put_back(key, spent),
            Self::Redis(home) => home.put_back(key, spent).await,
        }
    }

    /// Removes this secret, and no other that has taken its place.
    pub async fn withdraw(&self, key: &str, secret: &Guessable) -> Result<(), Error> {
        match self {
            Self::Memory(home) => {
                home.withdraw(key, secret);
                Ok(())
            }
            Self::Redis(home) => home.withdraw(key, secret).await,
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

    /// Takes a place in every window of a key at once, or in none.
    pub async fn reserve(&self, key: &str, windows: &[Window]) -> Result<Reservation, Error> {
        match self {
            Self::Memory(home) => home.reserve(key, windows),
            Self::Redis(home) => home.reserve(key, windows).await,
        }
    }

    /// Gives a place back.
    pub async fn release(&self, key: &str, ticket: &Ticket) -> Result<(), Error> {
        match self {
            Self::Memory(home) => {
                home.release(key, ticket);
                Ok(())
            }
            Self::Redis(home) => home.release(key, ticket).await,
        }
    }

    /// How long a window stays full; zero when there is a place.
    pub async fn wait(&self, key: &str, window: Window) -> Result<Duration, Error> {
        match self {
            Self::Memory(home) => Ok(home.wait(key, window)),
            Self::Redis(home) => home.wait(key, window).await,
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

/// The secret in force after [`Kv::offer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The secret.
    pub secret: Guessable,
    /// Whether it is the one that was offered.
    pub is_fresh: bool,
    /// What it has left to live.
    pub ttl: Duration,
}
