//! How a connection is opened, and how the pool learns that one is dead.

use std::{
    fmt::Display,
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread::sleep,
    time::Duration,
};

use diesel::{
    Connection as _, SqliteConnection,
    connection::SimpleConnection as _,
    r2d2::{HandleError, ManageConnection, R2D2Connection as _},
};
use tokio::time::Instant;

use super::{
    connection::{AnyConnection as Connection, is_contention},
    mysql::MysqlConnection,
};

/// A connection that worked so recently is believed; an older one is asked first.
const TRUST: Duration = Duration::from_secs(5);

/// How long a connection may take to say that it lives.
const PING: Duration = Duration::from_millis(500);

/// How long to wait for a SQLite file that another instance is opening for the first time.
const ALONE: Duration = Duration::from_millis(1500);

/// Acknowledged means on the disk (SECURITY R131): hence FULL.
const PRAGMAS: &str = "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

/// A database that cannot be opened, in a sentence without its password.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(String);

impl OpenError {
    /// The attempt itself did not come to an end.
    pub(super) fn late(reason: impl Display) -> Self {
        Self(format!("the database does not answer: {reason}"))
    }
}

/// Where the database is.
pub(super) enum Address {
    /// With the password: never printed.
    Mysql {
        url: String,
        host: String,
    },
    Sqlite(PathBuf),
}

impl Address {
    /// Reads `DATABASE_URL`; whatever it is not sure of is refused, never guessed.
    pub(super) fn parse(url: &str) -> Result<Self, OpenError> {
        if url.starts_with("mysql://") {
            let options = mysql_async::Opts::from_url(url)
                .ok()
                .filter(|it| it.db_name().is_some_and(|name| !name.is_empty()))
                .ok_or_else(|| {
                    OpenError(
                        "DATABASE_URL is not of the form mysql://user:password@host:3306/database \
                     (in the password, write @ / ? # as %40 %2F %3F %23)"
                            .to_owned(),
                    )
                })?;
            let host = options.ip_or_hostname().to_owned();
            return Ok(Self::Mysql { url: url.to_owned(), host });
        }
        match url.strip_prefix("sqlite://") {
            Some("" | ":memory:") => Err(OpenError(
                "DATABASE_URL names no file: write sqlite://haoma.db \
                 or sqlite:///var/lib/haoma/haoma.db"
                    .to_owned(),
            )),
            Some(path) if path.contains(['?', '#']) => {
                Err(OpenError("DATABASE_URL takes no parameters after sqlite://".to_owned()))
            }
            // In front of a relative path, so that SQLite does not read `file:` as one of its own URLs.
            Some(path) => Ok(Self::Sqlite(Path::new(".").join(path))),
            None => {
                Err(OpenError("DATABASE_URL starts with neither sqlite:// nor mysql://".to_owned()))
            }
        }
    }

    /// Opens one connection, outside the pool.
    pub(super) fn connect(&self) -> Result<Connection, OpenError> {
        match self {
            Self::Mysql { url, host } => MysqlConnection::establish(url)
                .map(Connection::Mysql)
                .map_err(|it| OpenError(format!("MySQL on {host} cannot be used: {it}"))),
            Self::Sqlite(path) => open_file(path).map(Connection::Sqlite).map_err(|it| {
                OpenError(format!("the SQLite file {} cannot be used: {it}", path.display()))
            }),
        }
    }
}

/// A connection, and when it was last seen alive.
pub(super) struct Pooled {
    pub(super) connection: Connection,
    seen_at: Instant,
    scares: u64,
}

/// Opens connections for the pool.
#[derive(Clone)]
pub(super) struct Manager {
    pub(super) address: Arc<Address>,
    /// Grows whenever a connection turns out dead; all that were opened before are then asked first.
    scares: Arc<AtomicU64>,
}

impl Manager {
    pub(super) fn new(address: Address) -> Self {
        Self { address: Arc::new(address), scares: Arc::default() }
    }

    /// Takes note of how a connection ended its work.
    pub(super) fn note(&self, pooled: &mut Pooled) {
        if pooled.connection.is_broken() {
            self.scares.fetch_add(1, Ordering::Relaxed);
        } else {
            pooled.seen_at = Instant::now();
        }
    }
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = OpenError;

    fn connect(&self) -> Result<Pooled, OpenError> {
        let scares = self.scares.load(Ordering::Relaxed);
        Ok(Pooled { connection: self.address.connect()?, seen_at: Instant::now(), scares })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), OpenError> {
        let scares = self.scares.load(Ordering::Relaxed);
        if pooled.scares == scares && pooled.seen_at.elapsed() < TRUST {
            return Ok(());
        }
        pooled.connection.set_deadline(Instant::now() + PING);
        pooled.connection.ping().map_err(|it| OpenError(format!("a connection was lost: {it}")))?;
        pooled.scares = scares;
        Ok(())
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.connection.is_broken()
    }
}

/// Says that the database is away once in a while; the pool fails several times a second.
#[derive(Debug, Default)]
pub(super) struct Complaints(Mutex<Option<Instant>>);

impl HandleError<OpenError> for Complaints {
    fn handle_error(&self, error: OpenError) {
        let Ok(mut last) = self.0.lock() else { return };
        if last.is_none_or(|it| it.elapsed() > Duration::from_secs(10)) {
            *last = Some(Instant::now());
            log::error!("event=database_away error={:?}", error.0);
        }
    }
}

/// Opens the file, and asks again for WAL: switching to it needs the file alone, and SQLite does not
/// wait for that, so of two instances that start together one would fail.
#[expect(clippy::disallowed_methods, reason = "on the pool's threads or a blocking one")]
fn open_file(path: &Path) -> Result<SqliteConnection, Box<dyn std::error::Error>> {
    create_private(path)?;
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
    let started = Instant::now();
    while let Err(error) = connection.batch_execute(PRAGMAS) {
        if !is_contention(&error) || started.elapsed() > ALONE {
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
