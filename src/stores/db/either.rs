//! The two databases as one: Diesel's queries are written once, for both.

use diesel::{
    QueryResult, SqliteConnection,
    backend::Backend,
    connection::{AnsiTransactionManager, TransactionManager as _},
};

use super::blocking::BlockingMysql;

/// The text of a query in the making.
pub(super) type Text = <MultiBackend as Backend>::QueryBuilder;
/// Its values.
pub(super) type Binds<'a> = <MultiBackend as Backend>::BindCollector<'a>;

/// Which of the two it is.
#[derive(diesel::MultiConnection)]
pub(super) enum Either {
    /// MySQL or MariaDB, for the migrations alone.
    Mysql(BlockingMysql),
    /// A file.
    Sqlite(SqliteConnection),
}

impl Either {
    /// On SQLite the write lock is taken at once: one that is taken later cannot wait for its turn.
    pub(super) fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Mysql(_) => Self::begin_transaction(self),
            Self::Sqlite(connection) => {
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
            }
        }
    }
}
