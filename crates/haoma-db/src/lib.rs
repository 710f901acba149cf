//! The database of Haoma: one handle for MySQL and SQLite, which answers every call within three seconds.
//!
//! This crate knows connections and transactions, and no tables. A worker awaits a MySQL server itself. SQLite blocks,
//! so each call to it runs on a thread of tokio's blocking pool. Queries are Diesel's, written once for both databases.
//!
//! Where this crate names a setting, it means those of Haoma: `DATABASE_URL` and `DATABASE_POOL`.

mod connection;
mod error;
mod error_cause;
mod log_throttle;
mod migrate;
mod mysql;
mod observer;
mod open_error;
mod pool;
mod refused_writes;
mod retry;
mod run_query;
mod sqlite;
mod statement_cache;
mod url;

use std::{error::Error as StdError, sync::Arc, time::Duration};

use rand::Rng as _;
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep, timeout, timeout_at},
};

pub use self::{
    connection::Connection,
    error::{Error, WorkError, is_query_fault},
    error_cause::violated_unique_key,
    migrate::Migrations,
    observer::{Job, Observer},
    open_error::OpenError,
    run_query::{LoadQuery, RunQueryDsl},
    url::TransportSecurity,
};

use self::{
    error_cause::advice,
    migrate::{AnyConnection, open_blocking},
    observer::NoObserver,
    pool::Pool,
    refused_writes::RefusedWrites,
    retry::Failure,
    url::DatabaseUrl,
};

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
    observer: Arc<dyn Observer>,
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
            observer: Arc::new(NoObserver),
        })
    }

    /// Checks whether a text can be a `DATABASE_URL`; the error says why not and quotes nothing of it.
    pub fn check_url(url: &str) -> Result<(), String> {
        DatabaseUrl::parse(url).map(drop)
    }

    /// Returns this database, which from now on calls the observer.
    #[must_use]
    pub fn observed_by(self, observer: impl Observer) -> Self {
        Self { observer: Arc::new(observer), ..self }
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
    pub async fn read<T: Send + 'static, E: WorkError>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<T, E> {
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
    pub async fn write<T: Send + 'static, E: WorkError>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<T, E> {
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
    pub async fn write_idempotent<T: Send + 'static, E: WorkError>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<T, E> {
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
        written.map_err(|error: Error| {
            if let Error::Open(error) = error {
                error
            } else {
                self.open_error("takes no writes", &error.to_string())
            }
        })
    }

    /// Applies the pending migrations; several instances may do so at once.
    pub async fn migrate(&self, migrations: Migrations) -> Result<(), OpenError> {
        self.on_own_connection("cannot be migrated", |connection| migrations.apply(connection))
            .await
    }

    /// Returns the names of the pending migrations, in order.
    pub async fn pending_migrations(
        &self,
        migrations: Migrations,
    ) -> Result<Vec<String>, OpenError> {
        self.on_own_connection("does not tell its migrations", |connection| {
            migrations.pending(connection)
        })
        .await
    }

    /// Describes a failure for the operator, who is waiting for the result.
    fn open_error(&self, problem: &str, message: &str) -> OpenError {
        let advice = advice(message);
        OpenError::refused(format!("DATABASE_URL: {} {problem}: {message}{advice}", self.url))
    }

    /// Waits for a permit, then runs attempts until one succeeds, fails for good, or the time is up.
    async fn call<T: Send + 'static, E: WorkError>(
        &self,
        attempt: impl AsyncFn(&mut Connection, Instant) -> Result<T, Failure<E>> + Send + Sync + 'static,
    ) -> Result<T, E> {
        let started = Instant::now();
        let deadline = started + CALL_TIMEOUT;
        let attempt = Arc::new(attempt);
        let answer = async {
            let permit = timeout(ACQUIRE_TIMEOUT, self.pool.permit()).await;
            self.observer.waited(started.elapsed());
            // Shared: a thread may still hold it after the caller has gone.
            let permit = Arc::new(permit.map_err(Error::from)??);
            for attempts_left in (0..MAX_ATTEMPTS).rev() {
                let attempt = Arc::clone(&attempt);
                let work =
                    async move |connection: &mut Connection| attempt(connection, deadline).await;
                match self.pool.run(&permit, &*self.observer, work).await {
                    Ok(value) => return Ok(value),
                    Err(Failure::Transient(_)) if attempts_left > 0 => sleep(jitter()).await,
                    Err(Failure::Transient(error) | Failure::Final(error)) => return Err(error),
                }
            }
            Err(Error::Internal("no attempt was made").into())
        };
        timeout_at(deadline, answer).await.map_err(Error::from)?
    }

    /// Runs synchronous work on a connection outside the pool, which waits longer than a request would.
    async fn on_own_connection<T: Send + 'static>(
        &self,
        problem: &str,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, Box<dyn StdError + Send + Sync>>
        + Send
        + 'static,
    ) -> Result<T, OpenError> {
        let url = Arc::clone(&self.url);
        let thread = spawn_blocking(move || {
            let mut connection = open_blocking(&url)?;
            Ok(work(&mut connection))
        });
        match thread.await {
            Ok(outcome) => outcome?.map_err(|error| self.open_error(problem, &error.to_string())),
            Err(failed) => Err(self.open_error(problem, &Error::of_thread(&failed).to_string())),
        }
    }
}

/// A random pause, so that two transactions that deadlocked do not meet again.
fn jitter() -> Duration {
    Duration::from_millis(rand::rng().random_range(5..50))
}
