//! The database: one handle for MySQL and SQLite, which answers every call within three seconds.
//!
//! This module knows connections and transactions; the modules of `stores/tables` know the tables. A worker awaits a
//! MySQL server itself. SQLite blocks, so each call to it runs on a thread of tokio's blocking pool.

mod advice;
mod connection;
mod log_throttle;
mod migrate;
mod mysql;
mod pool;
mod refused_writes;
mod retry;
mod run_query;
mod sqlite;
mod statement_cache;
mod url;

use std::{sync::Arc, time::Duration};

use rand::Rng as _;
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep, timeout, timeout_at},
};

pub use self::{connection::Connection, run_query::RunQueryDsl, url::TransportSecurity};

use self::{
    advice::advice,
    migrate::{AnyConnection, open_blocking},
    pool::Pool,
    refused_writes::RefusedWrites,
    retry::Failure,
    url::DatabaseUrl,
};
use super::OpenError;
use crate::{
    errors::{Error, Source},
    metrics::Metrics,
};

/// The type of DATETIME columns in `schema.rs`: the portable one, so that one schema serves both databases.
///
/// (Diesel prints it for MySQL's TIMESTAMP by itself, but that type ends in 2038.)
pub type Datetime = diesel::sql_types::Timestamp;

/// Every call returns within this time, with an error if need be (R123, R127).
const CALL_TIMEOUT: Duration = Duration::from_millis(2800);

/// How long a call waits for a permit, and how long for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// Attempts at one call while its failures are transient (R138: three retries).
const MAX_ATTEMPTS: u32 = 4;

/// The database. Clones share their connections.
#[derive(Clone)]
pub struct Db {
    url: Arc<DatabaseUrl>,
    pool: Pool,
    refused_writes: RefusedWrites,
    metrics: Metrics,
}

impl Db {
    /// Opens `mysql://…` or `sqlite://…`; fails within three seconds if the database cannot be used.
    ///
    /// There is no fallback to another database, and the error never contains the password.
    pub async fn open(url: &str, pool_size: u32) -> Result<Self, OpenError> {
        let url = DatabaseUrl::parse(url);
        let url = url.map_err(|problem| OpenError::refused(format!("DATABASE_URL {problem}")))?;
        let pool = timeout(CALL_TIMEOUT, Pool::open(&url, pool_size.max(1))).await;
        let late = |_| OpenError::unreachable(format!("DATABASE_URL: {url} does not answer"));
        Ok(Self {
            pool: pool.map_err(late)??,
            refused_writes: RefusedWrites::new(url.to_string()),
            url: Arc::new(url),
            metrics: Metrics::default(),
        })
    }

    /// Checks whether a text can be a `DATABASE_URL`; the error says why not and quotes nothing of it.
    pub fn check_url(url: &str) -> Result<(), String> {
        DatabaseUrl::parse(url).map(drop)
    }

