//! One connection to either database, and a transaction on it.

use diesel::{
    QueryResult, SqliteConnection,
    connection::{AnsiTransactionManager, TransactionManager},
    r2d2::R2D2Connection as _,
    result::DatabaseErrorKind,
};
use tokio::time::Instant;

use super::mysql::MysqlConnection;
use crate::errors::Error;

/// What a query runs on: the same query for both databases.
///
/// (`diesel::MultiConnection` cannot derive for a type called `Connection`; `db` exports it as that.)
/// Where one needs its own dialect (`FOR UPDATE`), a `match` on the variant has it.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// MySQL or MariaDB.
    Mysql(MysqlConnection),
    /// A file.
    Sqlite(SqliteConnection),
}

/// Why an attempt failed, and whether another may succeed.
pub(super) enum Failure {
    /// Nothing was changed and the reason passes: a deadlock, a lock, a connection that was cut.
    Passing(Error),
    /// Trying again would not help, or nobody knows what was changed.
    Final(Error),
}

impl AnyConnection {
    /// Bounds what follows; SQLite has its `busy_timeout` instead.
    pub(super) fn set_deadline(&mut self, deadline: Instant) {
        if let Self::Mysql(connection) = self {
            connection.set_deadline(deadline);
        }
    }

    /// Runs the work in one transaction, undone when the work fails or the caller no longer waits.
    pub(super) fn transaction<T>(
        &mut self,
        deadline: Instant,
        work: impl Fn(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        if let Err(error) = self.begin() {
            return Err(self.judge(error.into()));
        }
        let error = match work(self) {
            Ok(value) if Instant::now() < deadline => {
                return match Self::commit_transaction(self) {
                    Ok(()) => Ok(value),
                    Err(error) if is_passing(&error) => Err(self.passing(error.into())),
                    // The server may or may not have heard it.
                    Err(error) => Err(Failure::Final(error.into())),
                };
            }
            Ok(_) => Error::store("too late to commit"),
            Err(error) => error,
        };
        if let Err(rollback) = Self::rollback_transaction(self) {
            log::warn!("event=not_rolled_back error={:?}", rollback.to_string());
        }
        Err(self.judge(error))
    }

    /// Tells what passes from what does not.
    ///
    /// Diesel reports a cut connection like any other failure, so it is asked whether it still lives.
    pub(super) fn judge(&mut self, error: Error) -> Failure {
        let Error::Store(source) = &error else {
            return Failure::Final(error);
        };
        let passing = source.downcast_ref::<diesel::result::Error>().is_some_and(is_passing);
        if passing || self.ping().is_err() { self.passing(error) } else { Failure::Final(error) }
    }

    /// Leaves a server that takes no writes, so that the next attempt may find another.
    fn passing(&mut self, error: Error) -> Failure {
        if let (Self::Mysql(connection), Error::Store(source)) = (self, &error)
            && source.downcast_ref::<diesel::result::Error>().is_some_and(is_misled)
        {
            connection.give_up();
        }
        Failure::Passing(error)
    }

    /// Whether its server took no writes.
    pub(super) fn is_misled(&self) -> bool {
        match self {
            Self::Mysql(connection) => connection.is_misled(),
            Self::Sqlite(_) => false,
        }
    }

    /// On SQLite the write lock is taken at once: one that is taken later cannot wait for its turn.
    fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Mysql(_) => Self::begin_transaction(self),
            Self::Sqlite(connection) => {
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
            }
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        if is_ours(&error) { Self::internal(error) } else { Self::store(error) }
    }
}

/// What passes, by its message: diesel keeps the text, not the number. In each of these nothing was
/// committed.
const PASSING: [&str; 4] = [
    // 1205, 1213: a lock; on Galera also that another node was faster.
    "try restarting transaction",
    // 1180: the same at COMMIT.
    "Retry transaction",
    // 3101: the same in a replication group.
    "rollback the current transaction",
    // SQLite.
    "database is locked",
];

/// 1290 and 1836: the server has been told to take no writes, as after a failover, and 1047: it has lost
/// its cluster.
const MISLED: [&str; 3] =
    ["read-only option", "Running in read-only mode", "WSREP has not yet prepared node"];

/// Whether another attempt may succeed.
pub(super) fn is_passing(error: &diesel::result::Error) -> bool {
    says(error, &PASSING) || is_misled(error)
}

/// Whether another server may be asked.
fn is_misled(error: &diesel::result::Error) -> bool {
    says(error, &MISLED)
}

fn says(error: &diesel::result::Error, messages: &[&str]) -> bool {
    let diesel::result::Error::DatabaseError(_, information) = error else {
        return false;
    };
    let message = information.message();
    messages.iter().any(|it| message.contains(it))
}

/// The database did answer: the query was wrong.
fn is_ours(error: &diesel::result::Error) -> bool {
    use diesel::result::Error::{
        DatabaseError, DeserializationError, NotFound, QueryBuilderError, SerializationError,
    };
    matches!(
        error,
        NotFound
            | QueryBuilderError(_)
            | SerializationError(_)
            | DeserializationError(_)
            | DatabaseError(
                DatabaseErrorKind::UniqueViolation
                    | DatabaseErrorKind::ForeignKeyViolation
                    | DatabaseErrorKind::NotNullViolation
                    | DatabaseErrorKind::CheckViolation,
                _
            )
    )
}
