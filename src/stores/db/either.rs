//! A connection to either database.

use diesel::{
    QueryResult, SqliteConnection,
    backend::Backend,
    connection::{AnsiTransactionManager, TransactionManager as _},
    mysql::{Mysql, MysqlQueryBuilder},
    sqlite::{Sqlite, SqliteQueryBuilder},
};
use tokio::time::Instant;

use super::mysql::MysqlConnection;

/// The text of a query in the making.
pub(super) type Text = <MultiBackend as Backend>::QueryBuilder;

/// Which of the two it is.
#[derive(diesel::MultiConnection)]
pub enum Either {
    /// MySQL or MariaDB.
    Mysql(MysqlConnection),
    /// A file.
    Sqlite(SqliteConnection),
}

impl Either {
    /// Bounds what follows; SQLite has its `busy_timeout` instead.
    pub(super) fn set_deadline(&mut self, deadline: Instant) {
        if let Self::Mysql(connection) = self {
            connection.set_deadline(deadline);
        }
    }

    /// Leaves the server, where there is one.
    pub(super) fn give_up(&mut self) {
        if let Self::Mysql(connection) = self {
            connection.give_up();
        }
    }

    /// Whether its server took no writes.
    pub(super) fn is_misled(&self) -> bool {
        match self {
            Self::Mysql(connection) => connection.is_misled(),
            Self::Sqlite(_) => false,
        }
    }

    /// On SQLite the write lock is taken at once: one that is taken later cannot wait for its turn.
    pub(super) fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Mysql(_) => Self::begin_transaction(self),
            Self::Sqlite(connection) => {
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
            }
        }
    }

    /// Where the text of a query goes, and whom it is for.
    pub(super) fn empty_text(&self) -> (Text, MultiBackend) {
        match self {
            Self::Mysql(_) => (Text::Mysql(MysqlQueryBuilder::new()), MultiBackend::Mysql(Mysql)),
            Self::Sqlite(_) => {
                (Text::Sqlite(SqliteQueryBuilder::new()), MultiBackend::Sqlite(Sqlite))
            }
        }
    }
}
