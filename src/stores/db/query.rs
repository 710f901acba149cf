//! Diesel's verbs, awaited, on either database.

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

use super::{connection::Connection, either::MultiBackend};

/// What can be done with a query; named and meant like Diesel's own trait, which blocks.
pub trait RunQueryDsl: Sized + Send {
    /// Runs it, and tells how many rows it was about.
    fn execute(self, connection: &mut Connection) -> impl Future<Output = QueryResult<usize>> + Send
    where
        Self: QueryFragment<MultiBackend> + QueryId,
    {
        connection.execute(self)
    }

    /// Its rows.
    fn load<U>(
        self,
        connection: &mut Connection,
    ) -> impl Future<Output = QueryResult<Vec<U>>> + Send
    where
        Self: LoadQuery<U>,
    {
        self.rows(connection)
    }

    /// Its first row; [`NotFound`] where it has none.
    fn get_result<U>(
        self,
        connection: &mut Connection,
    ) -> impl Future<Output = QueryResult<U>> + Send
    where
        Self: LoadQuery<U>,
    {
        let rows = self.rows(connection);
        async { rows.await?.into_iter().next().ok_or(NotFound) }
    }

    /// The same, and asks for no other.
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
    /// All of them: our answers are small, and the connection is free again.
    fn rows(self, connection: &mut Connection) -> impl Future<Output = QueryResult<Vec<U>>> + Send;
}

impl<T, U, ST> LoadQuery<U> for T
where
    T: AsQuery + Send,
    T::Query: QueryFragment<MultiBackend> + QueryId + Send,
    T::SqlType: CompatibleType<U, MultiBackend, SqlType = ST>,
    U: FromSqlRow<ST, MultiBackend> + Send,
    MultiBackend: QueryMetadata<T::SqlType>,
{
    fn rows(self, connection: &mut Connection) -> impl Future<Output = QueryResult<Vec<U>>> + Send {
        connection.load(self.as_query())
    }
}
