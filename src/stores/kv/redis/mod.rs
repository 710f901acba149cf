//! The backend in Redis 6.2 or newer. Each operation is one command or one script.
//!
//! Every command and every script touches one slot of a Cluster: keys that are used together have the same text between
//! braces. Several scripts at once are one round trip to a single server, and one for each script to a Cluster. They do
//! not depend on each other.

mod client;
mod connect_error;
mod connector;
mod node_connection;
mod scripts;
mod server_info;
mod timeouts;
mod url;

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use redis::{ErrorKind, RedisError};
use tokio::time::timeout;

use self::{
    client::RedisClient,
    scripts::{Scripts, call, run, run_all},
};
pub use self::{server_info::RedisServerInfo, url::RedisUrl};
use super::{
    Acquire, Asker, Askers, Completion, CompletionRule, Decision, Event, IssueRules, Issued,
    LevelChange, OperationEvent, PermitId, RateLimit, Standing, StoredCode, UsedCode, Verification,
    Window, completion_rate,
};
use crate::{errors::Error, stores::OpenError};

/// Captchas, codes and rate limits that all instances share.
#[derive(Clone)]
pub struct Redis {
    client: RedisClient,
    scripts: Arc<Scripts>,
}

/// What `verify.lua` returns.
type VerifyResponse = (i64, String, String, u32, String, u64, u64);

/// The number of events that one call of `fill.lua` adds. Redis runs no other command in the meantime.
const FILL_BATCH: usize = 1_000;

impl Redis {
    /// Connects, and fails if the server does not answer now or cannot be used. Later it reconnects by itself.
    pub async fn connect(url: &RedisUrl) -> Result<Self, OpenError> {
        let client = match RedisClient::connect(url).await {
            Ok(client) => client,
            Err(error) => return Err(explain_failure(url, &error).await),
        };
        // An account without the right to read the server's version is accepted all the same.
        let info = timeout(timeouts::RESPONSE, server_info::read_each(&client)).await;
        let info = info.ok().and_then(Result::ok).unwrap_or_default();
        match info.iter().find_map(RedisServerInfo::refusal) {
            Some(refusal) => Err(connect_error::refused(url, &refusal)),
            None => Ok(Self { client, scripts: Arc::new(Scripts::load()) }),
        }
    }

