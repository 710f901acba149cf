//! A synchronous diesel connection over the MySQL client written in Rust, with no system library behind it.

use std::{future::Future, io, time::Duration, vec};

use diesel::{
    ConnectionError, ConnectionResult, QueryResult,
    connection::{
        CacheSize, Connection, ConnectionSealed, Instrumentation, LoadConnection,
        MultiConnectionHelper, SimpleConnection, TransactionManager, TransactionManagerStatus,
    },
    expression::QueryMetadata,
    migration::{CREATE_MIGRATIONS_TABLE, MigrationConnection},
    mysql::Mysql,
    query_builder::{Query, QueryFragment, QueryId},
    r2d2::R2D2Connection,
    result::{DatabaseErrorKind, Error},
};
use diesel_async::{
    AnsiTransactionManager as Counter, AsyncConnection as _, AsyncConnectionCore,
    AsyncMysqlConnection, SimpleAsyncConnection as _, TransactionManager as _,
};
use futures_util::StreamExt as _;
use mysql_async::{Conn, Opts, OptsBuilder};
use tokio::{
    runtime::{Builder, Runtime},
    time::{Instant, timeout, timeout_at},
};

/// Less than the pool waits, so that its error says why.
const CONNECT: Duration = Duration::from_millis(1800);

/// What every connection agrees with the server.
///
/// English, because two of its messages are read by us; READ COMMITTED, because it deadlocks less and
/// a statement that waited for a lock then sees what the other wrote; one second for a lock, so that
/// a second try still fits into the answer.
const SETTINGS: &str = "SET time_zone = '+00:00', lc_messages = 'en_US', \
    sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', \
    innodb_lock_wait_timeout = 1; \
    SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// One connection, driven by a small runtime of its own on the thread that uses it.
///
/// Never on an async worker: it blocks, and tokio panics there. Nothing it does outlives `deadline`;
/// what was cut off leaves the conversation in an unknown state, so the connection is `lost` for good.
pub struct MysqlConnection {
    inner: AsyncMysqlConnection,
    reactor: Reactor,
    deadline: Instant,
    lost: bool,
    misled: bool,
}

/// As diesel does it, which knows statements by heart itself and counts rows found, not changed.
async fn greet(server: &Opts) -> ConnectionResult<AsyncMysqlConnection> {
    let server = OptsBuilder::from_opts(server.clone()).stmt_cache_size(0).client_found_rows(true);
    let connection = Conn::new(server).await;
    let connection = connection.map_err(|it| ConnectionError::BadConnection(it.to_string()))?;
    AsyncMysqlConnection::try_from(connection).await
}

impl MysqlConnection {
    /// Opens a connection.
    pub fn open(server: &Opts) -> ConnectionResult<Self> {
        let reactor =
            Reactor::new().map_err(|it| ConnectionError::BadConnection(it.to_string()))?;
        let inner = reactor
            .block_on(async { timeout(CONNECT, greet(server)).await })
            .and_then(Result::ok)
            .unwrap_or_else(|| Err(ConnectionError::BadConnection("no answer".to_owned())))?;
        let deadline = Instant::now() + CONNECT;
        let mut connection = Self { inner, reactor, deadline, lost: false, misled: false };
        connection.batch_execute(SETTINGS).map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    }

    /// Gives the connection up: its server takes no writes, and another one may.
    pub fn give_up(&mut self) {
        self.lost = true;
        self.misled = true;
    }

    /// Whether it was given up.
    pub fn is_misled(&self) -> bool {
        self.misled
    }

    /// Bounds everything that follows.
    pub fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = deadline;
    }

    fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut AsyncMysqlConnection) -> QueryResult<T>,
    ) -> QueryResult<T> {
        if self.lost {
            return Err(failure("the connection was lost"));
        }
        let Self { inner, reactor, deadline, .. } = self;
        let deadline = *deadline;
        let answer = reactor.block_on(async { timeout_at(deadline, work(inner)).await });
        answer.and_then(Result::ok).unwrap_or_else(|| {
            self.lost = true;
            Err(failure("the server did not answer in time"))
        })
    }
}

impl SimpleConnection for MysqlConnection {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.run(async |inner| inner.batch_execute(query).await)
    }
}

