//! The kv store in Redis 6.2 or newer: one command, or one script, an operation.
//!
//! Every command and every script touches one slot of a Cluster: keys that belong together share what
//! stands between braces. Several scripts at once are one round trip to a single server, and one each
//! in a Cluster; they depend on each other in neither.

mod client;
mod connect_error;
mod connector;
mod node_connection;
mod scripts;
mod server_info;
mod url;

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use redis::{Cmd, ErrorKind, RedisError};
use tokio::time::timeout;

use self::{
    client::{ANSWER, Link},
    scripts::{Scripts, call, run, run_all},
};
pub use self::{server_info::RedisServerInfo, url::RedisUrl};
use super::{
    Acquire, Completion, CompletionWindow, ConsumedSecret, Decision, Event, Issued, PermitId,
    RateLimit, StoredCode, Verification, Window, completion_rate,
};
use crate::{errors::Error, stores::OpenError};

/// Captchas, codes and limits shared by every instance.
#[derive(Clone)]
pub struct Redis {
    link: Link,
    scripts: Arc<Scripts>,
}

/// Events that one script notes at once: Redis serves nobody else meanwhile.
const BATCH: usize = 1_000;

impl Redis {
    /// Connects, and fails if the server does not answer now or cannot be used; later it reconnects by itself.
    pub async fn connect(address: &RedisUrl) -> Result<Self, OpenError> {
        let link = match Link::connect(address).await {
            Ok(link) => link,
            Err(error) => return Err(unconnected(address, &error).await),
        };
        // An account that may not ask is no reason to refuse.
        let facts = timeout(ANSWER, server_info::of_each(&link)).await;
        let facts = facts.ok().and_then(Result::ok).unwrap_or_default();
        match facts.iter().find_map(RedisServerInfo::refusal) {
            Some(refusal) => Err(connect_error::refused(address, &refusal)),
            None => Ok(Self { link, scripts: Arc::new(Scripts::load()) }),
        }
    }

