//! Opening a connection to MySQL or MariaDB, and its session settings.

use std::{panic::AssertUnwindSafe, time::Duration};

use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{AsyncMysqlConnection, SimpleAsyncConnection as _};
use futures_util::FutureExt as _;
use mysql_async::{Conn, Opts, OptsBuilder};
use tokio::time::timeout;

use super::connect_error::ConnectError;

/// Shorter than a call waits for a connection, so that the error says why there is none.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1800);

/// The settings of every session.
///
/// `autocommit` keeps what is written outside a transaction even where the server's default is to wait for COMMIT.
/// The messages are in English because `error_cause` reads them. READ COMMITTED deadlocks less, and a statement that
/// waited for a lock then sees what the other transaction wrote. A lock is awaited for one second, so that a second
/// attempt still fits into the time of a call.
const SESSION_SETTINGS: &str = "SET autocommit = 1, time_zone = '+00:00', lc_messages = 'en_US', \
    sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', \
    innodb_lock_wait_timeout = 1; \
    SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// Opens a connection, which is driven by the runtime of the caller.
///
/// `mysql_async` panics over some malformed answers; such a panic is returned as an error.
pub(crate) async fn open(server: &Opts) -> Result<AsyncMysqlConnection, ConnectError> {
    let opening = AssertUnwindSafe(open_session(server)).catch_unwind();
    match timeout(CONNECT_TIMEOUT, opening).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(ConnectError::Panicked),
        Err(_) => Err(ConnectError::Timeout),
    }
}

/// Uses the options that diesel-async sets itself: it has its own statement cache, and counts the rows that were found
/// rather than changed.
async fn open_session(server: &Opts) -> Result<AsyncMysqlConnection, ConnectError> {
    let server = OptsBuilder::from_opts(server.clone()).stmt_cache_size(0).client_found_rows(true);
    let connection = Conn::new(server).await.map_err(ConnectError::Client)?;
    let connection = AsyncMysqlConnection::try_from(connection).await;
    let mut connection = connection.map_err(|error| ConnectError::Settings(error.to_string()))?;
    let set = connection.batch_execute(SESSION_SETTINGS).await;
    set.map_err(|error| ConnectError::Settings(error.to_string()))?;
    Ok(connection)
}

/// Returns the error of a connection that can be used no longer.
pub(crate) fn closed(message: &str) -> Error {
    Error::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(message.to_owned()))
}
