//! A synchronous connection to MySQL, which Diesel's migrations need.
//!
//! diesel-async has such a wrapper as well, but `diesel::MultiConnection` asks for `MultiConnectionHelper`, which that one
//! does not implement.

use std::{any::Any, future::Future, io, time::Duration, vec};

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
};
use diesel_async::{
    AnsiTransactionManager as InnerTransactions, AsyncConnection as _, AsyncConnectionCore,
    AsyncMysqlConnection, SimpleAsyncConnection as _, TransactionManager as _,
};
use futures_util::TryStreamExt as _;
use mysql_async::Opts;
use tokio::{
    runtime::{Builder, Runtime},
    time::timeout,
};

use crate::mysql::{ConnectError, connect, connect::closed};

/// How long one statement may take: a migration may change a large table.
const STATEMENT_TIMEOUT: Duration = Duration::from_mins(10);

/// A connection that is driven by a small runtime of its own, on the thread that uses it.
///
/// It must not be used on an async worker: it blocks, and tokio panics there.
pub struct BlockingMysql {
    inner: AsyncMysqlConnection,
    runtime: OwnRuntime,
}

impl BlockingMysql {
    /// Opens a connection.
    pub(super) fn open(server: &Opts) -> Result<Self, ConnectError> {
        let runtime =
            OwnRuntime::new().map_err(|error| ConnectError::Settings(error.to_string()))?;
        let inner = runtime
            .block_on(connect::open(server))
            .unwrap_or_else(|| Err(ConnectError::Settings("no runtime to drive it".to_owned())))?;
        Ok(Self { inner, runtime })
    }

    fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut AsyncMysqlConnection) -> QueryResult<T>,
    ) -> QueryResult<T> {
        let Self { inner, runtime } = self;
        let answer = runtime.block_on(async { timeout(STATEMENT_TIMEOUT, work(inner)).await });
        answer
            .and_then(Result::ok)
            .unwrap_or_else(|| Err(closed("the server did not answer in time")))
    }
}

impl SimpleConnection for BlockingMysql {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.run(async |inner| inner.batch_execute(query).await)
    }
}

impl ConnectionSealed for BlockingMysql {}

impl Connection for BlockingMysql {
    type Backend = Mysql;
    type TransactionManager = Transactions;

    fn establish(url: &str) -> ConnectionResult<Self> {
        let server = Opts::from_url(url)
            .map_err(|error| ConnectionError::InvalidConnectionUrl(error.to_string()))?;
        Ok(Self::open(&server)?)
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Mysql> + QueryId,
    {
        self.run(async |inner| inner.execute_returning_count(source).await)
    }

    fn transaction_state(&mut self) -> &mut InnerTransactions {
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

impl LoadConnection for BlockingMysql {
    /// Holds all rows: there are few, and the connection is free again.
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
        self.run(async |inner| {
            let rows: Vec<_> = inner.load(source).await?.map_ok(Ok).try_collect().await?;
            Ok(rows.into_iter())
        })
    }
}

/// Runs BEGIN, COMMIT and ROLLBACK; the inner connection keeps the state.
pub struct Transactions;

impl TransactionManager<BlockingMysql> for Transactions {
    type TransactionStateData = InnerTransactions;

    fn begin_transaction(connection: &mut BlockingMysql) -> QueryResult<()> {
        connection.run(async |inner| InnerTransactions::begin_transaction(inner).await)
    }

    fn rollback_transaction(connection: &mut BlockingMysql) -> QueryResult<()> {
        connection.run(async |inner| InnerTransactions::rollback_transaction(inner).await)
    }

    fn commit_transaction(connection: &mut BlockingMysql) -> QueryResult<()> {
        connection.run(async |inner| InnerTransactions::commit_transaction(inner).await)
    }

    fn transaction_manager_status_mut(
        connection: &mut BlockingMysql,
    ) -> &mut TransactionManagerStatus {
        InnerTransactions::transaction_manager_status_mut(&mut connection.inner)
    }

    fn is_broken_transaction_manager(connection: &mut BlockingMysql) -> bool {
        InnerTransactions::is_broken_transaction_manager(&mut connection.inner)
    }
}

impl R2D2Connection for BlockingMysql {
    fn ping(&mut self) -> QueryResult<()> {
        self.batch_execute("DO 1")
    }
}

impl MigrationConnection for BlockingMysql {
    /// Creates the table of migrations only if it is missing, so that an account without the right to create tables can
    /// still list the pending migrations.
    fn setup(&mut self) -> QueryResult<usize> {
        self.batch_execute("SELECT 1 FROM __diesel_schema_migrations LIMIT 1")
            .or_else(|_| self.batch_execute(CREATE_MIGRATIONS_TABLE))
            .map(|()| 0)
    }
}

impl MultiConnectionHelper for BlockingMysql {
    fn to_any<'a>(lookup: &mut ()) -> &mut (dyn Any + 'a) {
        lookup
    }

    fn from_any(lookup: &mut dyn Any) -> Option<&mut ()> {
        lookup.downcast_mut()
    }
}

/// A runtime that may be dropped anywhere; tokio's own panics when it is dropped inside another.
struct OwnRuntime(Option<Runtime>);

impl OwnRuntime {
    fn new() -> io::Result<Self> {
        Ok(Self(Some(Builder::new_current_thread().enable_io().enable_time().build()?)))
    }

    /// Never returns `None`, because only `drop` takes the runtime.
    fn block_on<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.0.as_ref().map(|runtime| runtime.block_on(work))
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
