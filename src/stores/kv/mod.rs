//! The kv store: short-lived data in one of two backends, this process's memory or Redis.
//!
//! It has a few atomic operations that know nothing of what they store. The keys, the lifetimes and the limits are set
//! by its callers, such as [`codes`](super::codes) and [`rate_limits`](super::rate_limits).

mod completion_rate;
mod memory;
mod one_time_codes;
mod redis;
mod sliding_window;

use std::{slice, time::Duration};

pub use self::{
    completion_rate::{Completion, CompletionRule, Event, LevelChange, OperationEvent, Standing},
    memory::{Memory, MemoryCapacity},
    one_time_codes::{Asker, Askers, IssueRules, Issued, StoredCode, UsedCode, Verification},
    redis::{Redis, RedisServerInfo, RedisUrl},
    sliding_window::{Acquire, Decision, OncePer, PermitId, RateLimit, Window},
};
use crate::errors::Error;

/// The backend that stores captchas, SMS codes and rate limits.
#[derive(Clone)]
pub enum Kv {
    /// The memory of this process. The data ends with the process.
    Memory(Memory),
    /// Redis, which all instances share.
    Redis(Redis),
}

impl Kv {
    /// Stores a text under a key and replaces the previous value.
    pub async fn set(&self, key: &str, value: &str, ttl: Duration) -> Result<(), Error> {
        match self {
            Self::Memory(backend) => backend.set(key, value, ttl),
            Self::Redis(backend) => backend.set(key, value, ttl).await,
        }
    }

    /// Reads a text.
    pub async fn get(&self, key: &str) -> Result<Option<String>, Error> {
        match self {
            Self::Memory(backend) => Ok(backend.get(key)),
            Self::Redis(backend) => backend.get(key).await,
        }
    }

    /// Reads a text and removes it in one step, so that one of many concurrent callers gets it.
    pub async fn take(&self, key: &str) -> Result<Option<String>, Error> {
        match self {
            Self::Memory(backend) => Ok(backend.take(key)),
            Self::Redis(backend) => backend.take(key).await,
        }
    }

    /// Stores a code, or renews the one that is under the key, and returns the code that is in force.
    ///
    /// A code is renewed only while it can live for another `ttl / 2` before its age reaches `max_age`. An older one is
    /// replaced, and so is one at which all who asked have used up their guesses. Renewing does not reset the number of
    /// wrong guesses of a client that has some left.
    pub async fn issue(
        &self,
        key: &str,
        fresh: &StoredCode,
        rules: IssueRules,
        asker: &Asker,
    ) -> Result<Issued, Error> {
        match self {
            Self::Memory(backend) => backend.issue(key, fresh, rules, asker),
            Self::Redis(backend) => backend.issue(key, fresh, rules, asker).await,
        }
    }

    /// Compares a guess with the code under a key, in one step. A right guess removes the code.
    ///
    /// Each client that asked for the code may make `max_tries` wrong guesses, and all others together as many. Wrong
    /// guesses are also counted in the window `wrong`; while that is full, nothing is compared. The two keys share
    /// a slot of a Redis Cluster. A guess is given as `hmacs`, one for each of the server's keys, and is right if the
    /// code equals one of them.
    pub async fn verify(
        &self,
        key: &str,
        hmacs: &[String],
        (max_tries, asker): (u32, &Asker),
        wrong: (&str, Window),
    ) -> Result<Verification, Error> {
        match self {
            Self::Memory(backend) => backend.verify(key, hmacs, (max_tries, asker), wrong),
            Self::Redis(backend) => backend.verify(key, hmacs, (max_tries, asker), wrong).await,
        }
    }

    /// Puts a used code back as it was, unless there is another one under the key by now.
    pub async fn restore(&self, key: &str, used: &UsedCode) -> Result<(), Error> {
        match self {
            Self::Memory(backend) => backend.restore(key, used),
            Self::Redis(backend) => backend.restore(key, used).await,
        }
    }

    /// Removes this code, and no other that has replaced it.
    pub async fn revoke(&self, key: &str, code: &StoredCode) -> Result<(), Error> {
        match self {
            Self::Memory(backend) => {
                backend.revoke(key, code);
                Ok(())
            }
            Self::Redis(backend) => backend.revoke(key, code).await,
        }
    }

