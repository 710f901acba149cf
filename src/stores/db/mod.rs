//! The database: one handle for MySQL and SQLite, with an answer in three seconds.
//!
//! It knows connections and transactions; tables are known by the modules beside it. A server is awaited by the
//! worker that asks; a file blocks, so each call has a thread of its own.

mod address;
mod advice;
mod blocking;
mod cached;
mod complaints;
mod connect_error;
mod connection;
mod connections;
mod either;
mod failure;
mod file;
mod lines;
mod migrations;
mod mysql;
mod query;
mod room;

use std::{sync::Arc, time::Duration};

use rand::Rng as _;
use tokio::{
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, sleep, timeout, timeout_at},
};

pub use self::{address::Way, connection::Connection, query::RunQueryDsl};

use self::{
    address::Address, advice::advice, connections::Connections, either::Either, failure::Failure,
    room::Room,
};
use super::OpenError;
use crate::{
    errors::{Error, Source},
    metrics::Metrics,
};

/// What `schema.rs` calls MySQL's DATETIME: the portable type, so that one schema serves both databases.
///
/// (MySQL's TIMESTAMP would print as that by itself, but ends in 2038.)
pub type Datetime = diesel::sql_types::Timestamp;

/// Every call has answered by then, with a failure if need be (R123, R127).
const ANSWER: Duration = Duration::from_millis(2800);

/// How long a call waits for its turn, and for a connection.
const WAIT: Duration = Duration::from_secs(2);

/// Attempts at one call when the reason for failing passes (R138: three retries).
const ATTEMPTS: u32 = 4;

/// The database. A clone is the same database.
#[derive(Clone)]
pub struct Db {
    address: Arc<Address>,
    connections: Connections,
    /// One permit a connection: calls wait for their turn here.
    turns: Arc<Semaphore>,
    pool_size: u32,
    room: Room,
    metrics: Metrics,
}

impl Db {
    /// Opens `mysql://…` or `sqlite://…`; fails within three seconds when it cannot be used.
    ///
    /// It never falls back to another database, and the sentence never contains the password.
    pub async fn open(url: &str, pool_size: u32) -> Result<Self, OpenError> {
        let address = Address::parse(url);
        let address = address.map_err(|it| OpenError::refused(format!("DATABASE_URL {it}")))?;
        let pool_size = pool_size.max(1);
        let turns = usize::try_from(pool_size).unwrap_or(Semaphore::MAX_PERMITS);
        let connections = timeout(ANSWER, Connections::open(&address, pool_size)).await;
        let late = |_| OpenError::unreachable(format!("DATABASE_URL: {address} does not answer"));
        Ok(Self {
            connections: connections.map_err(late)??,
            room: Room::of(address.to_string()),
            address: Arc::new(address),
            turns: Arc::new(Semaphore::new(turns)),
            pool_size,
            metrics: Metrics::default(),
        })
    }

    /// Whether a text can be a `DATABASE_URL`; if not, what is wrong with it, without a word of it.
    pub fn check_url(url: &str) -> Result<(), String> {
        Address::parse(url).map(drop)
    }