    pub(super) async fn set(&self, key: &str, value: &str, ttl: Duration) -> Result<(), Error> {
        let mut command = redis::cmd("SET");
        command.arg(key).arg(value).arg("PX").arg(milliseconds(ttl));
        command.query_async(&mut self.link.clone()).await.map_err(store)
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<String>, Error> {
        redis::cmd("GET").arg(key).query_async(&mut self.link.clone()).await.map_err(store)
    }

    pub(super) async fn take(&self, key: &str) -> Result<Option<String>, Error> {
        redis::cmd("GETDEL").arg(key).query_async(&mut self.link.clone()).await.map_err(store)
    }

    pub(super) async fn issue(
        &self,
        key: &str,
        fresh: &StoredCode,
        ttl: Duration,
        longest: Duration,
    ) -> Result<Issued, Error> {
        let script = &self.scripts.offer;
        let mut call = call(script, &[key]);
        call.arg(&[&fresh.hmac, &fresh.seed]).arg(&[milliseconds(ttl), milliseconds(longest)]);
        let (hmac, seed, is_fresh, ttl): (String, String, bool, u64) =
            run(self.link.clone(), script, &call).await.map_err(store)?;
        let secret = StoredCode { hmac, seed };
        Ok(Issued { secret, is_fresh, ttl: Duration::from_millis(ttl) })
    }

    pub(super) async fn verify(
        &self,
        key: &str,
        hmacs: &[String],
        most: u32,
        (wrong, window): (&str, Window),
    ) -> Result<Verification, Error> {
        let script = &self.scripts.guess;
        let mut call = call(script, &[key, wrong]);
        call.arg(most).arg(PermitId::new().as_str());
        call.arg(milliseconds(window.span)).arg(window.limit).arg(hmacs);
        let (verdict, hmac, seed, tries, ttl, age): (i64, String, String, u32, u64, u64) =
            run(self.link.clone(), script, &call).await.map_err(store)?;
        let ttl = Duration::from_millis(ttl);
        Ok(match (verdict, u32::try_from(verdict)) {
            (_, Ok(left)) => Verification::Wrong { left },
            (-2, Err(_)) => Verification::Right(ConsumedSecret {
                secret: StoredCode { hmac, seed },
                tries,
                ttl,
                age: Duration::from_millis(age),
            }),
            (-3, Err(_)) => Verification::Refused { wait: ttl },
            (_, Err(_)) => Verification::Gone,
        })
    }

    pub(super) async fn restore(&self, key: &str, spent: &ConsumedSecret) -> Result<(), Error> {
        let script = &self.scripts.put_back;
        let mut call = call(script, &[key]);
        call.arg(&[&spent.secret.hmac, &spent.secret.seed]).arg(spent.tries);
        call.arg(&[milliseconds(spent.ttl), milliseconds(spent.age)]);
        run(self.link.clone(), script, &call).await.map_err(store)
    }

    pub(super) async fn revoke(&self, key: &str, secret: &StoredCode) -> Result<(), Error> {
        let script = &self.scripts.withdraw;
        let mut call = call(script, &[key]);
        call.arg(&secret.seed);
        run(self.link.clone(), script, &call).await.map_err(store)
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), Error> {
        redis::cmd("DEL").arg(key).exec_async(&mut self.link.clone()).await.map_err(store)
    }

    pub(super) async fn acquire(&self, claims: &[Acquire]) -> Result<Vec<Decision>, Error> {
        let asked = claims.iter().map(|it| self.asking(it.ticket.as_str(), &it.quotas));
        let answers = self.asked(asked.collect()).await?;
        answers.iter().map(|it| reservation(it)).collect()
    }

    pub(super) async fn waits(&self, windows: &[(&str, Window)]) -> Result<Vec<Duration>, Error> {
        let asked = windows.iter().map(|(key, it)| self.asking("", &[RateLimit::new(*key, [*it])]));
        let answers = self.asked(asked.collect()).await?;
        let wait = |it: &Vec<i64>| it.get(1).and_then(|it| u64::try_from(*it).ok());
        Ok(answers.iter().map(|it| Duration::from_millis(wait(it).unwrap_or_default())).collect())
    }

    pub(super) async fn fill(
        &self,
        quota: &RateLimit,
        past: &[(PermitId, Duration)],
    ) -> Result<(), Error> {
        let batches = past.chunks(BATCH).count();
        // The mark comes last, and alone when nothing has happened.
        for (number, batch) in past.chunks(BATCH).chain([&[][..]]).enumerate() {
            let script = &self.scripts.fill;
            let mut call = call(script, &[&quota.key]);
            call.arg(milliseconds(quota.longest())).arg(u8::from(number == batches));
            for (ticket, age) in batch {
                call.arg(ticket.as_str()).arg(milliseconds(*age));
            }
            run::<()>(self.link.clone(), script, &call).await.map_err(store)?;
        }
        Ok(())
    }

    pub(super) async fn release(&self, places: &[(&str, &PermitId)]) -> Result<(), Error> {
        let removals = places.iter().map(|(key, ticket)| {
            let mut command = redis::cmd("ZREM");
            command.arg(key).arg(ticket.as_str());
            command
        });
        if matches!(self.link, Link::Cluster(_)) {
            let removals = removals.map(async |it| it.exec_async(&mut self.link.clone()).await);
            return try_join_all(removals).await.map(drop).map_err(store);
        }
        let mut pipe = redis::pipe();
        for removal in removals {
            pipe.add_command(removal).ignore();
        }
        pipe.query_async(&mut self.link.clone()).await.map_err(store)
    }

    pub(super) async fn record_completion(
        &self,
        tallies: &[CompletionWindow],
    ) -> Result<Vec<Completion>, Error> {
        let script = &self.scripts.tally;
        let asked = tallies.iter().map(|it| {
            let (what, name) = match &it.note {
                Event::Begun(name) => ("begun", name),
                Event::Done(name) => ("done", name),
            };
            let mut call = call(script, &[&it.key, &format!("{}:done", it.key)]);
            call.arg(what).arg(name);
            // No patience is none here, not the least there is.
            call.arg(u64::try_from(it.patience.as_millis()).unwrap_or(u64::MAX));
            call.arg(it.newest)
                .arg(it.newest * completion_rate::ROOM)
                .arg(milliseconds(completion_rate::LIFE));
            call
        });
        let answers: Vec<(u32, u32)> =
            run_all(self.link.clone(), script, asked.collect()).await.map_err(store)?;
        Ok(answers.into_iter().map(|(all, done)| Completion { all, done }).collect())
    }

    pub(super) async fn ping(&self) -> Result<(), Error> {
        redis::cmd("PING").exec_async(&mut self.link.clone()).await.map_err(store)
    }

    /// What the operator has set that decides whether used codes stay dead.
    pub async fn facts(&self) -> Result<Vec<RedisServerInfo>, Error> {
        server_info::read(self.link.clone()).await.map_err(store)
    }

    fn asking(&self, ticket: &str, quotas: &[RateLimit]) -> Cmd {
        let keys: Vec<_> = quotas.iter().map(|it| it.key.as_str()).collect();
        let mut call = call(&self.scripts.reserve, &keys);
        call.arg(ticket);
        for quota in quotas {
            call.arg(u8::from(quota.must_be_filled)).arg(quota.windows.len());
            for window in &quota.windows {
                call.arg(milliseconds(window.span)).arg(window.limit);
            }
        }
        call
    }

    async fn asked(&self, calls: Vec<Cmd>) -> Result<Vec<Vec<i64>>, Error> {
        run_all(self.link.clone(), &self.scripts.reserve, calls).await.map_err(store)
    }
}

/// Why there is no connection; one that is too old to greet us says at least its version.
async fn unconnected(address: &RedisUrl, error: &RedisError) -> OpenError {
    if error.kind() == ErrorKind::RESP3NotSupported
        && let Some(facts) = server_info::of_old_server(address).await
        && let Some(refusal) = facts.refusal()
    {
        return connect_error::refused(address, &refusal);
    }
    connect_error::explain(address, error)
}

fn reservation(answer: &[i64]) -> Result<Decision, Error> {
    let [window, wait, used @ ..] = answer else {
        return Err(Error::store("a short answer"));
    };
    match u64::try_from(*wait) {
        Err(_) => Ok(Decision::NotFilled),
        Ok(0) => {
            let used = used.iter().map(|it| u32::try_from(*it).unwrap_or(u32::MAX)).collect();
            Ok(Decision::Granted { used })
        }
        Ok(wait) => Ok(Decision::Refused {
            window: usize::try_from(*window).unwrap_or_default(),
            wait: Duration::from_millis(wait),
        }),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

fn store(error: RedisError) -> Error {
    Error::store(error)
}
