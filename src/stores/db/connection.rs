//! One connection, and a transaction on it.

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
    result::Error::DeserializationError,
    sql_query,
    sql_types::Integer,
};
use diesel_async::{
    AnsiTransactionManager, AsyncConnectionCore as _, AsyncMysqlConnection,
    SimpleAsyncConnection as _, TransactionManager as _,
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::time::Instant;

use super::{
    cached::Texts,
    either::{Either, MultiBackend, MultiRow},
    failure::{Failure, is_misled, is_passing},
    file::BUSY_TIMEOUT,
};
use crate::errors::Error;

/// What a query runs on: the same query for both databases.
///
/// A file is asked at once, on a thread that may block; a server is awaited. Whoever stops waiting for an answer
/// has to drop the connection with it: the conversation is in no known state.
pub struct Connection {
    database: Database,
    texts: Texts,
    /// It did not answer.
    is_dead: bool,
    /// Its server took no writes.
    is_misled: bool,
}

/// The number that SQLite keeps in the file for whoever has a use for it.
#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Integer)]
    user_version: i32,
}

enum Database {
    Mysql(Box<AsyncMysqlConnection>),
    Sqlite(Box<Either>),
}

impl From<AsyncMysqlConnection> for Connection {
    fn from(connection: AsyncMysqlConnection) -> Self {
        Self::new(Database::Mysql(Box::new(connection)), Texts::of_mysql())
    }
}

impl From<SqliteConnection> for Connection {
    fn from(connection: SqliteConnection) -> Self {
        Self::new(Database::Sqlite(Box::new(Either::Sqlite(connection))), Texts::of_sqlite())
    }
}

impl Connection {
    fn new(database: Database, texts: Texts) -> Self {
        Self { database, texts, is_dead: false, is_misled: false }
    }

    /// MySQL's or MariaDB's own, where it needs words of its own; `None` on SQLite.
    pub fn as_mysql(&mut self) -> Option<&mut AsyncMysqlConnection> {
        match &mut self.database {
            Database::Mysql(it) => Some(it),
            Database::Sqlite(_) => None,
        }
    }

