//! Both databases behind one type, so that a Diesel query is written once.

use diesel::{
    QueryResult, SqliteConnection,
    backend::Backend,
    connection::{AnsiTransactionManager, TransactionManager as _},
};

use super::blocking_mysql::BlockingMysql;

/// Builds the text of a query.
pub(crate) type MultiQueryBuilder = <MultiBackend as Backend>::QueryBuilder;
/// Collects the parameters of a query.
pub(crate) type MultiBindCollector<'a> = <MultiBackend as Backend>::BindCollector<'a>;

/// A synchronous connection to either database.
#[derive(diesel::MultiConnection)]
pub(crate) enum AnyConnection {
    /// MySQL or MariaDB, for migrations only.
    Mysql(BlockingMysql),
    /// A SQLite file.
    Sqlite(SqliteConnection),
}

impl AnyConnection {
    /// Begins a transaction. On SQLite it takes the write lock at once, because SQLite does not wait for a lock that a
    /// transaction asks for later.
    pub(crate) fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Mysql(_) => Self::begin_transaction(self),
            Self::Sqlite(connection) => {
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
            }
        }
    }
}