impl ConnectionSealed for MysqlConnection {}

impl Connection for MysqlConnection {
    type Backend = Mysql;
    type TransactionManager = Transactions;

    fn establish(url: &str) -> ConnectionResult<Self> {
        let server = Opts::from_url(url)
            .map_err(|it| ConnectionError::InvalidConnectionUrl(it.to_string()))?;
        Self::open(&server)
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Mysql> + QueryId,
    {
        self.run(async |inner| inner.execute_returning_count(source).await)
    }

    fn transaction_state(&mut self) -> &mut Counter {
        self.inner.transaction_state()
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        self.inner.instrumentation()
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.inner.set_instrumentation(instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.inner.set_prepared_statement_cache_size(size);
    }
}

impl LoadConnection for MysqlConnection {
    /// All rows at once: our answers are small, and the connection is free again.
    type Cursor<'conn, 'query> = vec::IntoIter<QueryResult<Self::Row<'conn, 'query>>>;
    type Row<'conn, 'query> = <AsyncMysqlConnection as AsyncConnectionCore>::Row<'conn, 'query>;

    fn load<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> QueryResult<Self::Cursor<'conn, 'query>>
    where
        T: Query + QueryFragment<Mysql> + QueryId + 'query,
        Mysql: QueryMetadata<T::SqlType>,
    {
        self.run(async |inner| Ok(inner.load(source).await?.collect::<Vec<_>>().await.into_iter()))
    }
}

/// BEGIN, COMMIT and ROLLBACK, counted by the connection inside.
pub struct Transactions;

impl TransactionManager<MysqlConnection> for Transactions {
    type TransactionStateData = Counter;

    fn begin_transaction(connection: &mut MysqlConnection) -> QueryResult<()> {
        connection.run(async |inner| Counter::begin_transaction(inner).await)
    }

    fn rollback_transaction(connection: &mut MysqlConnection) -> QueryResult<()> {
        connection.run(async |inner| Counter::rollback_transaction(inner).await)
    }

    fn commit_transaction(connection: &mut MysqlConnection) -> QueryResult<()> {
        connection.run(async |inner| Counter::commit_transaction(inner).await)
    }

    fn transaction_manager_status_mut(
        connection: &mut MysqlConnection,
    ) -> &mut TransactionManagerStatus {
        Counter::transaction_manager_status_mut(&mut connection.inner)
    }

    fn is_broken_transaction_manager(connection: &mut MysqlConnection) -> bool {
        Counter::is_broken_transaction_manager(&mut connection.inner)
    }
}

impl R2D2Connection for MysqlConnection {
    fn ping(&mut self) -> QueryResult<()> {
        let answer = self.batch_execute("DO 1");
        self.lost |= answer.is_err();
        answer
    }

    fn is_broken(&mut self) -> bool {
        self.lost || Transactions::is_broken_transaction_manager(self)
    }
}

impl MigrationConnection for MysqlConnection {
    /// Looks before it creates: an account without the right to create tables may still ask what is pending.
    fn setup(&mut self) -> QueryResult<usize> {
        self.batch_execute("SELECT 1 FROM __diesel_schema_migrations LIMIT 1")
            .or_else(|_| self.batch_execute(CREATE_MIGRATIONS_TABLE))
            .map(|()| 0)
    }
}

impl MultiConnectionHelper for MysqlConnection {
    fn to_any<'a>(lookup: &mut ()) -> &mut (dyn std::any::Any + 'a) {
        lookup
    }

    fn from_any(lookup: &mut dyn std::any::Any) -> Option<&mut ()> {
        lookup.downcast_mut()
    }
}

/// A runtime that may be dropped anywhere; tokio's own panics when dropped inside another.
struct Reactor(Option<Runtime>);

impl Reactor {
    fn new() -> io::Result<Self> {
        Ok(Self(Some(Builder::new_current_thread().enable_io().enable_time().build()?)))
    }

    /// `None` cannot happen: only `drop` takes the runtime.
    fn block_on<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.0.as_ref().map(|it| it.block_on(work))
    }
}

impl Drop for Reactor {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn failure(message: &str) -> Error {
    Error::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(message.to_owned()))
}
