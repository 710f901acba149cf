//! Whether the database's disk has room, as its last refusals tell.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::errors::Error;

/// For so long a refusal is believed; then whoever writes finds out anew.
const BELIEVED: Duration = Duration::from_secs(3);

/// What SQLite, and MySQL of a table (1114) or of the server (1021), say for want of room.
const REFUSALS: [&str; 3] = ["disk is full", "' is full", "Disk full"];

/// The memory of it. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Room(Arc<Mutex<Option<Instant>>>);

impl Room {
    /// Notes what became of a write.
    pub(super) fn note<T>(&self, outcome: &Result<T, Error>) {
        if let Err(Error::Store(source)) = outcome
            && REFUSALS.iter().any(|it| source.to_string().contains(it))
        {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    /// Fails for a moment after a write has found none.
    pub(super) fn check(&self) -> Result<(), Error> {
        let refused = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.is_some_and(|it| it.elapsed() < BELIEVED) {
            return Err(Error::store("no room on the disk of the database"));
        }
        Ok(())
    }
}
