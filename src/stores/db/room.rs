//! Whether the database takes writes, as its last refusals tell: a full disk, a file or a server that is read-only.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::advice::advice;
use crate::{
    errors::{Error, Source},
    logging::Throttle,
};

/// For so long a refusal is believed; then whoever writes finds out anew.
const BELIEVED: Duration = Duration::from_secs(3);

/// Between two lines about it.
const PAUSE: Duration = Duration::from_secs(10);

/// What SQLite, and MySQL of a table (1114), of the server (1021) or of being read-only (1290, 1836), say of it. SQLite
/// calls it an error of the disk when the file system below has become read-only.
const REFUSALS: [&str; 7] = [
    "disk is full",
    "' is full",
    "Disk full",
    "readonly database",
    "disk I/O error",
    "read-only option",
    "Running in read-only mode",
];

/// The memory of it. Clones share it.
#[derive(Clone)]
pub(super) struct Room(Arc<Memory>);

struct Memory {
    /// Where the database is, for people.
    place: String,
    refused: Mutex<Option<(Instant, String)>>,
    throttle: Throttle,
}

impl Room {
    /// For a database at such a place.
    pub(super) fn of(place: String) -> Self {
        let throttle = Throttle::new(PAUSE);
        Self(Arc::new(Memory { place, refused: Mutex::default(), throttle }))
    }

    /// Notes what became of a write.
    pub(super) fn note<T>(&self, outcome: &Result<T, Error>) {
        if let Err(Error::Store(source)) = outcome {
            self.note_failure(source);
        }
    }

    fn note_failure(&self, source: &Source) {
        let message = source.to_string();
        if !REFUSALS.iter().any(|part| message.contains(part)) {
            return;
        }
        if self.0.throttle.is_due() {
            log::error!(
                "event=database_takes_no_writes database={:?} error={:?}",
                self.0.place,
                format!("{message}{}", advice(&message))
            );
        }
        *self.0.refused.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), message));
    }

    /// Fails for a moment after a write was refused.
    pub(super) fn check(&self) -> Result<(), Error> {
        match &*self.0.refused.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((at, message)) if at.elapsed() < BELIEVED => Err(Error::store(message.clone())),
            _ => Ok(()),
        }
    }
}
