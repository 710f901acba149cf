//! Keeps statements prepared that Diesel would prepare again each time, and builds the text of a query once.

use std::{
    any::TypeId,
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use diesel::{
    QueryResult,
    backend::Backend,
    internal::derives::multiconnection::AstPassHelper as _,
    mysql::{Mysql, MysqlQueryBuilder},
    query_builder::{
        AstPass, Query, QueryBuilder as _, QueryFragment, QueryId,
        bind_collector::RawBytesBindCollector,
    },
    sqlite::{Sqlite, SqliteQueryBuilder},
};

use crate::migrate::{MultiBackend, MultiBindCollector, MultiQueryBuilder};

/// Statements with more parameters than this are not kept: those are lists and rows of any number, whose text
/// rarely comes again.
const MAX_BINDS: usize = 24;

/// The SQL of queries whose type alone determines it.
pub(crate) struct StatementCache {
    backend: MultiBackend,
    sql: HashMap<TypeId, Arc<str>>,
}

impl StatementCache {
    /// Creates a cache of SQL for MySQL.
    pub(crate) fn for_mysql() -> Self {
        Self { backend: MultiBackend::Mysql(Mysql), sql: HashMap::new() }
    }

    /// Creates a cache of SQL for SQLite.
    pub(crate) fn for_sqlite() -> Self {
        Self { backend: MultiBackend::Sqlite(Sqlite), sql: HashMap::new() }
    }

    /// Returns the query with its SQL, which is built now unless it is in the cache.
    pub(crate) fn prepare<T>(&mut self, query: T) -> QueryResult<CachedQuery<T>>
    where
        T: QueryFragment<MultiBackend> + QueryId,
    {
        let sql = match T::query_id().map(|id| self.sql.entry(id)) {
            Some(Entry::Occupied(known)) => Arc::clone(known.get()),
            Some(Entry::Vacant(entry)) => Arc::clone(entry.insert(render(&query, &self.backend)?)),
            None => render(&query, &self.backend)?,
        };
        let keep_prepared = sql.bytes().filter(|byte| *byte == b'?').count() <= MAX_BINDS;
        Ok(CachedQuery { query, sql, keep_prepared })
    }
}

fn render(
    query: &impl QueryFragment<MultiBackend>,
    backend: &MultiBackend,
) -> QueryResult<Arc<str>> {
    let mut builder = match backend {
        MultiBackend::Mysql(_) => MultiQueryBuilder::Mysql(MysqlQueryBuilder::new()),
        MultiBackend::Sqlite(_) => MultiQueryBuilder::Sqlite(SqliteQueryBuilder::new()),
    };
    query.to_sql(&mut builder, backend)?;
    Ok(builder.finish().into())
}

/// A query whose statement stays prepared on the connection.
///
/// Diesel prepares, executes and closes every UPDATE and every `IN (…)`, since their text may never come again: three
/// messages instead of one. Here there are few of them, and they come all day. Besides, each question that Diesel asks
/// of a query for two databases makes it build its SQL, four times a run.
pub(crate) struct CachedQuery<T> {
    query: T,
    sql: Arc<str>,
    keep_prepared: bool,
}

impl<T> CachedQuery<T> {
    fn append_to<DB: Backend>(&self, pass: &mut AstPass<'_, '_, DB>) {
        pass.push_sql(&self.sql);
        if !self.keep_prepared {
            pass.unsafe_to_cache_prepared();
        }
    }
}

impl<T: QueryId> QueryId for CachedQuery<T> {
    type QueryId = T::QueryId;
    const HAS_STATIC_QUERY_ID: bool = T::HAS_STATIC_QUERY_ID;
}

impl<T: Query> Query for CachedQuery<T> {
    type SqlType = T::SqlType;
}

/// Used for SQLite, through [`AnyConnection`](super::migrate::AnyConnection).
impl<T: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for CachedQuery<T> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if pass.bind_collector().is_some() || pass.debug_binds().is_some() {
            return self.query.walk_ast(pass);
        }
        self.append_to(&mut pass);
        Ok(())
    }
}

/// Used for MySQL, whose own connection runs the query.
impl<T: QueryFragment<MultiBackend>> QueryFragment<Mysql> for CachedQuery<T> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Mysql>) -> QueryResult<()> {
        self.append_to(&mut pass);
        if let Some((collector, lookup)) = pass.bind_collector() {
            let mut binds = MultiBindCollector::Mysql(RawBytesBindCollector::new());
            self.query.collect_binds(&mut binds, lookup, &MultiBackend::Mysql(Mysql))?;
            if let MultiBindCollector::Mysql(binds) = binds {
                *collector = binds;
            }
        }
        Ok(())
    }
}
