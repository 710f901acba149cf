//! One connection, and a transaction on it.

use diesel::{
    ConnectionResult, QueryResult,
    connection::{
        CacheSize, Connection as DieselConnection, ConnectionSealed, Instrumentation,
        LoadConnection, SimpleConnection, TransactionManager, TransactionManagerStatus,
    },
    expression::QueryMetadata,
    query_builder::{Query, QueryFragment, QueryId},
    r2d2::R2D2Connection as _,
};
use tokio::time::Instant;

use super::{
    cached::Texts,
    either::{Either, MultiBackend},
    failure::{Failure, is_misled, is_passing},
};
use crate::errors::Error;

/// What a query runs on: the same query for both databases.
pub struct Connection {
    either: Either,
    texts: Texts,
}

impl Connection {
    pub(super) fn new(either: Either) -> Self {
        Self { either, texts: Texts::default() }
    }

    /// Which database it is: where one needs its own dialect (`FOR UPDATE`), a `match` on this has it.
    pub fn either(&mut self) -> &mut Either {
        &mut self.either
    }

    /// Runs the work in one transaction, undone when the work fails or the caller no longer waits.
    pub(super) fn transaction<T>(
        &mut self,
        deadline: Instant,
        work: impl Fn(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        if let Err(error) = Transactions::begin_transaction(self) {
            return Err(self.judge(error.into()));
        }
        let error = match work(self) {
            Ok(value) if Instant::now() < deadline => {
                return match Transactions::commit_transaction(self) {
                    Ok(()) => Ok(value),
                    Err(error) if is_passing(&error) => Err(self.passing(error.into())),
                    // The server may or may not have heard it.
                    Err(error) => Err(Failure::Final(error.into())),
                };
            }
            Ok(_) => Error::store("too late to commit"),
            Err(error) => error,
        };
        if let Err(rollback) = Transactions::rollback_transaction(self) {
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
        if passing || self.either.ping().is_err() {
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
            self.either.give_up();
        }
        Failure::Passing(error)
    }
}

impl SimpleConnection for Connection {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.either.batch_execute(query)
    }
}

impl ConnectionSealed for Connection {}

impl DieselConnection for Connection {
    type Backend = MultiBackend;
    type TransactionManager = Transactions;

    fn establish(url: &str) -> ConnectionResult<Self> {
        Either::establish(url).map(Self::new)
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<MultiBackend> + QueryId,
    {
        let query = self.texts.of(source, &self.either)?;
        self.either.execute_returning_count(&query)
    }

    fn transaction_state(&mut self) -> &mut Either {
        &mut self.either
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        self.either.instrumentation()
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.either.set_instrumentation(instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.either.set_prepared_statement_cache_size(size);
    }
}

impl LoadConnection for Connection {
    type Cursor<'conn, 'query> = <Either as LoadConnection>::Cursor<'conn, 'query>;
    type Row<'conn, 'query> = <Either as LoadConnection>::Row<'conn, 'query>;

    fn load<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> QueryResult<Self::Cursor<'conn, 'query>>
    where
        T: Query + QueryFragment<MultiBackend> + QueryId + 'query,
        MultiBackend: QueryMetadata<T::SqlType>,
    {
        let query = self.texts.of(source, &self.either)?;
        self.either.load(query)
    }
}

/// BEGIN, COMMIT and ROLLBACK, counted by the connection inside.
pub struct Transactions;

impl TransactionManager<Connection> for Transactions {
    type TransactionStateData = Either;

    fn begin_transaction(connection: &mut Connection) -> QueryResult<()> {
        connection.either.begin()
    }

    fn rollback_transaction(connection: &mut Connection) -> QueryResult<()> {
        Either::rollback_transaction(&mut connection.either)
    }

    fn commit_transaction(connection: &mut Connection) -> QueryResult<()> {
        Either::commit_transaction(&mut connection.either)
    }

    fn transaction_manager_status_mut(
        connection: &mut Connection,
    ) -> &mut TransactionManagerStatus {
        Either::transaction_manager_status_mut(&mut connection.either)
    }

    fn is_broken_transaction_manager(connection: &mut Connection) -> bool {
        Either::is_broken_transaction_manager(&mut connection.either)
    }
}
