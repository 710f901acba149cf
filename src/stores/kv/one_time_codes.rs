//! Types of one-time codes, which can be verified a few times until they are used or dead.

use std::{fmt, time::Duration};

/// The number of clients that a code counts apart. Each takes a message to ask for it, and few fit into its lifetime.
const MAX_STRANGERS: usize = 16;

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

/// Who asks for a code, or guesses it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asker {
    /// The names by which the client may come back: hexadecimal digits, none a part of another.
    pub names: Vec<String>,
    /// Whether the client may make wrong guesses of its own although it has not asked.
    pub is_known: bool,
}

/// The wrong guesses of each client that has asked for a code, by name. All others share a count of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Askers(Vec<(String, u32)>);

/// How long a code lives, and how many wrong guesses a client may make.
#[derive(Clone, Copy, Debug)]
pub struct IssueRules {
    /// The lifetime of a new code, and of one that is renewed.
    pub ttl: Duration,
    /// The longest lifetime of a code, however often it is renewed.
    pub max_age: Duration,
    /// The number of wrong guesses of one client that asks.
    pub max_tries: u32,
}

/// The result of a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The guess was right, and the code has been removed. [`Kv::restore`](super::Kv::restore) can put it back.
    Right(UsedCode),
    /// The guess was wrong.
    Wrong {
        /// Further guesses that the client has.
        tries_left: u32,
    },
    /// There is no code under this key, or the client has no guess left. Nothing was compared.
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
    /// The number of wrong guesses of those who have not asked for it.
    pub tries: u32,
    /// The wrong guesses of those who have.
    pub askers: Askers,
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

impl Asker {
    /// Returns how many clients a code may have so that this one is added. The account that a code belongs to knows few
    /// devices, so these always have a place.
    pub(super) fn max_askers(&self) -> usize {
        if self.is_known { 2 * MAX_STRANGERS } else { MAX_STRANGERS }
    }
}

impl Askers {
    /// Reads the text of [`to_text`](Self::to_text).
    pub(super) fn parse(text: &str) -> Self {
        let parse = |pair: &str| {
            let (name, tries) = pair.split_once('=')?;
            Some((name.to_owned(), tries.parse().ok()?))
        };
        Self(text.split_whitespace().filter_map(parse).collect())
    }

    /// Returns the text that Redis stores: `name=tries`, separated by spaces.
    pub(super) fn to_text(&self) -> String {
        let pairs: Vec<_> = self.0.iter().map(|(name, tries)| format!("{name}={tries}")).collect();
        pairs.join(" ")
    }

    /// Returns those of a new code.
    pub(super) fn of(asker: &Asker) -> Self {
        Self(asker.names.iter().map(|name| (name.clone(), 0)).collect())
    }

    /// Whether there are any, and none of them has a guess left.
    pub(super) fn are_exhausted(&self, max_tries: u32) -> bool {
        !self.0.is_empty() && self.0.iter().all(|(_, tries)| *tries >= max_tries)
    }

    /// Adds a client that asks for a code in force. One that has used up its guesses gets new ones: another client can
    /// still use the code, so it is not replaced.
    pub(super) fn add(&mut self, asker: &Asker, max_tries: u32) {
        for name in &asker.names {
            match self.0.iter().position(|(asked, _)| asked == name) {
                Some(position) => {
                    if let Some((_, tries)) = self.0.get_mut(position)
                        && *tries >= max_tries
                    {
                        *tries = 0;
                    }
                }
                None if self.0.len() < asker.max_askers() => self.0.push((name.clone(), 0)),
                None => {}
            }
        }
    }

    /// Returns the count of a client that guesses, or `None` if it shares that of all others.
    pub(super) fn tries_of(&mut self, asker: &Asker) -> Option<&mut u32> {
        let found = self.0.iter().position(|(name, _)| asker.names.contains(name));
        let position = match (found, asker.names.first()) {
            (Some(position), _) => position,
            (None, Some(name)) if asker.is_known => {
                self.0.push((name.clone(), 0));
                self.0.len() - 1
            }
            (None, _) => return None,
        };
        self.0.get_mut(position).map(|(_, tries)| tries)
    }
}
