//! A connection of either kind, and transactions on it.

use diesel::{
    QueryResult, QueryableByName, RunQueryDsl as _, SqliteConnection,
    connection::{
        Connection as _, LoadConnection as _, SimpleConnection as _, TransactionManager as _,
    },
    deserialize::FromSqlRow,
    expression::QueryMetadata,
    query_builder::{Query, QueryFragment, QueryId},
    query_dsl::CompatibleType,
    r2d2::R2D2Connection as _,
    result::{Error as QueryError, Error::DeserializationError},
    sql_query,
    sql_types::Integer,
};
use diesel_async::{
    AnsiTransactionManager, AsyncConnectionCore as _, AsyncMysqlConnection,
    SimpleAsyncConnection as _, TransactionManager as _,
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::time::Instant;

use crate::{
    Error, WorkError,
    error_cause::ErrorCause,
    migrate::{AnyConnection, MultiBackend, MultiRow},
    retry::Failure,
    sqlite::BUSY_TIMEOUT,
    statement_cache::StatementCache,
};

/// A connection that runs the same query on either database.
///
/// SQLite is called synchronously, on a thread that may block; MySQL is awaited. A caller that stops waiting for an
/// answer has to drop the connection as well, because its protocol state is then unknown.
pub struct Connection {
    inner: Inner,
    statements: StatementCache,
    /// A ping has failed.
    is_dead: bool,
    /// The server has refused a write.
    is_read_only: bool,
}

/// A number that SQLite keeps in the file for the application; it is not used here.
#[derive(QueryableByName)]
struct UserVersion {
    #[diesel(sql_type = Integer)]
    user_version: i32,
}

enum Inner {
    Mysql(Box<AsyncMysqlConnection>),
    Sqlite(Box<AnyConnection>),
}

impl From<AsyncMysqlConnection> for Connection {
    fn from(connection: AsyncMysqlConnection) -> Self {
        Self::new(Inner::Mysql(Box::new(connection)), StatementCache::for_mysql())
    }
}

impl From<SqliteConnection> for Connection {
    fn from(connection: SqliteConnection) -> Self {
        Self::new(
            Inner::Sqlite(Box::new(AnyConnection::Sqlite(connection))),
            StatementCache::for_sqlite(),
        )
    }
}

impl Connection {
    fn new(inner: Inner, statements: StatementCache) -> Self {
        Self { inner, statements, is_dead: false, is_read_only: false }
    }

    /// Returns the connection to MySQL, for queries that only MySQL understands; `None` on SQLite.
    pub fn as_mysql(&mut self) -> Option<&mut AsyncMysqlConnection> {
        match &mut self.inner {
            Inner::Mysql(connection) => Some(connection),
            Inner::Sqlite(_) => None,
        }
    }

    /// Runs SQL given as a text; it may hold several statements.
    pub async fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        match &mut self.inner {
            Inner::Mysql(connection) => connection.batch_execute(query).await,
            Inner::Sqlite(connection) => connection.batch_execute(query),
        }
    }

    pub(crate) async fn execute<T>(&mut self, query: T) -> QueryResult<usize>
    where
        T: QueryFragment<MultiBackend> + QueryId,
    {
        let query = self.statements.prepare(query)?;
        match &mut self.inner {
            Inner::Mysql(connection) => connection.execute_returning_count(query).await,
            Inner::Sqlite(connection) => connection.execute_returning_count(&query),
        }
    }

    pub(crate) async fn load<T, U, ST>(&mut self, query: T) -> QueryResult<Vec<U>>
    where
        T: Query + QueryFragment<MultiBackend> + QueryId,
        T::SqlType: CompatibleType<U, MultiBackend, SqlType = ST>,
        U: FromSqlRow<ST, MultiBackend>,
        MultiBackend: QueryMetadata<T::SqlType>,
    {
        let read = |row: &MultiRow<'_, '_>| U::build_from_row(row).map_err(DeserializationError);
        let query = self.statements.prepare(query)?;
        match &mut self.inner {
            Inner::Mysql(connection) => {
                let rows = connection.load(query).await?;
                rows.map(|row| read(&MultiRow::Mysql(row?))).try_collect().await
            }
            Inner::Sqlite(connection) => connection.load(query)?.map(|row| read(&row?)).collect(),
        }
    }

    /// Tries a write that changes no row and waits for no lock.
    ///
    /// SQLite and MySQL refuse it if they are read-only. It needs no space, so it does not notice a full disk.
    pub(crate) async fn try_write(&mut self) -> QueryResult<()> {
        const NO_ROW: &str = "UPDATE __diesel_schema_migrations SET run_on = run_on WHERE 1 = 0";

        match &mut self.inner {
            Inner::Mysql(connection) => connection.batch_execute(NO_ROW).await,
            Inner::Sqlite(connection) => {
                connection.batch_execute("PRAGMA busy_timeout = 0")?;
                let outcome = connection.batch_execute(NO_ROW);
                connection.batch_execute(BUSY_TIMEOUT)?;
                // The file is locked because another connection writes, so it can be written.
                outcome.or_else(|error| match ErrorCause::of_query(&error) {
                    Some(ErrorCause::FileLocked) => Ok(()),
                    _ => Err(error),
                })
            }
        }
    }

    /// Writes something that changes nothing. On SQLite it does reach the disk, which may be full.
    pub(crate) async fn write_nothing(&mut self) -> QueryResult<()> {
        let Inner::Sqlite(connection) = &mut self.inner else { return self.try_write().await };
        let version: UserVersion = sql_query("SELECT user_version FROM pragma_user_version")
            .get_result(&mut **connection)?;
        connection.batch_execute(&format!("PRAGMA user_version = {}", version.user_version))
    }

    /// Checks that the database answers.
    pub(crate) async fn ping(&mut self) -> QueryResult<()> {
        let answer = match &mut self.inner {
            Inner::Mysql(connection) => connection.batch_execute("DO 1").await,
            Inner::Sqlite(connection) => connection.ping(),
        };
        self.is_dead |= answer.is_err();
        answer
    }

    /// Whether the connection can be used no longer, also because its transaction is in an unknown state.
    pub(crate) fn is_broken(&mut self) -> bool {
        let has_broken_transaction = match &mut self.inner {
            Inner::Mysql(connection) => {
                AnsiTransactionManager::is_broken_transaction_manager(&mut **connection)
            }
            Inner::Sqlite(connection) => AnyConnection::is_broken_transaction_manager(connection),
        };
        self.is_dead || self.is_read_only || has_broken_transaction
    }

    /// Whether the server has refused a write.
    pub(crate) fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    /// Runs the work in one transaction, which is rolled back if the work fails or the deadline has passed.
    pub(crate) async fn transaction<T, E: WorkError>(
        &mut self,
        deadline: Instant,
        work: &impl AsyncFn(&mut Self) -> Result<T, E>,
    ) -> Result<T, Failure<E>> {
        if let Err(error) = self.begin().await {
            return Err(self.classify(E::from(error.into())).await);
        }
        let error = match work(self).await {
            Ok(value) if Instant::now() < deadline => {
                return match self.commit().await {
                    Ok(()) => Ok(value),
                    Err(error) => Err(self.classify_commit(error)),
                };
            }
            Ok(_) => Error::TooLate.into(),
            Err(error) => error,
        };
        if let Err(rollback) = self.roll_back().await {
            log::warn!("event=not_rolled_back error={:?}", rollback.to_string());
        }
        Err(self.classify(error).await)
    }

    async fn begin(&mut self) -> QueryResult<()> {
        match &mut self.inner {
            Inner::Mysql(connection) => {
                AnsiTransactionManager::begin_transaction(&mut **connection).await
            }
            Inner::Sqlite(connection) => connection.begin(),
        }
    }

    async fn commit(&mut self) -> QueryResult<()> {
        match &mut self.inner {
            Inner::Mysql(connection) => {
                AnsiTransactionManager::commit_transaction(&mut **connection).await
            }
            Inner::Sqlite(connection) => AnyConnection::commit_transaction(connection),
        }
    }

    async fn roll_back(&mut self) -> QueryResult<()> {
        match &mut self.inner {
            Inner::Mysql(connection) => {
                AnsiTransactionManager::rollback_transaction(&mut **connection).await
            }
            Inner::Sqlite(connection) => AnyConnection::rollback_transaction(connection),
        }
    }

    /// Decides whether a failure is transient.
    ///
    /// Diesel reports a cut connection like any other failure, so a ping shows whether it is alive.
    pub(crate) async fn classify<E: WorkError>(&mut self, error: E) -> Failure<E> {
        let Some(failure) = error.database_failure() else {
            return Failure::Final(error);
        };
        let cause = ErrorCause::of_failure(failure);
        self.note(cause);
        if cause.is_some_and(ErrorCause::is_transient) || self.ping().await.is_err() {
            Failure::Transient(error)
        } else {
            Failure::Final(error)
        }
    }

    /// Decides whether a failed COMMIT is transient. If its cause is unknown, it may have been committed.
    fn classify_commit<E: WorkError>(&mut self, error: QueryError) -> Failure<E> {
        let cause = ErrorCause::of_query(&error);
        self.note(cause);
        let error = E::from(error.into());
        if cause.is_some_and(ErrorCause::is_transient) {
            Failure::Transient(error)
        } else {
            Failure::Final(error)
        }
    }

    /// Marks the connection to a read-only server as unusable, so that the next attempt may find another server.
    fn note(&mut self, cause: Option<ErrorCause>) {
        self.is_read_only |= cause.is_some_and(ErrorCause::is_read_only);
    }
}