    /// Counted with everything else.
    #[must_use]
    pub fn counted_in(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// How many connections are at work, and how many there may be.
    pub fn in_use(&self) -> (u32, u32) {
        let free = u32::try_from(self.turns.available_permits()).unwrap_or(self.pool_size);
        (self.pool_size.saturating_sub(free), self.pool_size)
    }

    /// Whether this is MySQL or MariaDB.
    pub fn is_mysql(&self) -> bool {
        matches!(*self.address, Address::Mysql(_))
    }

    /// How what is said to it gets there.
    pub fn way(&self) -> Way {
        self.address.way()
    }

    /// Runs queries that change nothing.
    ///
    /// The work may run again on another connection, so it is `Fn`; it awaits the database and nothing else.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        self.call(async move |it: &mut Connection, _| match work(it).await {
            Ok(value) => Ok(value),
            Err(error) => Err(it.judge(error).await),
        })
        .await
    }

    /// Runs the work in one transaction: a verdict (`Err`) undoes all of it and comes out unchanged.
    ///
    /// After a deadlock, a lock timeout, a lost connection, or on a server that takes no more writes the
    /// whole work runs again, so it is `Fn` and must not touch anything but the database.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let outcome = self
            .call(async move |it: &mut Connection, deadline| it.transaction(deadline, &work).await)
            .await;
        self.room.note(&outcome);
        outcome
    }

    /// Runs queries of which each that writes is a transaction by itself.
    ///
    /// After a lost connection all of it may run again though some was written: so twice has to be as good as once.
    pub async fn write_idempotent<T: Send + 'static>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let outcome = self.read(work).await;
        self.room.note(&outcome);
        outcome
    }

    /// Whether the database answers and takes writes; cheap enough to be asked every second.
    pub async fn ping(&self) -> Result<(), Error> {
        self.room.check()?;
        let outcome = self.read(async |it| Ok(it.try_write().await?)).await;
        self.room.note(&outcome);
        outcome
    }

    /// Writes something that changes nothing: for the start and for `haoma doctor`.
    pub async fn check_writes(&self) -> Result<(), OpenError> {
        let written = self.write(async |it| Ok(it.write_nothing().await?)).await;
        written.map_err(|error| self.refuses("takes no writes", &error))
    }

    /// Applies the migrations that are pending; several instances may do so at once.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        let applied = self.apart(migrations::apply).await;
        applied.map_err(|error| self.refuses("cannot be migrated", &error))
    }

    /// The names of the migrations that are pending, in order.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, OpenError> {
        let pending = self.apart(migrations::pending).await;
        pending.map_err(|error| self.refuses("does not tell its migrations", &error))
    }

    /// The sentence about a failure while the operator waits for the answer.
    fn refuses(&self, what: &str, error: &Error) -> OpenError {
        let source = if let Error::Store(source) = error { Some(source) } else { None };
        if let Some(unopened) = source.and_then(|source| source.downcast_ref::<OpenError>()) {
            return unopened.clone();
        }
        let message = source.map_or_else(|| error.to_string(), ToString::to_string);
        let advice = advice(&message);
        OpenError::refused(format!("DATABASE_URL: {} {what}: {message}{advice}", self.address))
    }

    async fn call<T: Send + 'static>(
        &self,
        attempt: impl AsyncFn(&mut Connection, Instant) -> Result<T, Failure> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let begun = Instant::now();
        let deadline = begun + ANSWER;
        let attempt = Arc::new(attempt);
        let answer = async {
            let turn = timeout(WAIT, Arc::clone(&self.turns).acquire_owned()).await;
            self.metrics.db_wait(begun.elapsed());
            // A thread may hold it when the caller has gone.
            let turn = Arc::new(turn.map_err(Error::store)?.map_err(Error::internal)?);
            for left in (0..ATTEMPTS).rev() {
                let attempt = Arc::clone(&attempt);
                let work = async move |it: &mut Connection| attempt(it, deadline).await;
                match self.connections.run(&turn, work).await {
                    Ok(value) => return Ok(value),
                    Err(Failure::Passing(_)) if left > 0 => sleep(jitter()).await,
                    Err(Failure::Passing(error) | Failure::Final(error)) => return Err(error),
                }
            }
            Err(Error::internal("no attempt was made"))
        };
        timeout_at(deadline, answer).await.map_err(Error::store)?
    }

    /// Migrations have a connection of their own, which waits longer than any request would.
    async fn apart<T: Send + 'static>(
        &self,
        work: fn(&mut Either) -> Result<T, Source>,
    ) -> Result<T, Error> {
        let address = Arc::clone(&self.address);
        let thread = spawn_blocking(move || work(&mut address.open_blocking()?));
        thread.await.map_err(|it| Error::fallen(&it))?.map_err(Error::store)
    }
}

/// So that two that met do not meet again.
fn jitter() -> Duration {
    Duration::from_millis(rand::rng().random_range(5..50))
}