    /// Returns this database, which from now on reports how long calls wait to these metrics.
    #[must_use]
    pub fn counted_in(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// Returns how many connections are in use, and how many there may be.
    pub fn in_use(&self) -> (u32, u32) {
        self.pool.in_use()
    }

    /// Whether this is MySQL or MariaDB.
    pub fn is_mysql(&self) -> bool {
        matches!(*self.url, DatabaseUrl::Mysql(_))
    }

    /// Returns how the connections to the database are secured.
    pub fn transport_security(&self) -> TransportSecurity {
        self.url.transport_security()
    }

    /// Runs queries that change nothing.
    ///
    /// After a transient failure the closure runs again on another connection, so it is `Fn`. It may await the
    /// database and nothing else.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        self.call(async move |connection: &mut Connection, _| match work(connection).await {
            Ok(value) => Ok(value),
            Err(error) => Err(connection.classify(error).await),
        })
        .await
    }

    /// Runs the closure in one transaction. An `Err` rolls all of it back and is returned unchanged.
    ///
    /// After a deadlock, a lock timeout, a lost connection, or on a read-only server the whole closure runs again, so
    /// it is `Fn` and must not touch anything but the database.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let outcome = self
            .call(async move |connection: &mut Connection, deadline| {
                connection.transaction(deadline, &work).await
            })
            .await;
        self.refused_writes.record(&outcome);
        outcome
    }

    /// Runs queries that write without a transaction around them: each is a transaction of its own.
    ///
    /// After a lost connection all of them may run again although some were committed, so running them twice must
    /// have the same effect as once.
    pub async fn write_idempotent<T: Send + 'static>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let outcome = self.read(work).await;
        self.refused_writes.record(&outcome);
        outcome
    }

    /// Checks that the database answers and takes writes. It is cheap enough to run every second.
    pub async fn ping(&self) -> Result<(), Error> {
        self.refused_writes.check()?;
        let outcome = self.read(async |connection| Ok(connection.try_write().await?)).await;
        self.refused_writes.record(&outcome);
        outcome
    }

    /// Writes something that changes nothing; for the start and for `haoma doctor`.
    pub async fn check_writes(&self) -> Result<(), OpenError> {
        let written = self.write(async |connection| Ok(connection.write_nothing().await?)).await;
        written.map_err(|error| self.open_error("takes no writes", &error))
    }

    /// Applies the pending migrations; several instances may do so at once.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        let applied = self.on_own_connection(migrate::apply).await;
        applied.map_err(|error| self.open_error("cannot be migrated", &error))
    }

    /// Returns the names of the pending migrations, in order.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, OpenError> {
        let pending = self.on_own_connection(migrate::pending).await;
        pending.map_err(|error| self.open_error("does not tell its migrations", &error))
    }

    /// Describes a failure for the operator, who is waiting for the result.
    fn open_error(&self, problem: &str, error: &Error) -> OpenError {
        let source = if let Error::Store(source) = error { Some(source) } else { None };
        if let Some(unopened) = source.and_then(|source| source.downcast_ref::<OpenError>()) {
            return unopened.clone();
        }
        let message = source.map_or_else(|| error.to_string(), ToString::to_string);
        let advice = advice(&message);
        OpenError::refused(format!("DATABASE_URL: {} {problem}: {message}{advice}", self.url))
    }

    /// Waits for a permit, then runs attempts until one succeeds, fails for good, or the time is up.
    async fn call<T: Send + 'static>(
        &self,
        attempt: impl AsyncFn(&mut Connection, Instant) -> Result<T, Failure> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let started = Instant::now();
        let deadline = started + CALL_TIMEOUT;
        let attempt = Arc::new(attempt);
        let answer = async {
            let permit = timeout(ACQUIRE_TIMEOUT, self.pool.permit()).await;
            self.metrics.db_wait(started.elapsed());
            // Shared: a thread may still hold it after the caller has gone.
            let permit = Arc::new(permit.map_err(Error::store)?.map_err(Error::internal)?);
            for attempts_left in (0..MAX_ATTEMPTS).rev() {
                let attempt = Arc::clone(&attempt);
                let work =
                    async move |connection: &mut Connection| attempt(connection, deadline).await;
                match self.pool.run(&permit, work).await {
                    Ok(value) => return Ok(value),
                    Err(Failure::Transient(_)) if attempts_left > 0 => sleep(jitter()).await,
                    Err(Failure::Transient(error) | Failure::Final(error)) => return Err(error),
                }
            }
            Err(Error::internal("no attempt was made"))
        };
        timeout_at(deadline, answer).await.map_err(Error::store)?
    }

    /// Runs synchronous work on a connection outside the pool, which waits longer than a request would.
    async fn on_own_connection<T: Send + 'static>(
        &self,
        work: fn(&mut AnyConnection) -> Result<T, Source>,
    ) -> Result<T, Error> {
        let url = Arc::clone(&self.url);
        let thread = spawn_blocking(move || work(&mut open_blocking(&url)?));
        thread.await.map_err(|failed| Error::fallen(&failed))?.map_err(Error::store)
    }
}

/// A random pause, so that two transactions that deadlocked do not meet again.
fn jitter() -> Duration {
    Duration::from_millis(rand::rng().random_range(5..50))
}
