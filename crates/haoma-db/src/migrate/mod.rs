//! Applies the migrations, one instance at a time. Diesel's migrations are synchronous, so this module is.

mod blocking_mysql;
mod multi;

use std::error::Error as StdError;

use diesel::{
    RunQueryDsl as _, SqliteConnection,
    backend::Backend,
    connection::SimpleConnection as _,
    dsl::sql,
    migration::Migration,
    sql_types::{BigInt, Nullable},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _};

pub(super) use self::multi::{
    AnyConnection, MultiBackend, MultiBindCollector, MultiQueryBuilder, MultiRow,
};

use self::blocking_mysql::BlockingMysql;
use crate::{OpenError, mysql::explain, sqlite, url::DatabaseUrl};

/// The migrations of an application, embedded in its program: the same steps for either database.
pub struct Migrations {
    /// The migrations for MySQL and MariaDB.
    pub mysql: EmbeddedMigrations,
    /// The migrations for SQLite.
    pub sqlite: EmbeddedMigrations,
}

/// Why migrations failed. Diesel gives no type.
type MigrationError = Box<dyn StdError + Send + Sync>;

/// Opens a connection outside the pool.
pub(super) fn open_blocking(url: &DatabaseUrl) -> Result<AnyConnection, OpenError> {
    match url {
        DatabaseUrl::Mysql(server) => {
            let opened = BlockingMysql::open(server.options()).map(AnyConnection::Mysql);
            opened.map_err(|error| explain(server, &error))
        }
        DatabaseUrl::Sqlite(path) => sqlite::open(path).map(AnyConnection::Sqlite),
    }
}

impl Migrations {
    /// Returns the names of the pending migrations, in order.
    pub(crate) fn pending(
        self,
        connection: &mut AnyConnection,
    ) -> Result<Vec<String>, MigrationError> {
        Ok(match connection {
            AnyConnection::Mysql(connection) => names(&connection.pending_migrations(self.mysql)?),
            AnyConnection::Sqlite(connection) => {
                names(&connection.pending_migrations(self.sqlite)?)
            }
        })
    }

    /// Applies the pending migrations. Of two instances that start together the second waits and finds nothing to do.
    pub(crate) fn apply(self, connection: &mut AnyConnection) -> Result<(), MigrationError> {
        match connection {
            AnyConnection::Mysql(connection) => apply_mysql(connection, self.mysql),
            AnyConnection::Sqlite(connection) => apply_sqlite(connection, self.sqlite),
        }
    }
}

fn names<DB: Backend>(migrations: &[Box<dyn Migration<DB>>]) -> Vec<String> {
    migrations.iter().map(|migration| migration.name().to_string()).collect()
}

/// MySQL commits after each change of a table, so a named lock protects all migrations together.
fn apply_mysql(
    connection: &mut BlockingMysql,
    migrations: EmbeddedMigrations,
) -> Result<(), MigrationError> {
    const LOCK: &str = "CONCAT('haoma-', MD5(DATABASE()))";

    let locked = diesel::select(sql::<Nullable<BigInt>>(&format!("GET_LOCK({LOCK}, 60)")))
        .get_result::<Option<i64>>(connection)?;
    if locked != Some(1) {
        return Err("another instance has been migrating for a minute".into());
    }
    connection.run_pending_migrations(migrations)?;
    Ok(connection.batch_execute(&format!("DO RELEASE_LOCK({LOCK})"))?)
}

/// SQLite can change tables in a transaction, so either all migrations are applied or none.
fn apply_sqlite(
    connection: &mut SqliteConnection,
    migrations: EmbeddedMigrations,
) -> Result<(), MigrationError> {
    connection.batch_execute("PRAGMA busy_timeout = 60000")?;
    connection
        .immediate_transaction(|connection| connection.run_pending_migrations(migrations).map(drop))
}
