//! Brings the tables up to date, one instance at a time.

use diesel::{
    RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _,
    dsl::sql,
    sql_types::{BigInt, Nullable},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::{blocking::BlockingMysql, either::Either};
use crate::errors::Source;

const MYSQL: EmbeddedMigrations = embed_migrations!("migrations/mysql");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Names what has not been applied, in order.
pub(super) fn pending(connection: &mut Either) -> Result<Vec<String>, Source> {
    Ok(match connection {
        Either::Mysql(it) => {
            it.pending_migrations(MYSQL)?.iter().map(|it| it.name().to_string()).collect()
        }
        Either::Sqlite(it) => {
            it.pending_migrations(SQLITE)?.iter().map(|it| it.name().to_string()).collect()
        }
    })
}

/// Applies what is pending; of two instances that start together the second finds nothing to do.
pub(super) fn apply(connection: &mut Either) -> Result<(), Source> {
    match connection {
        Either::Mysql(it) => apply_mysql(it),
        Either::Sqlite(it) => apply_sqlite(it),
    }
}

/// MySQL commits at every change of a table, so a lock of its own stands around them all.
fn apply_mysql(connection: &mut BlockingMysql) -> Result<(), Source> {
    const LOCK: &str = "CONCAT('haoma-', MD5(DATABASE()))";

    let locked = diesel::select(sql::<Nullable<BigInt>>(&format!("GET_LOCK({LOCK}, 60)")))
        .get_result::<Option<i64>>(connection)?;
    if locked != Some(1) {
        return Err("another instance has been migrating for a minute".into());
    }
    connection.run_pending_migrations(MYSQL)?;
    Ok(connection.batch_execute(&format!("DO RELEASE_LOCK({LOCK})"))?)
}

/// SQLite changes tables within transactions: all of them or none.
fn apply_sqlite(connection: &mut SqliteConnection) -> Result<(), Source> {
    connection.batch_execute("PRAGMA busy_timeout = 60000")?;
    connection.immediate_transaction(|it| it.run_pending_migrations(SQLITE).map(drop))
}
