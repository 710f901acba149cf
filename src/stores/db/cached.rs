//! Statements that Diesel would prepare anew each time, kept prepared; their text written once.

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

use super::either::{Binds, MultiBackend, Text};

/// Values in one statement. Beyond are lists of any length and rows of any number, of which none is worth keeping.
const MOST_BINDS: usize = 24;

/// The texts of queries that always read the same, as their types tell.
pub(super) struct Texts {
    backend: MultiBackend,
    known: HashMap<TypeId, Arc<str>>,
}

impl Texts {
    /// In the dialect of MySQL.
    pub(super) fn of_mysql() -> Self {
        Self { backend: MultiBackend::Mysql(Mysql), known: HashMap::new() }
    }

    /// In the dialect of SQLite.
    pub(super) fn of_sqlite() -> Self {
        Self { backend: MultiBackend::Sqlite(Sqlite), known: HashMap::new() }
    }

    /// The query with its text, which is written now unless it is known.
    pub(super) fn of<T>(&mut self, query: T) -> QueryResult<Cached<T>>
    where
        T: QueryFragment<MultiBackend> + QueryId,
    {
        let text = match T::query_id().map(|id| self.known.entry(id)) {
            Some(Entry::Occupied(known)) => Arc::clone(known.get()),
            Some(Entry::Vacant(place)) => Arc::clone(place.insert(written(&query, &self.backend)?)),
            None => written(&query, &self.backend)?,
        };
        let is_worth_keeping = text.bytes().filter(|it| *it == b'?').count() <= MOST_BINDS;
        Ok(Cached { query, text, is_worth_keeping })
    }
}

fn written(
    query: &impl QueryFragment<MultiBackend>,
    backend: &MultiBackend,
) -> QueryResult<Arc<str>> {
    let mut text = match backend {
        MultiBackend::Mysql(_) => Text::Mysql(MysqlQueryBuilder::new()),
        MultiBackend::Sqlite(_) => Text::Sqlite(SqliteQueryBuilder::new()),
    };
    query.to_sql(&mut text, backend)?;
    Ok(text.finish().into())
}

/// A query whose statement stays with the connection.
///
/// Diesel takes every UPDATE and every `IN (…)` for a text that will not come again, and prepares,
/// executes and closes it: three messages instead of one. Ours are few, and come again all day. And whatever it
/// asks of a query that serves two databases makes that write its text, four times for each run.
pub(super) struct Cached<T> {
    query: T,
    text: Arc<str>,
    is_worth_keeping: bool,
}

impl<T> Cached<T> {
    fn write<DB: Backend>(&self, pass: &mut AstPass<'_, '_, DB>) {
        pass.push_sql(&self.text);
        if !self.is_worth_keeping {
            pass.unsafe_to_cache_prepared();
        }
    }
}

impl<T: QueryId> QueryId for Cached<T> {
    type QueryId = T::QueryId;
    const HAS_STATIC_QUERY_ID: bool = T::HAS_STATIC_QUERY_ID;
}

impl<T: Query> Query for Cached<T> {
    type SqlType = T::SqlType;
}

/// For SQLite, by way of [`Either`](super::Either).
impl<T: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Cached<T> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if pass.bind_collector().is_some() || pass.debug_binds().is_some() {
            return self.query.walk_ast(pass);
        }
        self.write(&mut pass);
        Ok(())
    }
}

/// For MySQL itself.
impl<T: QueryFragment<MultiBackend>> QueryFragment<Mysql> for Cached<T> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Mysql>) -> QueryResult<()> {
        self.write(&mut pass);
        if let Some((collector, lookup)) = pass.bind_collector() {
            let mut binds = Binds::Mysql(RawBytesBindCollector::new());
            self.query.collect_binds(&mut binds, lookup, &MultiBackend::Mysql(Mysql))?;
            if let Binds::Mysql(binds) = binds {
                *collector = binds;
            }
        }
        Ok(())
    }
}
