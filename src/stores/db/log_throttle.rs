//! Limits how often an outage of the database is logged.

use std::time::Duration;

use diesel::r2d2::HandleError;

use crate::{logging::Throttle, stores::OpenError};

/// Shortest time between two lines: during an outage connections are attempted several times a second.
const PAUSE: Duration = Duration::from_secs(10);

/// Logs that no connection could be opened.
#[derive(Debug)]
pub(super) struct OutageLog(Throttle);

impl Default for OutageLog {
    fn default() -> Self {
        Self(Throttle::new(PAUSE))
    }
}

impl OutageLog {
    /// Logs the error, unless another was logged a moment ago.
    pub(super) fn report(&self, error: &OpenError) {
        if self.0.is_due() {
            log::error!("event=database_away error={:?}", error.to_string());
        }
    }
}

impl HandleError<OpenError> for OutageLog {
    fn handle_error(&self, error: OpenError) {
        self.report(&error);
    }
}
