//! Whether the database takes writes, as far as recent failures show: a full disk, a read-only file or server.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    Error, WorkError,
    error_cause::{ErrorCause, advice},
    log_throttle::LogThrottle,
};

/// For this long after a refused write the database counts as unwritable; then the next write finds out.
const REMEMBER_FOR: Duration = Duration::from_secs(3);

/// Remembers the last refused write. Clones share it.
#[derive(Clone)]
pub(crate) struct RefusedWrites(Arc<Inner>);

struct Inner {
    /// Names the database for people.
    database: String,
    last: Mutex<Option<(Instant, String)>>,
    throttle: LogThrottle,
}

impl RefusedWrites {
    /// Creates an empty memory for the database of this name.
    pub(crate) fn new(database: String) -> Self {
        let throttle = LogThrottle::default();
        Self(Arc::new(Inner { database, last: Mutex::default(), throttle }))
    }

    /// Records the outcome of a write.
    pub(crate) fn record<T, E: WorkError>(&self, outcome: &Result<T, E>) {
        if let Some(failure) = outcome.as_ref().err().and_then(E::database_failure) {
            self.record_message(failure.to_string());
        }
    }

    fn record_message(&self, message: String) {
        if !ErrorCause::of_message(&message).is_some_and(ErrorCause::refuses_writes) {
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
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &*self.0.last.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((at, message)) if at.elapsed() < REMEMBER_FOR => {
                Err(Error::RefusesWrites(message.clone()))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::{DatabaseErrorKind, Error as DieselError};

    use super::*;

    fn failed(message: &str) -> Result<(), Error> {
        let message = Box::new(message.to_owned());
        Err(DieselError::DatabaseError(DatabaseErrorKind::Unknown, message).into())
    }

    #[test]
    fn a_full_disk_is_remembered_and_a_lock_is_not() {
        let writes = RefusedWrites::new("a database".to_owned());

        writes.record(&failed("database is locked"));
        assert!(writes.check().is_ok());
        writes.record(&failed("database or disk is full"));
        let refusal = writes.check().expect_err("refused").to_string();
        assert_eq!(refusal, "database or disk is full");
    }
}
