//! The settings of a MySQL server that our guarantees depend on.

use diesel::{OptionalExtension as _, QueryableByName, sql_types::Text};

use crate::{
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

const QUERY: &str = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('innodb_flush_log_at_trx_commit', \
    'log_bin', 'sync_binlog', 'max_connections', 'wsrep_on', 'wsrep_sync_wait')";

/// The settings; `None` for those that the server does not have.
#[derive(Debug, Default)]
pub struct ServerSettings {
    /// `innodb_flush_log_at_trx_commit`; 1 flushes at each commit.
    pub flushes_log: Option<u64>,
    /// Whether the server writes a binary log.
    pub has_binlog: bool,
    /// `sync_binlog`; 1 syncs at each commit.
    pub syncs_binlog: Option<u64>,
    /// `max_connections`.
    pub max_connections: Option<u64>,
    /// Whether the server is a node of a Galera cluster.
    pub is_galera: bool,
    /// `wsrep_sync_wait`; 0 never waits.
    pub sync_wait: Option<u64>,
}

#[derive(QueryableByName)]
struct Variable {
    #[diesel(sql_type = Text, column_name = "Variable_name")]
    name: String,
    #[diesel(sql_type = Text, column_name = "Value")]
    value: String,
}

impl ServerSettings {
    /// Reads the settings. Returns `None` for SQLite, which is opened with the right ones.
    pub async fn read(connection: &mut Connection) -> Result<Option<Self>, Error> {
        if connection.as_mysql().is_none() {
            return Ok(None);
        }
        let mut settings = Self::default();
        for Variable { name, value } in
            diesel::sql_query(QUERY).load::<Variable>(connection).await?
        {
            let (number, is_on) = (value.parse().ok(), value == "ON");
            match name.as_str() {
                "innodb_flush_log_at_trx_commit" => settings.flushes_log = number,
                "log_bin" => settings.has_binlog = is_on,
                "sync_binlog" => settings.syncs_binlog = number,
                "max_connections" => settings.max_connections = number,
                "wsrep_on" => settings.is_galera = is_on,
                "wsrep_sync_wait" => settings.sync_wait = number,
                _ => {}
            }
        }
        Ok(Some(settings))
    }
}

/// Returns the collation of the number column on MySQL, and `None` on SQLite, which compares bytes.
///
/// The table may have been created by other means, and most collations treat full-width digits or trailing spaces as
/// equal (R52).
pub async fn mobile_collation(connection: &mut Connection) -> Result<Option<String>, Error> {
    if connection.as_mysql().is_none() {
        return Ok(None);
    }
    let query = "SELECT COLLATION_NAME AS collation FROM information_schema.COLUMNS \
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'users' AND COLUMN_NAME = 'mobile'";
    let row = diesel::sql_query(query).get_result::<Collation>(connection).await.optional()?;
    Ok(row.map(|row| row.collation))
}

#[derive(QueryableByName)]
struct Collation {
    #[diesel(sql_type = Text)]
    collation: String,
}
