//! Statements that Diesel would prepare anew each time, kept prepared.

use diesel::{
    QueryResult,
    mysql::Mysql,
    query_builder::{AstPass, Query, QueryBuilder as _, QueryFragment, QueryId},
};

type MysqlQueryBuilder = <Mysql as diesel::backend::Backend>::QueryBuilder;

/// Values in one statement. Beyond it are lists of any length, of which none is worth keeping.
const MOST_BINDS: usize = 24;

/// A query whose statement stays with the connection.
///
/// Diesel takes every UPDATE and every `IN (…)` for a text that will not come again, and prepares,
/// executes and closes it: three messages instead of one. Ours are few, and come again all day.
pub(super) struct Cached<T>(pub(super) T);

impl<T: QueryId> QueryId for Cached<T> {
    type QueryId = T::QueryId;
    const HAS_STATIC_QUERY_ID: bool = T::HAS_STATIC_QUERY_ID;
}

impl<T: Query> Query for Cached<T> {
    type SqlType = T::SqlType;
}

impl<T: QueryFragment<Mysql>> QueryFragment<Mysql> for Cached<T> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Mysql>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, backend: &Mysql) -> QueryResult<bool> {
        if self.0.is_safe_to_cache_prepared(backend)? {
            return Ok(true);
        }
        let mut sql = MysqlQueryBuilder::default();
        self.0.to_sql(&mut sql, backend)?;
        Ok(sql.finish().matches('?').count() <= MOST_BINDS)
    }
}
