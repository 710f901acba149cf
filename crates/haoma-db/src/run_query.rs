//! Diesel's methods that run a query, awaited, on either database.

use std::future::Future;

use diesel::{
    QueryResult,
    deserialize::FromSqlRow,
    dsl::Limit,
    expression::QueryMetadata,
    query_builder::{AsQuery, QueryFragment, QueryId},
    query_dsl::{CompatibleType, methods::LimitDsl},
    result::Error::NotFound,
};

use crate::{Connection, migrate::MultiBackend};

/// The methods that run a query. They have the names and meanings of Diesel's own trait, which blocks.
pub trait RunQueryDsl: Sized + Send {
    /// Runs the query and returns how many rows it found.
    fn execute(self, connection: &mut Connection) -> impl Future<Output = QueryResult<usize>> + Send
    where
        Self: QueryFragment<MultiBackend> + QueryId,
    {
        connection.execute(self)
    }

    /// Returns all rows of the query.
    fn load<U>(
        self,
        connection: &mut Connection,
    ) -> impl Future<Output = QueryResult<Vec<U>>> + Send
    where
        Self: LoadQuery<U>,
    {
        self.load_all(connection)
    }

    /// Returns the first row of the query, or [`NotFound`] if it has none.
    fn get_result<U>(
        self,
        connection: &mut Connection,
    ) -> impl Future<Output = QueryResult<U>> + Send
    where
        Self: LoadQuery<U>,
    {
        let rows = self.load_all(connection);
        async { rows.await?.into_iter().next().ok_or(NotFound) }
    }

    /// Does the same with `LIMIT 1`.
    fn first<U>(self, connection: &mut Connection) -> impl Future<Output = QueryResult<U>> + Send
    where
        Self: LimitDsl,
        Limit<Self>: RunQueryDsl + LoadQuery<U>,
    {
        self.limit(1).get_result(connection)
    }
}

impl<T: Send> RunQueryDsl for T {}

/// A query whose rows can be read as `U`.
pub trait LoadQuery<U>: Sized {
    /// Returns all rows at once: results are small here, and the connection is free again.
    fn load_all(
        self,
        connection: &mut Connection,
    ) -> impl Future<Output = QueryResult<Vec<U>>> + Send;
}

impl<T, U, ST> LoadQuery<U> for T
where
    T: AsQuery + Send,
    T::Query: QueryFragment<MultiBackend> + QueryId + Send,
    T::SqlType: CompatibleType<U, MultiBackend, SqlType = ST>,
    U: FromSqlRow<ST, MultiBackend> + Send,
    MultiBackend: QueryMetadata<T::SqlType>,
{
    fn load_all(
        self,
        connection: &mut Connection,
    ) -> impl Future<Output = QueryResult<Vec<U>>> + Send {
        connection.load(self.as_query())
    }
}
