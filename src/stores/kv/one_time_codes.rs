//! Types of one-time codes, which can be verified a few times until they are used or dead.

use std::{fmt, time::Duration};

/// What a backend stores of a code: enough to verify it, and nothing to read it from.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// The HMAC of the code. A guess is right if its own HMAC equals this one.
    pub hmac: String,
    /// From this and the server's key the code can be derived again.
    pub seed: String,
}

impl fmt::Debug for StoredCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The result of a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The guess was right, and the code has been removed. [`Kv::restore`](super::Kv::restore) can put it back.
    Right(UsedCode),
    /// The guess was wrong.
    Wrong {
        /// Further wrong guesses that the code survives; with none left it has been removed.
        tries_left: u32,
    },
    /// There is no code under this key, or there is none any more.
    Gone,
    /// The window of wrong guesses is full, so the guess was not compared.
    Refused {
        /// Time until the next guess is compared.
        wait: Duration,
    },
}

/// A code that was used, with all that is needed to restore it if the operation that it authorised failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedCode {
    /// The code.
    pub code: StoredCode,
    /// The number of wrong guesses so far.
    pub tries: u32,
    /// The time that the code still had to live.
    pub ttl: Duration,
    /// The time since the code was issued.
    pub age: Duration,
}

/// The code that is in force after [`Kv::issue`](super::Kv::issue).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The code.
    pub code: StoredCode,
    /// Whether it is the new code. If not, an older one was renewed.
    pub is_fresh: bool,
    /// The time until it expires.
    pub expires_in: Duration,
}
