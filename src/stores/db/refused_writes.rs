//! Whether the database takes writes, as far as recent failures show: a full disk, a read-only file or server.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::advice::advice;
use crate::{
    errors::{Error, Source},
    logging::Throttle,
};

/// For this long after a refused write the database counts as unwritable; then the next write finds out.
const REMEMBER_FOR: Duration = Duration::from_secs(3);

/// Shortest time between two lines of log about it.
const LOG_PAUSE: Duration = Duration::from_secs(10);

/// Parts of the messages of SQLite, and of MySQL about a table (1114), about the server (1021) and about being
/// read-only (1290, 1836). SQLite reports a disk error when the file system below it has become read-only.
const REFUSALS: [&str; 7] = [
    "disk is full",
    "' is full",
    "Disk full",
    "readonly database",
    "disk I/O error",
    "read-only option",
    "Running in read-only mode",
];

/// Remembers the last refused write. Clones share it.
#[derive(Clone)]
pub(super) struct RefusedWrites(Arc<Inner>);

struct Inner {
    /// Names the database for people.
    database: String,
    last: Mutex<Option<(Instant, String)>>,
    throttle: Throttle,
}

impl RefusedWrites {
    /// Creates an empty memory for the database of this name.
    pub(super) fn new(database: String) -> Self {
        let throttle = Throttle::new(LOG_PAUSE);
        Self(Arc::new(Inner { database, last: Mutex::default(), throttle }))
    }

    /// Records the outcome of a write.
    pub(super) fn record<T>(&self, outcome: &Result<T, Error>) {
        if let Err(Error::Store(source)) = outcome {
            self.record_failure(source);
        }
    }

    fn record_failure(&self, source: &Source) {
        let message = source.to_string();
        if !REFUSALS.iter().any(|part| message.contains(part)) {
            return;
        }
        if self.0.throttle.is_due() {
            log::error!(
                "event=database_takes_no_writes database={:?} error={:?}",
                self.0.database,
                format!("{message}{}", advice(&message))
            );
        }
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), message));
    }

    /// Fails if a write was refused a moment ago.
    pub(super) fn check(&self) -> Result<(), Error> {
        match &*self.0.last.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((at, message)) if at.elapsed() < REMEMBER_FOR => {
                Err(Error::store(message.clone()))
            }
            _ => Ok(()),
        }
    }
}