    /// Runs statements that are written as a text.
    pub async fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        match &mut self.database {
            Database::Mysql(it) => it.batch_execute(query).await,
            Database::Sqlite(it) => it.batch_execute(query),
        }
    }

    pub(super) async fn execute<T>(&mut self, query: T) -> QueryResult<usize>
    where
        T: QueryFragment<MultiBackend> + QueryId,
    {
        let query = self.texts.of(query)?;
        match &mut self.database {
            Database::Mysql(it) => it.execute_returning_count(query).await,
            Database::Sqlite(it) => it.execute_returning_count(&query),
        }
    }

    pub(super) async fn load<T, U, ST>(&mut self, query: T) -> QueryResult<Vec<U>>
    where
        T: Query + QueryFragment<MultiBackend> + QueryId,
        T::SqlType: CompatibleType<U, MultiBackend, SqlType = ST>,
        U: FromSqlRow<ST, MultiBackend>,
        MultiBackend: QueryMetadata<T::SqlType>,
    {
        let read = |row: &MultiRow<'_, '_>| U::build_from_row(row).map_err(DeserializationError);
        let query = self.texts.of(query)?;
        match &mut self.database {
            Database::Mysql(it) => {
                let rows = it.load(query).await?;
                rows.map(|row| read(&MultiRow::Mysql(row?))).try_collect().await
            }
            Database::Sqlite(it) => it.load(query)?.map(|row| read(&row?)).collect(),
        }
    }

    /// Whether the database takes writes: tries one that changes no row and waits for nobody's lock.
    ///
    /// SQLite and MySQL refuse it as any other where they are read-only; it takes no room on a disk, so it finds no full one.
    pub(super) async fn try_write(&mut self) -> QueryResult<()> {
        const NO_ROW: &str = "UPDATE __diesel_schema_migrations SET run_on = run_on WHERE 1 = 0";

        match &mut self.database {
            Database::Mysql(it) => it.batch_execute(NO_ROW).await,
            Database::Sqlite(it) => {
                it.batch_execute("PRAGMA busy_timeout = 0")?;
                let outcome = it.batch_execute(NO_ROW);
                it.batch_execute(BUSY_TIMEOUT)?;
                // Somebody writes, so it can be written.
                outcome.or_else(|error| if is_passing(&error) { Ok(()) } else { Err(error) })
            }
        }
    }

    /// Writes something that changes nothing: to the disk, where that is cheap, which is where it may be full.
    pub(super) async fn write_nothing(&mut self) -> QueryResult<()> {
        let Database::Sqlite(it) = &mut self.database else { return self.try_write().await };
        let version: Version =
            sql_query("SELECT user_version FROM pragma_user_version").get_result(&mut **it)?;
        it.batch_execute(&format!("PRAGMA user_version = {}", version.user_version))
    }

    /// Whether the database answers.
    pub(super) async fn ping(&mut self) -> QueryResult<()> {
        let answer = match &mut self.database {
            Database::Mysql(it) => it.batch_execute("DO 1").await,
            Database::Sqlite(it) => it.ping(),
        };
        self.is_dead |= answer.is_err();
        answer
    }

    /// Whether it is of no more use: also where nobody knows what transaction it is in.
    pub(super) fn is_lost(&mut self) -> bool {
        let is_astray = match &mut self.database {
            Database::Mysql(it) => AnsiTransactionManager::is_broken_transaction_manager(&mut **it),
            Database::Sqlite(it) => Either::is_broken_transaction_manager(it),
        };
        self.is_dead || self.is_misled || is_astray
    }

    /// Whether its server took no writes.
    pub(super) fn is_misled(&self) -> bool {
        self.is_misled
    }

    /// Runs the work in one transaction, undone when the work fails or the caller no longer waits.
    pub(super) async fn transaction<T>(
        &mut self,
        deadline: Instant,
        work: &impl AsyncFn(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        if let Err(error) = self.begin().await {
            return Err(self.judge(error.into()).await);
        }
        let error = match work(self).await {
            Ok(value) if Instant::now() < deadline => {
                return match self.commit().await {
                    Ok(()) => Ok(value),
                    Err(error) if is_passing(&error) => Err(self.passing(error.into())),
                    // The server may or may not have heard it.
                    Err(error) => Err(Failure::Final(error.into())),
                };
            }
            Ok(_) => Error::store("too late to commit"),
            Err(error) => error,
        };
        if let Err(rollback) = self.roll_back().await {
            log::warn!("event=not_rolled_back error={:?}", rollback.to_string());
        }
        Err(self.judge(error).await)
    }

    async fn begin(&mut self) -> QueryResult<()> {
        match &mut self.database {
            Database::Mysql(it) => AnsiTransactionManager::begin_transaction(&mut **it).await,
            Database::Sqlite(it) => it.begin(),
        }
    }

    async fn commit(&mut self) -> QueryResult<()> {
        match &mut self.database {
            Database::Mysql(it) => AnsiTransactionManager::commit_transaction(&mut **it).await,
            Database::Sqlite(it) => Either::commit_transaction(it),
        }
    }

    async fn roll_back(&mut self) -> QueryResult<()> {
        match &mut self.database {
            Database::Mysql(it) => AnsiTransactionManager::rollback_transaction(&mut **it).await,
            Database::Sqlite(it) => Either::rollback_transaction(it),
        }
    }

    /// Tells what passes from what does not.
    ///
    /// Diesel reports a cut connection like any other failure, so it is asked whether it still lives.
    pub(super) async fn judge(&mut self, error: Error) -> Failure {
        let Error::Store(source) = &error else {
            return Failure::Final(error);
        };
        let passing = source.downcast_ref::<diesel::result::Error>().is_some_and(is_passing);
        if passing || self.ping().await.is_err() {
            self.passing(error)
        } else {
            Failure::Final(error)
        }
    }

    /// Leaves a server that takes no writes, so that the next attempt may find another.
    fn passing(&mut self, error: Error) -> Failure {
        if let Error::Store(source) = &error
            && source.downcast_ref::<diesel::result::Error>().is_some_and(is_misled)
        {
            self.is_misled = true;
        }
        Failure::Passing(error)
    }
}
