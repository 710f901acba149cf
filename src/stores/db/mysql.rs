//! How a conversation with MySQL or MariaDB begins, over the client written in Rust: no system library is behind it.

use std::time::Duration;

use diesel::{
    ConnectionError, ConnectionResult,
    result::{DatabaseErrorKind, Error},
};
use diesel_async::{AsyncMysqlConnection, SimpleAsyncConnection as _};
use mysql_async::{Conn, Opts, OptsBuilder};
use tokio::time::timeout;

/// Less than a call waits for a connection, so that the error says why.
const CONNECT: Duration = Duration::from_millis(1800);

/// What every connection agrees with the server.
///
/// What is written outside a transaction is kept, even where a server is set to wait for COMMIT. English, because two of
/// its messages are read by us; READ COMMITTED, because it deadlocks less and a statement that waited for a lock then sees
/// what the other wrote; one second for a lock, so that a second try still fits into the answer.
const SETTINGS: &str = "SET autocommit = 1, time_zone = '+00:00', lc_messages = 'en_US', \
    sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', \
    innodb_lock_wait_timeout = 1; \
    SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// Opens a connection, which the runtime of whoever calls this will drive.
pub(super) async fn open(server: &Opts) -> ConnectionResult<AsyncMysqlConnection> {
    timeout(CONNECT, greet(server))
        .await
        .unwrap_or_else(|_| Err(ConnectionError::BadConnection("no answer".to_owned())))
}

/// As diesel does it, which knows statements by heart itself and counts rows found, not changed.
async fn greet(server: &Opts) -> ConnectionResult<AsyncMysqlConnection> {
    let server = OptsBuilder::from_opts(server.clone()).stmt_cache_size(0).client_found_rows(true);
    let connection = Conn::new(server).await;
    let connection = connection.map_err(|it| ConnectionError::BadConnection(it.to_string()))?;
    let mut connection = AsyncMysqlConnection::try_from(connection).await?;
    let agreed = connection.batch_execute(SETTINGS).await;
    agreed.map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// The failure of a connection that is of no more use.
pub(super) fn closed(message: &str) -> Error {
    Error::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(message.to_owned()))
}