    /// Removes the value of a key.
    pub async fn remove(&self, key: &str) -> Result<(), Error> {
        match self {
            Self::Memory(backend) => {
                backend.remove(key);
                Ok(())
            }
            Self::Redis(backend) => backend.remove(key).await,
        }
    }

    /// Decides several requests for permits concurrently, each in one atomic step of its own.
    pub async fn acquire(&self, requests: &[Acquire]) -> Result<Vec<Decision>, Error> {
        match self {
            Self::Memory(backend) => {
                requests.iter().map(|request| backend.acquire(request)).collect()
            }
            Self::Redis(backend) => backend.acquire(requests).await,
        }
    }

    /// Decides like [`acquire`](Self::acquire), and takes no permit.
    pub async fn check(&self, requests: &[Acquire]) -> Result<Vec<Decision>, Error> {
        match self {
            Self::Memory(backend) => {
                Ok(requests.iter().map(|request| backend.check(request)).collect())
            }
            Self::Redis(backend) => backend.check(requests).await,
        }
    }

    /// Of all calls with this key within a span, on any instance, exactly one is the first. The span begins with it.
    pub async fn once_per(&self, key: &str, span: Duration) -> Result<OncePer, Error> {
        let request = Acquire::one(RateLimit::new(key, [Window { span, limit: 1 }]));
        let decision = self.acquire(slice::from_ref(&request)).await?.into_iter().next();
        match decision {
            Some(Decision::Granted { .. }) => Ok(OncePer::First(request.permit_id)),
            Some(Decision::Refused { wait, .. }) => Ok(OncePer::Repeated { wait }),
            Some(Decision::NotFilled) | None => Err(Error::internal("no decision")),
        }
    }

    /// Adds past events, each with its age, to a key that must be filled. Events that it has already stay as they are.
    pub async fn fill(
        &self,
        limit: &RateLimit,
        past: &[(PermitId, Duration)],
    ) -> Result<(), Error> {
        match self {
            Self::Memory(backend) => backend.fill(limit, past),
            Self::Redis(backend) => backend.fill(limit, past).await,
        }
    }

    /// Releases permits, each under its key.
    pub async fn release(&self, permits: &[(&str, &PermitId)]) -> Result<(), Error> {
        match self {
            Self::Memory(backend) => {
                for (key, permit_id) in permits {
                    backend.release(key, permit_id);
                }
                Ok(())
            }
            Self::Redis(backend) => backend.release(permits).await,
        }
    }

    /// Returns for each window the time until it has room, which is zero if it has room now. Takes no permit.
    pub async fn waits(&self, windows: &[(&str, Window)]) -> Result<Vec<Duration>, Error> {
        match self {
            Self::Memory(backend) => {
                Ok(windows.iter().map(|(key, window)| backend.wait(key, *window)).collect())
            }
            Self::Redis(backend) => backend.waits(windows).await,
        }
    }

    /// Records an event under each of several keys.
    pub async fn record_operation(&self, events: &[OperationEvent]) -> Result<(), Error> {
        match self {
            Self::Memory(backend) => {
                events.iter().try_for_each(|event| backend.record_operation(event))
            }
            Self::Redis(backend) => backend.record_operation(events).await,
        }
    }

    /// Judges the operations of each of several keys, which may change its level, and returns the levels.
    pub async fn judge(&self, rules: &[CompletionRule]) -> Result<Vec<Standing>, Error> {
        match self {
            Self::Memory(backend) => Ok(rules.iter().map(|rule| backend.judge(rule)).collect()),
            Self::Redis(backend) => backend.judge(rules).await,
        }
    }

    /// Whether the backend is nearly full. Redis has alarms of its own, so it is not asked.
    pub fn is_nearly_full(&self) -> bool {
        match self {
            Self::Memory(backend) => backend.is_nearly_full(),
            Self::Redis(_) => false,
        }
    }

    /// Checks that the backend answers.
    pub async fn ping(&self) -> Result<(), Error> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Redis(backend) => backend.ping().await,
        }
    }
}
