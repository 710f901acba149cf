//! Statements that Diesel would prepare anew each time, kept prepared, their text written once.

use std::cell::OnceCell;

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
/// executes and closes it: three messages instead of one. Ours are few, and come again all day. Whatever is
/// asked of a query that serves two databases makes it write its text, so it is asked for that once.
pub(super) struct Cached<T> {
    query: T,
    text: OnceCell<String>,
}

impl<T: QueryFragment<Mysql>> Cached<T> {
    pub(super) fn new(query: T) -> Self {
        Self { query, text: OnceCell::new() }
    }

    fn text(&self) -> QueryResult<&str> {
        if let Some(text) = self.text.get() {
            return Ok(text);
        }
        let mut sql = MysqlQueryBuilder::default();
        self.query.to_sql(&mut sql, &Mysql)?;
        Ok(self.text.get_or_init(|| sql.finish()))
    }
}

impl<T: QueryId> QueryId for Cached<T> {
    type QueryId = T::QueryId;
    const HAS_STATIC_QUERY_ID: bool = T::HAS_STATIC_QUERY_ID;
}

impl<T: Query> Query for Cached<T> {
    type SqlType = T::SqlType;
}

impl<T: QueryFragment<Mysql>> QueryFragment<Mysql> for Cached<T> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Mysql>) -> QueryResult<()> {
        self.query.walk_ast(pass)
    }

    fn to_sql(&self, out: &mut MysqlQueryBuilder, _: &Mysql) -> QueryResult<()> {
        out.push_sql(self.text()?);
        Ok(())
    }

    fn is_safe_to_cache_prepared(&self, backend: &Mysql) -> QueryResult<bool> {
        let is_short = self.text()?.matches('?').count() <= MOST_BINDS;
        Ok(is_short || self.query.is_safe_to_cache_prepared(backend)?)
    }
}
