//! The kv store in Redis 6.2 or newer: one command, or one script, an operation.

use std::{collections::HashMap, sync::Arc, time::Duration};

use redis::{
    Client, IntoConnectionInfo as _, ProtocolVersion, RedisError, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::{Guess, Guessable, Offer, Reservation, Spent, Ticket, Window};
use crate::errors::Error;

/// Captchas, codes and limits shared by every instance.
#[derive(Clone)]
pub struct Redis {
    connection: ConnectionManager,
    scripts: Arc<Scripts>,
}

struct Scripts {
    offer: Script,
    guess: Script,
    put_back: Script,
    withdraw: Script,
    reserve: Script,
}

/// Settings of a Redis server; `None` where it does not tell.
#[derive(Clone, Debug, Default)]
pub struct RedisFacts {
    /// `7.0.15`.
    pub version: String,
    /// `maxmemory-policy`.
    pub policy: Option<String>,
    /// `save`: empty when no snapshots are taken.
    pub save: Option<String>,
    /// `appendonly`: `yes` or `no`.
    pub appendonly: Option<String>,
    /// `appendfsync`: `always`, `everysec` or `no`.
    pub appendfsync: Option<String>,
}

impl Redis {
    /// Connects, and fails if the server does not answer now.
    ///
    /// Later it reconnects by itself. Connecting may take 1 s and an answer 500 ms (SECURITY §4.1):
    /// a Redis that hangs is an error well before a person gives up.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let info = url.into_connection_info().map_err(store)?;
        // Version 3 of the protocol tells at once when the server goes away, so that the first
        // request after its return does not meet a dead connection.
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.set_redis_settings(settings)).map_err(store)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_response_timeout(Some(Duration::from_millis(500)))
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(100));
        let connection = ConnectionManager::new_with_config(client, config).await.map_err(store)?;
        let scripts = Scripts {
            offer: Script::new(include_str!("lua/offer.lua")),
            guess: Script::new(include_str!("lua/guess.lua")),
            put_back: Script::new(include_str!("lua/put_back.lua")),
            withdraw: Script::new(include_str!("lua/withdraw.lua")),
            reserve: Script::new(include_str!("lua/reserve.lua")),
        };
        Ok(Self { connection, scripts: Arc::new(scripts) })
    }

    pub(super) async fn set(&self, key: &str, value: &str, ttl: Duration) -> Result<(), Error> {
        let mut command = redis::cmd("SET");
        command.arg(key).arg(value).arg("PX").arg(milliseconds(ttl));
        command.query_async(&mut self.connection.clone()).await.map_err(store)
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<String>, Error> {
        redis::cmd("GET").arg(key).query_async(&mut self.connection.clone()).await.map_err(store)
    }

    pub(super) async fn take(&self, key: &str) -> Result<Option<String>, Error> {
        redis::cmd("GETDEL").arg(key).query_async(&mut self.connection.clone()).await.map_err(store)
    }

    pub(super) async fn offer(
        &self,
        key: &str,
        fresh: &Guessable,
        ttl: Duration,
        longest: Duration,
    ) -> Result<Offer, Error> {
        let (hmac, seed, is_fresh, ttl): (String, String, bool, u64) = self
            .scripts
            .offer
            .key(key)
            .arg(&[&fresh.hmac, &fresh.seed])
            .arg(&[milliseconds(ttl), milliseconds(longest)])
            .invoke_async(&mut self.connection.clone())
            .await
            .map_err(store)?;
        let secret = Guessable { hmac, seed };
        Ok(Offer { secret, is_fresh, ttl: Duration::from_millis(ttl) })
    }

    pub(super) async fn guess(&self, key: &str, hmac: &str, most: u32) -> Result<Guess, Error> {
        let (verdict, seed, tries, ttl, age): (i64, String, u32, u64, u64) = self
            .scripts
            .guess
            .key(key)
            .arg(hmac)
            .arg(most)
            .invoke_async(&mut self.connection.clone())
            .await
            .map_err(store)?;
        Ok(match (verdict, u32::try_from(verdict)) {
            (_, Ok(left)) => Guess::Wrong { left },
            (-2, Err(_)) => Guess::Right(Spent {
                secret: Guessable { hmac: hmac.to_owned(), seed },
                tries,
                ttl: Duration::from_millis(ttl),
                age: Duration::from_millis(age),
            }),
            (_, Err(_)) => Guess::Gone,
        })
    }

    pub(super) async fn put_back(&self, key: &str, spent: &Spent) -> Result<(), Error> {
        self.scripts
            .put_back
            .key(key)
            .arg(&[&spent.secret.hmac, &spent.secret.seed])
            .arg(spent.tries)
            .arg(&[milliseconds(spent.ttl), milliseconds(spent.age)])
            .invoke_async(&mut self.connection.clone())
            .await
            .map_err(store)
    }

    pub(super) async fn withdraw(&self, key: &str, secret: &Guessable) -> Result<(), Error> {
        self.scripts
            .withdraw
            .key(key)
            .arg(&secret.seed)
            .invoke_async(&mut self.connection.clone())
            .await
            .map_err(store)
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), Error> {
        redis::cmd("DEL").arg(key).exec_async(&mut self.connection.clone()).await.map_err(store)
    }

    pub(super) async fn reserve(
        &self,
        key: &str,
        windows: &[Window],
    ) -> Result<Reservation, Error> {
        let ticket = Ticket::new();
        let (window, wait) = self.ask_windows(key, &ticket.0, windows).await?;
        Ok(if wait.is_zero() {
            Reservation::Granted(ticket)
        } else {
            Reservation::Refused { window, wait }
        })
    }

    pub(super) async fn release(&self, key: &str, ticket: &Ticket) -> Result<(), Error> {
        let mut command = redis::cmd("ZREM");
        command.arg(key).arg(&ticket.0);
        command.query_async(&mut self.connection.clone()).await.map_err(store)
    }

    pub(super) async fn wait(&self, key: &str, window: Window) -> Result<Duration, Error> {
        self.ask_windows(key, "", &[window]).await.map(|(_, wait)| wait)
    }

    pub(super) async fn ping(&self) -> Result<(), Error> {
        redis::cmd("PING").exec_async(&mut self.connection.clone()).await.map_err(store)
    }

    /// What the operator has set that decides whether used codes stay dead.
    pub async fn facts(&self) -> Result<RedisFacts, Error> {
        let mut connection = self.connection.clone();
        let info: String =
            redis::cmd("INFO").arg("server").query_async(&mut connection).await.map_err(store)?;
        let version = info.lines().find_map(|it| it.strip_prefix("redis_version:"));
        let mut settings = Vec::new();
        for name in ["maxmemory-policy", "save", "appendonly", "appendfsync"] {
            let answer: Result<HashMap<String, String>, RedisError> =
                redis::cmd("CONFIG").arg("GET").arg(name).query_async(&mut connection).await;
            // Hosted Redis often forbids CONFIG; then there is nothing to tell.
            settings.push(answer.ok().and_then(|mut it| it.remove(name)));
        }
        let [policy, save, appendonly, appendfsync] =
            <[Option<String>; 4]>::try_from(settings).unwrap_or_default();
        let version = version.unwrap_or_default().trim().to_owned();
        Ok(RedisFacts { version, policy, save, appendonly, appendfsync })
    }

    async fn ask_windows(
        &self,
        key: &str,
        ticket: &str,
        windows: &[Window],
    ) -> Result<(usize, Duration), Error> {
        let mut script = self.scripts.reserve.key(key);
        script.arg(ticket);
        for window in windows {
            script.arg(milliseconds(window.span)).arg(window.limit);
        }
        let (window, wait): (usize, u64) =
            script.invoke_async(&mut self.connection.clone()).await.map_err(store)?;
        Ok((window, Duration::from_millis(wait)))
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

fn store(error: RedisError) -> Error {
    Error::store(error)
}
