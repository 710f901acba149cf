//! The database: the crate `haoma-db` with the errors, metrics and migrations of this program.

use std::{error::Error as StdError, time::Duration};

use diesel::result::Error as DieselError;
use diesel_migrations::embed_migrations;
use haoma_db::{Job, Migrations, Observer, WorkError, is_query_fault};

pub use haoma_db::{Connection, RunQueryDsl, TransportSecurity, violated_unique_key};

use super::OpenError;
use crate::{errors::Error, logging::in_request_scope_blocking, metrics::Metrics};

const MIGRATIONS: Migrations = Migrations {
    mysql: embed_migrations!("migrations/mysql"),
    sqlite: embed_migrations!("migrations/sqlite"),
};

/// The type of DATETIME columns in `schema.rs`: the portable one, so that one schema serves both databases.
///
/// (Diesel prints it for MySQL's TIMESTAMP by itself, but that type ends in 2038.)
pub type Datetime = diesel::sql_types::Timestamp;

/// The database. Clones share their connections.
///
/// Every call returns within three seconds, with an error if need be (R123, R127).
#[derive(Clone)]
pub struct Db(haoma_db::Db);

impl Db {
    /// Opens `mysql://…` or `sqlite://…`; fails within three seconds if the database cannot be used.
    ///
    /// There is no fallback to another database, and the error never contains the password.
    pub async fn open(url: &str, pool_size: u32) -> Result<Self, OpenError> {
        let db = haoma_db::Db::open(url, pool_size).await?;
        Ok(Self(db).counted_in(Metrics::default()))
    }

    /// Checks whether a text can be a `DATABASE_URL`; the error says why not and quotes nothing of it.
    pub fn check_url(url: &str) -> Result<(), String> {
        haoma_db::Db::check_url(url)
    }

    /// Returns this database, which from now on reports how long calls wait to these metrics.
    #[must_use]
    pub fn counted_in(self, metrics: Metrics) -> Self {
        Self(self.0.observed_by(CallObserver(metrics)))
    }

    /// Returns how many connections are in use, and how many there may be.
    pub fn in_use(&self) -> (u32, u32) {
        self.0.in_use()
    }

    /// Whether this is MySQL or MariaDB.
    pub fn is_mysql(&self) -> bool {
        self.0.is_mysql()
    }

    /// Returns how the connections to the database are secured.
    pub fn transport_security(&self) -> TransportSecurity {
        self.0.transport_security()
    }

    /// Runs queries that change nothing.
    ///
    /// After a transient failure the closure runs again on another connection, so it is `Fn`. It may await the
    /// database and nothing else.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        self.0.read(work).await
    }

    /// Runs the closure in one transaction. An `Err` rolls all of it back and is returned unchanged.
    ///
    /// After a deadlock, a lock timeout, a lost connection, or on a read-only server the whole closure runs again, so
    /// it is `Fn` and must not touch anything but the database.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        self.0.write(work).await
    }

    /// Runs queries that write without a transaction around them: each is a transaction of its own.
    ///
    /// After a lost connection all of them may run again although some were committed, so running them twice must
    /// have the same effect as once.
    pub async fn write_idempotent<T: Send + 'static>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        self.0.write_idempotent(work).await
    }

    /// Checks that the database answers and takes writes. It is cheap enough to run every second.
    pub async fn ping(&self) -> Result<(), Error> {
        Ok(self.0.ping().await?)
    }

    /// Writes something that changes nothing; for the start and for `haoma doctor`.
    pub async fn check_writes(&self) -> Result<(), OpenError> {
        Ok(self.0.check_writes().await?)
    }

    /// Applies the pending migrations; several instances may do so at once.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        Ok(self.0.migrate(MIGRATIONS).await?)
    }

    /// Returns the names of the pending migrations, in order.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, OpenError> {
        Ok(self.0.pending_migrations(MIGRATIONS).await?)
    }
}

/// Reports waiting times to the metrics, and lets lines of log on other threads name their request.
struct CallObserver(Metrics);

impl Observer for CallObserver {
    fn waited(&self, wait: Duration) {
        self.0.db_wait(wait);
    }

    fn carry_context(&self, job: Job) -> Job {
        Box::new(in_request_scope_blocking(job))
    }
}

impl WorkError for Error {
    fn database_failure(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        if let Self::Store(source) = self { Some(&**source) } else { None }
    }
}

impl From<haoma_db::Error> for Error {
    fn from(error: haoma_db::Error) -> Self {
        match error {
            haoma_db::Error::Query(error) => error.into(),
            haoma_db::Error::Internal(fault) => Self::internal(fault),
            error @ (haoma_db::Error::Open(_)
            | haoma_db::Error::NoConnection(_)
            | haoma_db::Error::Timeout(_)
            | haoma_db::Error::TooLate
            | haoma_db::Error::RefusesWrites(_)) => Self::store(error),
        }
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        if is_query_fault(&error) { Self::internal(error) } else { Self::store(error) }
    }
}

impl From<haoma_db::OpenError> for OpenError {
    fn from(error: haoma_db::OpenError) -> Self {
        if error.is_unreachable() {
            Self::unreachable(error.to_string())
        } else {
            Self::refused(error.to_string())
        }
    }
}
