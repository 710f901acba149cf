//! The database: one handle for MySQL and SQLite, off the async workers, with an answer in three seconds.
//!
//! It knows connections and transactions; tables are known by the modules beside it.

mod address;
mod cached;
mod connection;
mod either;
mod failure;
mod file;
mod manager;
mod migrations;
mod mysql;
mod room;

use std::{sync::Arc, time::Duration};

use diesel::r2d2::{Pool, R2D2Connection as _};

use rand::Rng as _;
use tokio::{
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, sleep, timeout, timeout_at},
};

pub use self::{
    address::{OpenError, Way},
    connection::Connection,
    either::Either,
};

use self::{
    address::Address,
    failure::Failure,
    manager::{Complaints, Manager},
    room::Room,
};
use crate::{
    errors::{Error, Source},
    journal::carried_to_thread,
    metrics::Metrics,
};

/// What `schema.rs` calls MySQL's DATETIME: the portable type, so that one schema serves both databases.
///
/// (MySQL's TIMESTAMP would print as that by itself, but ends in 2038.)
pub type Datetime = diesel::sql_types::Timestamp;

/// Every call has answered by then, with a failure if need be (SECURITY R123, R127).
const ANSWER: Duration = Duration::from_millis(2800);

/// How long a call waits for its turn, and for a connection.
const WAIT: Duration = Duration::from_secs(2);

/// Attempts at one call when the reason for failing passes (SECURITY R138: three retries).
const ATTEMPTS: u32 = 4;

/// The database. A clone is the same database.
#[derive(Clone)]
pub struct Db {
    pool: Pool<Manager>,
    manager: Manager,
    /// One permit a connection: calls wait for their turn here, and not on a thread each.
    turns: Arc<Semaphore>,
    room: Room,
    metrics: Metrics,
}

impl Db {
    /// Opens `mysql://…` or `sqlite://…`; fails within three seconds when it cannot be used.
    ///
    /// It never falls back to another database, and the sentence never contains the password.
    pub async fn open(url: &str, pool_size: u32) -> Result<Self, OpenError> {
        let pool_size = pool_size.max(1);
        let manager = Manager::new(Address::parse(url)?);
        let address = Arc::clone(&manager.address);
        let first = timeout(ANSWER, spawn_blocking(move || address.connect().map(drop)));
        first.await.map_err(OpenError::late)?.map_err(OpenError::late)??;

        let pool = Pool::builder()
            .max_size(pool_size)
            .min_idle(Some(1))
            .connection_timeout(WAIT)
            .error_handler(Box::new(Complaints::default()))
            .build_unchecked(manager.clone());
        let turns = usize::try_from(pool_size).map_err(OpenError::late)?;
        Ok(Self {
            pool,
            manager,
            turns: Arc::new(Semaphore::new(turns)),
            room: Room::default(),
            metrics: Metrics::default(),
        })
    }

    /// Counted with everything else.
    #[must_use]
    pub fn counted_in(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// How many connections are at work, and how many there may be.
    pub fn in_use(&self) -> (u32, u32) {
        let all = self.pool.max_size();
        let free = u32::try_from(self.turns.available_permits()).unwrap_or(all);
        (all.saturating_sub(free), all)
    }

    /// Whether this is MySQL or MariaDB.
    pub fn is_mysql(&self) -> bool {
        matches!(*self.manager.address, Address::Mysql { .. })
    }

    /// How what is said to it gets there.
    pub fn way(&self) -> Way {
        self.manager.address.way()
    }

    /// Runs queries that change nothing.
    ///
    /// The work may run again on another connection, so it is `Fn`.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        self.call(move |it, _| work(it).map_err(|error| it.judge(error))).await
    }

    /// Runs the work in one transaction: a verdict (`Err`) undoes all of it and comes out unchanged.
    ///
    /// After a deadlock, a lock timeout, a lost connection, or on a server that takes no more writes the
    /// whole work runs again, so it is `Fn` and must not touch anything but the database.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let outcome = self.call(move |it, deadline| it.transaction(deadline, &work)).await;
        self.room.note(&outcome);
        outcome
    }

    /// Runs queries of which the last alone writes, and is a transaction by itself.
    ///
    /// After a lost connection all of it may run again though it was written: so twice has to be as good as once.
    pub async fn write_once<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let outcome = self.read(work).await;
        self.room.note(&outcome);
        outcome
    }

    /// Whether the database answers, and has had room lately.
    pub async fn ping(&self) -> Result<(), Error> {
        self.room.check()?;
        self.read(|it| Ok(it.either().ping()?)).await
    }

    /// Applies the migrations that are pending; several instances may do so at once.
    pub async fn migrate(&self) -> Result<(), Error> {
        self.apart(migrations::apply).await
    }

    /// The names of the migrations that are pending, in order.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, Error> {
        self.apart(migrations::pending).await
    }

    async fn call<T: Send + 'static>(
        &self,
        attempt: impl Fn(&mut Connection, Instant) -> Result<T, Failure> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let begun = Instant::now();
        let deadline = begun + ANSWER;
        let attempt = Arc::new(attempt);
        let answer = async {
            let turn = timeout(WAIT, Arc::clone(&self.turns).acquire_owned()).await;
            self.metrics.waited_for_db(begun.elapsed());
            // Held by the threads too: they go on when the caller has gone.
            let turn = Arc::new(turn.map_err(Error::store)?.map_err(Error::internal)?);
            for left in (0..ATTEMPTS).rev() {
                let (db, attempt, turn) = (self.clone(), Arc::clone(&attempt), Arc::clone(&turn));
                let thread = spawn_blocking(carried_to_thread(move || {
                    let _turn = turn;
                    db.attempt(deadline, &*attempt)
                }));
                match thread.await.map_err(|it| Error::fallen(&it))? {
                    Ok(value) => return Ok(value),
                    Err(Failure::Passing(_)) if left > 0 => sleep(jitter()).await,
                    Err(Failure::Passing(error) | Failure::Final(error)) => return Err(error),
                }
            }
            Err(Error::internal("no attempt was made"))
        };
        timeout_at(deadline, answer).await.map_err(Error::store)?
    }

    fn attempt<T>(
        &self,
        deadline: Instant,
        attempt: &impl Fn(&mut Connection, Instant) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut pooled = self.pool.get().map_err(|it| Failure::Final(Error::store(it)))?;
        pooled.connection.either().set_deadline(deadline);
        let outcome = attempt(&mut pooled.connection, deadline);
        self.manager.note(&mut pooled);
        outcome
    }

    /// Migrations have a connection of their own, which waits longer than any request would.
    async fn apart<T: Send + 'static>(
        &self,
        work: fn(&mut Either) -> Result<T, Source>,
    ) -> Result<T, Error> {
        let address = Arc::clone(&self.manager.address);
        let thread = spawn_blocking(move || work(&mut address.connect()?));
        thread.await.map_err(|it| Error::fallen(&it))?.map_err(Error::store)
    }
}

/// So that two that met do not meet again.
fn jitter() -> Duration {
    Duration::from_millis(rand::rng().random_range(5..50))
}
