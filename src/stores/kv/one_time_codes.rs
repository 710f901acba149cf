//! Secrets that can be guessed at: the words for what is asked of a home, and what it answers.

use std::{fmt, time::Duration};

/// A secret that can be guessed at a few times: what Redis holds of an SMS code.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// What a right guess equals.
    pub hmac: String,
    /// What the secret can be made of again, by somebody who has the server's key.
    pub seed: String,
}

impl fmt::Debug for StoredCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What became of a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// It was right, and the secret is used up; this is what it takes to put it back.
    Right(ConsumedSecret),
    /// It was wrong; so many tries are left, and with none left the secret is gone.
    Wrong {
        /// Tries before the secret is dead.
        left: u32,
    },
    /// There is no such secret (any more).
    Gone,
    /// There were too many wrong ones: it was not compared.
    Refused {
        /// When the next one is.
        wait: Duration,
    },
}

/// A used-up secret, kept so that it can be put back if what it paid for could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumedSecret {
    /// The secret.
    pub secret: StoredCode,
    /// Wrong guesses so far.
    pub tries: u32,
    /// What was left of its life.
    pub ttl: Duration,
    /// How long ago it was made.
    pub age: Duration,
}

/// The secret in force after [`Kv::offer`](super::Kv::offer).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The secret.
    pub secret: StoredCode,
    /// Whether it is the one that was offered.
    pub is_fresh: bool,
    /// What it has left to live.
    pub ttl: Duration,
}
