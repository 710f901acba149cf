//! How the pool learns that a connection is dead, or leads to the wrong server.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use diesel::r2d2::{HandleError, ManageConnection, R2D2Connection as _};
use tokio::time::Instant;

use super::{
    address::{Address, OpenError},
    connection::Connection,
};

/// A connection that worked so recently is believed; an older one is asked first.
const TRUST: Duration = Duration::from_secs(5);

/// One that is younger tells no news by being refused: its server was like that when it was opened.
const SETTLED: Duration = Duration::from_secs(1);

/// How long a connection may take to say that it lives.
const PING: Duration = Duration::from_millis(500);

/// A connection, and when it was last seen alive.
pub(super) struct Pooled {
    pub(super) connection: Connection,
    opened_at: Instant,
    seen_at: Instant,
    scares: u64,
    moves: u64,
}

/// Opens connections for the pool.
#[derive(Clone)]
pub(super) struct Manager {
    pub(super) address: Arc<Address>,
    /// Grows whenever a connection turns out dead; all that were opened before are then asked first.
    scares: Arc<AtomicU64>,
    /// Grows when a server takes no more writes; all that were opened before are then given up.
    moves: Arc<AtomicU64>,
}

impl Manager {
    pub(super) fn new(address: Address) -> Self {
        Self { address: Arc::new(address), scares: Arc::default(), moves: Arc::default() }
    }

    /// Takes note of how a connection ended its work.
    pub(super) fn note(&self, pooled: &mut Pooled) {
        if pooled.connection.either().is_misled() && pooled.opened_at.elapsed() > SETTLED {
            self.moves.fetch_add(1, Ordering::Relaxed);
        }
        if pooled.connection.either().is_broken() {
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
        let moves = self.moves.load(Ordering::Relaxed);
        let connection = Connection::new(self.address.connect()?);
        let now = Instant::now();
        Ok(Pooled { connection, opened_at: now, seen_at: now, scares, moves })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), OpenError> {
        if pooled.moves != self.moves.load(Ordering::Relaxed) {
            return Err(OpenError::new("the server takes no more writes"));
        }
        let scares = self.scares.load(Ordering::Relaxed);
        if pooled.scares == scares && pooled.seen_at.elapsed() < TRUST {
            return Ok(());
        }
        pooled.connection.either().set_deadline(Instant::now() + PING);
        pooled
            .connection
            .either()
            .ping()
            .map_err(|it| OpenError::new(format!("a connection was lost: {it}")))?;
        pooled.scares = scares;
        Ok(())
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.connection.either().is_broken()
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
            log::error!("event=database_away error={:?}", error.to_string());
        }
    }
}
