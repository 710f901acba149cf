//! Opening a SQLite file: its mode, and the settings of a connection.

use std::{
    error::Error,
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    thread::sleep,
    time::Duration,
};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use tokio::time::Instant;

use crate::{
    OpenError,
    error_cause::{ErrorCause, advice},
    url::DatabaseUrl,
};

/// How long to wait for a SQLite file that another instance is opening for the first time.
const WAL_TIMEOUT: Duration = Duration::from_millis(1500);

/// How many milliseconds a connection waits while others write.
pub(crate) const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 2000";

/// An acknowledged write is on the disk (R131), hence `synchronous = FULL`.
const PRAGMAS: [&str; 4] = [
    BUSY_TIMEOUT,
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
];

/// Opens the file; creates it and its folder if they do not exist.
pub(crate) fn open(path: &Path) -> Result<SqliteConnection, OpenError> {
    try_open(path).map_err(|error| {
        let (url, message) = (DatabaseUrl::Sqlite(path.to_path_buf()), error.to_string());
        let advice = advice(&message);
        OpenError::refused(format!("DATABASE_URL: {url} cannot be used: {message}{advice}"))
    })
}

/// Opens the file, and retries the switch to WAL: it needs the file exclusively and SQLite does not wait for that, so
/// one of two instances that start together would fail.
#[expect(clippy::disallowed_methods, reason = "runs on the pool's threads or a blocking one")]
fn try_open(path: &Path) -> Result<SqliteConnection, Box<dyn Error>> {
    create_private(path)?;
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
    let started = Instant::now();
    while let Err(error) = connection.batch_execute(&PRAGMAS.join("; ")) {
        if ErrorCause::of_query(&error) != Some(ErrorCause::FileLocked)
            || started.elapsed() > WAL_TIMEOUT
        {
            return Err(error.into());
        }
        sleep(Duration::from_millis(10));
    }
    Ok(connection)
}

/// Creates the file so that only its owner can read it: it holds mobile numbers and password hashes.
fn create_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
