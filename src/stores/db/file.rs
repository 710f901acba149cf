//! A SQLite file, opened for this service alone.

use std::{
    error::Error,
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use diesel::{
    Connection as _, SqliteConnection, connection::SimpleConnection as _, r2d2::ManageConnection,
};
use tokio::time::Instant;

use super::{address::Address, advice::advice, connection::Connection, failure::is_passing};
use crate::stores::OpenError;

/// How long to wait for a SQLite file that another instance is opening for the first time.
const ALONE: Duration = Duration::from_millis(1500);

/// For how many milliseconds a connection waits for others to finish writing.
pub(super) const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 2000";

/// Acknowledged means on the disk (R131): hence FULL.
const PRAGMAS: [&str; 4] = [
    BUSY_TIMEOUT,
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
];

/// Opens connections to a file for the pool.
pub(super) struct Files(pub(super) PathBuf);

impl ManageConnection for Files {
    type Connection = Connection;
    type Error = OpenError;

    fn connect(&self) -> Result<Connection, OpenError> {
        open(&self.0).map(Connection::from)
    }

    fn is_valid(&self, _: &mut Connection) -> Result<(), OpenError> {
        Ok(())
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.is_lost()
    }
}

/// Opens the file.
pub(super) fn open(path: &Path) -> Result<SqliteConnection, OpenError> {
    prepared(path).map_err(|error| {
        let (place, message) = (Address::Sqlite(path.to_path_buf()), error.to_string());
        let advice = advice(&message);
        OpenError::refused(format!("DATABASE_URL: {place} cannot be used: {message}{advice}"))
    })
}

/// Opens the file, and asks again for WAL: switching to it needs the file alone, and SQLite does not
/// wait for that, so of two instances that start together one would fail.
#[expect(clippy::disallowed_methods, reason = "on the pool's threads or a blocking one")]
fn prepared(path: &Path) -> Result<SqliteConnection, Box<dyn Error>> {
    create_private(path)?;
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
    let started = Instant::now();
    while let Err(error) = connection.batch_execute(&PRAGMAS.join("; ")) {
        if !is_passing(&error) || started.elapsed() > ALONE {
            return Err(error.into());
        }
        sleep(Duration::from_millis(10));
    }
    Ok(connection)
}

/// Numbers and password hashes are in it: for nobody else on this machine.
fn create_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