    pub(super) async fn set(&self, key: &str, value: &str, ttl: Duration) -> Result<(), Error> {
        let mut command = redis::cmd("SET");
        command.arg(key).arg(value).arg("PX").arg(milliseconds(ttl));
        command.query_async(&mut self.client.clone()).await.map_err(store_error)
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<String>, Error> {
        redis::cmd("GET").arg(key).query_async(&mut self.client.clone()).await.map_err(store_error)
    }

    pub(super) async fn take(&self, key: &str) -> Result<Option<String>, Error> {
        let mut command = redis::cmd("GETDEL");
        command.arg(key).query_async(&mut self.client.clone()).await.map_err(store_error)
    }

    pub(super) async fn issue(
        &self,
        key: &str,
        fresh: &StoredCode,
        IssueRules { ttl, max_age, max_tries }: IssueRules,
        asker: &Asker,
    ) -> Result<Issued, Error> {
        let script = &self.scripts.issue;
        let mut call = call(script, &[key]);
        call.arg(&[&fresh.hmac, &fresh.seed]).arg(&[milliseconds(ttl), milliseconds(max_age)]);
        call.arg(max_tries).arg(asker.max_askers()).arg(&asker.names);
        let (hmac, seed, is_fresh, ttl): (String, String, bool, u64) =
            run(self.client.clone(), script, &call).await.map_err(store_error)?;
        let expires_in = Duration::from_millis(ttl);
        Ok(Issued { code: StoredCode { hmac, seed }, is_fresh, expires_in })
    }

    pub(super) async fn verify(
        &self,
        key: &str,
        hmacs: &[String],
        (max_tries, asker): (u32, &Asker),
        (wrong_key, window): (&str, Window),
    ) -> Result<Verification, Error> {
        let script = &self.scripts.verify;
        let mut call = call(script, &[key, wrong_key]);
        call.arg(max_tries).arg(PermitId::new().as_str());
        call.arg(milliseconds(window.span)).arg(window.limit).arg(u8::from(asker.is_known));
        call.arg(asker.names.len()).arg(&asker.names).arg(hmacs);
        let (result, hmac, seed, tries, askers, ttl, age): VerifyResponse =
            run(self.client.clone(), script, &call).await.map_err(store_error)?;
        let ttl = Duration::from_millis(ttl);
        Ok(match (result, u32::try_from(result)) {
            (_, Ok(tries_left)) => Verification::Wrong { tries_left },
            (-2, Err(_)) => Verification::Right(UsedCode {
                code: StoredCode { hmac, seed },
                tries,
                askers: Askers::parse(&askers),
                ttl,
                age: Duration::from_millis(age),
            }),
            (-3, Err(_)) => Verification::Refused { wait: ttl },
            (_, Err(_)) => Verification::Gone,
        })
    }

    pub(super) async fn restore(&self, key: &str, used: &UsedCode) -> Result<(), Error> {
        let script = &self.scripts.restore;
        let mut call = call(script, &[key]);
        call.arg(&[&used.code.hmac, &used.code.seed]).arg(used.tries).arg(used.askers.to_text());
        call.arg(&[milliseconds(used.ttl), milliseconds(used.age)]);
        run(self.client.clone(), script, &call).await.map_err(store_error)
    }

    pub(super) async fn revoke(&self, key: &str, code: &StoredCode) -> Result<(), Error> {
        let script = &self.scripts.revoke;
        let mut call = call(script, &[key]);
        call.arg(&code.seed);
        run(self.client.clone(), script, &call).await.map_err(store_error)
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), Error> {
        redis::cmd("DEL").arg(key).exec_async(&mut self.client.clone()).await.map_err(store_error)
    }

    pub(super) async fn acquire(&self, requests: &[Acquire]) -> Result<Vec<Decision>, Error> {
        self.decide(requests, |request| request.permit_id.as_str()).await
    }

    pub(super) async fn check(&self, requests: &[Acquire]) -> Result<Vec<Decision>, Error> {
        self.decide(requests, |_| "").await
    }

    async fn decide(
        &self,
        requests: &[Acquire],
        permit_id: impl Fn(&Acquire) -> &str,
    ) -> Result<Vec<Decision>, Error> {
        let script = &self.scripts.acquire;
        let calls = requests.iter().map(|request| {
            let keys: Vec<_> = request.permits().map(|(key, _)| key).collect();
            let mut call = call(script, &keys);
            let asker_span = request.asker_key().map_or(0, |_| milliseconds(request.asker_span()));
            call.arg(permit_id(request)).arg(asker_span);
            for limit in &request.limits {
                call.arg(u8::from(limit.must_be_filled)).arg(limit.windows.len());
                for window in &limit.windows {
                    call.arg(milliseconds(window.span)).arg(window.limit);
                    call.arg(limit.open_to_all(*window));
                }
            }
            call
        });
        let answers: Vec<Vec<i64>> =
            run_all(self.client.clone(), script, calls.collect()).await.map_err(store_error)?;
        answers.iter().map(|answer| parse_decision(answer)).collect()
    }

    pub(super) async fn waits(&self, windows: &[(&str, Window)]) -> Result<Vec<Duration>, Error> {
        let script = &self.scripts.wait;
        let calls = windows.iter().map(|(key, window)| {
            let mut call = call(script, &[key]);
            call.arg(milliseconds(window.span)).arg(window.limit);
            call
        });
        let waits: Vec<u64> =
            run_all(self.client.clone(), script, calls.collect()).await.map_err(store_error)?;
        Ok(waits.into_iter().map(Duration::from_millis).collect())
    }

    pub(super) async fn fill(
        &self,
        limit: &RateLimit,
        past: &[(PermitId, Duration)],
    ) -> Result<(), Error> {
        let script = &self.scripts.fill;
        let batches = past.chunks(FILL_BATCH).count();
        // The last, empty batch marks the key as filled, also when there is no event at all.
        for (number, batch) in past.chunks(FILL_BATCH).chain([&[][..]]).enumerate() {
            let mut call = call(script, &[&limit.key]);
            call.arg(milliseconds(limit.longest())).arg(u8::from(number == batches));
            for (permit_id, age) in batch {
                call.arg(permit_id.as_str()).arg(milliseconds(*age));
            }
            run::<()>(self.client.clone(), script, &call).await.map_err(store_error)?;
        }
        Ok(())
    }

    pub(super) async fn release(&self, permits: &[(&str, &PermitId)]) -> Result<(), Error> {
        let removals = permits.iter().map(|(key, permit_id)| {
            let mut command = redis::cmd("ZREM");
            command.arg(key).arg(permit_id.as_str());
            command
        });
        if matches!(self.client, RedisClient::Cluster(_)) {
            let removals =
                removals.map(async |command| command.exec_async(&mut self.client.clone()).await);
            return try_join_all(removals).await.map(drop).map_err(store_error);
        }
        let mut pipeline = redis::pipe();
        for removal in removals {
            pipeline.add_command(removal).ignore();
        }
        pipeline.query_async(&mut self.client.clone()).await.map_err(store_error)
    }

    pub(super) async fn record_operation(&self, events: &[OperationEvent]) -> Result<(), Error> {
        let script = &self.scripts.record_operation;
        let calls = events.iter().map(|OperationEvent { key, event, capacity }| {
            let (event, name) = match event {
                Event::Started(name) => ("started", name),
                Event::Completed(name) => ("completed", name),
            };
            let mut call = call(script, &[key, &completed_key(key)]);
            call.arg(event).arg(name).arg(capacity).arg(milliseconds(completion_rate::TTL));
            call
        });
        let done: Vec<()> =
            run_all(self.client.clone(), script, calls.collect()).await.map_err(store_error)?;
        drop(done);
        Ok(())
    }

    pub(super) async fn judge(&self, rules: &[CompletionRule]) -> Result<Vec<Standing>, Error> {
        let script = &self.scripts.judge;
        let calls = rules.iter().map(|rule| {
            let key = &rule.key;
            let mut call = call(script, &[key, &completed_key(key), &format!("{key}:level")]);
            // A minimum age of zero stays zero, unlike a time to live.
            call.arg(u64::try_from(rule.min_age.as_millis()).unwrap_or(u64::MAX));
            call.arg(&[rule.sample_size, rule.min_total, rule.min_percent]);
            call.arg(&rule.spans.map(milliseconds)).arg(milliseconds(rule.min_gap));
            call.arg(milliseconds(completion_rate::TTL)).arg(rule.capacity);
            call
        });
        let answers: Vec<(u32, u64, u8, u32, u32, u64)> =
            run_all(self.client.clone(), script, calls.collect()).await.map_err(store_error)?;
        let standing = |(level, ends_in, change, total, completed, last_hour)| Standing {
            level,
            ends_in: Duration::from_millis(ends_in),
            change: match change {
                1 => Some(LevelChange::Judged),
                2 => Some(LevelChange::Expired),
                _ => None,
            },
            sample: Completion { total, completed },
            completed_last_hour: u32::try_from(last_hour).unwrap_or(u32::MAX),
        };
        Ok(answers.into_iter().map(standing).collect())
    }

    pub(super) async fn ping(&self) -> Result<(), Error> {
        redis::cmd("PING").exec_async(&mut self.client.clone()).await.map_err(store_error)
    }

    /// Returns version, role and settings of every server. The settings decide whether a used code can come back after a
    /// crash.
    pub async fn server_info(&self) -> Result<Vec<RedisServerInfo>, Error> {
        server_info::read_with_settings(self.client.clone()).await.map_err(store_error)
    }
}

/// Explains a failed connection. A server that is too old for our protocol still tells its version.
async fn explain_failure(url: &RedisUrl, error: &RedisError) -> OpenError {
    if error.kind() == ErrorKind::RESP3NotSupported
        && let Some(info) = server_info::read_from_old_server(url).await
        && let Some(refusal) = info.refusal()
    {
        return connect_error::refused(url, &refusal);
    }
    connect_error::explain(url, error)
}

fn parse_decision(answer: &[i64]) -> Result<Decision, Error> {
    let [window, wait, used @ ..] = answer else {
        return Err(Error::store("a short answer"));
    };
    let used = used.iter().map(|used| u32::try_from(*used).unwrap_or(u32::MAX)).collect();
    match u64::try_from(*wait) {
        Err(_) => Ok(Decision::NotFilled),
        Ok(0) => Ok(Decision::Granted { used }),
        Ok(wait) => Ok(Decision::Refused {
            window: usize::try_from(*window).unwrap_or_default(),
            wait: Duration::from_millis(wait),
            used,
        }),
    }
}

/// The key of the completed operations, in the slot of the started ones.
fn completed_key(key: &str) -> String {
    format!("{key}:done")
}

/// A time to live in milliseconds, at least one: Redis refuses zero.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

fn store_error(error: RedisError) -> Error {
    Error::store(error)
}
