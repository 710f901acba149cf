//! How a conversation with MySQL or MariaDB begins, over the client written in Rust: no system library is behind it.

use std::{panic::AssertUnwindSafe, time::Duration};

use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{AsyncMysqlConnection, SimpleAsyncConnection as _};
use futures_util::FutureExt as _;
use mysql_async::{Conn, Opts, OptsBuilder};
use tokio::time::timeout;

use super::connect_error::ConnectError;

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
///
/// The client panics over some of what a server may send; that is a refusal like any other.
pub(super) async fn open(server: &Opts) -> Result<AsyncMysqlConnection, ConnectError> {
    let opening = AssertUnwindSafe(greet(server)).catch_unwind();
    match timeout(CONNECT, opening).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(ConnectError::Panicked),
        Err(_) => Err(ConnectError::Timeout),
    }
}

/// As diesel does it, which knows statements by heart itself and counts rows found, not changed.
async fn greet(server: &Opts) -> Result<AsyncMysqlConnection, ConnectError> {
    let server = OptsBuilder::from_opts(server.clone()).stmt_cache_size(0).client_found_rows(true);
    let connection = Conn::new(server).await.map_err(ConnectError::Client)?;
    let connection = AsyncMysqlConnection::try_from(connection).await;
    let mut connection = connection.map_err(|error| ConnectError::Settings(error.to_string()))?;
    let agreed = connection.batch_execute(SETTINGS).await;
    agreed.map_err(|error| ConnectError::Settings(error.to_string()))?;
    Ok(connection)
}

/// The failure of a connection that is of no more use.
pub(super) fn closed(message: &str) -> Error {
    Error::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(message.to_owned()))
}
