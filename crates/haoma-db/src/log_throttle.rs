//! Limits how often an outage of the database is logged.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use diesel::r2d2::HandleError;

use crate::OpenError;

/// Shortest time between two lines about the same outage. During one, connections are attempted several times a second.
const PAUSE: Duration = Duration::from_secs(10);

/// Allows one line of log, and the next one only after a pause.
#[derive(Debug)]
pub(crate) struct LogThrottle {
    pause: Duration,
    last: Mutex<Option<Instant>>,
}

impl LogThrottle {
    /// Creates a throttle with this pause between two lines.
    pub(crate) fn new(pause: Duration) -> Self {
        Self { pause, last: Mutex::new(None) }
    }

    /// Whether a line may be written now; if so, the pause begins again.
    pub(crate) fn is_due(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| last.elapsed() >= self.pause);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}

impl Default for LogThrottle {
    fn default() -> Self {
        Self::new(PAUSE)
    }
}

/// Logs that no connection could be opened.
#[derive(Debug, Default)]
pub(crate) struct OutageLog(LogThrottle);

impl OutageLog {
    /// Logs the error, unless another was logged a moment ago.
    pub(crate) fn report(&self, error: &OpenError) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_due_and_the_next_one_after_the_pause() {
        let (never, always) = (LogThrottle::new(Duration::MAX), LogThrottle::new(Duration::ZERO));

        assert_eq!([never.is_due(), never.is_due()], [true, false]);
        assert_eq!([always.is_due(), always.is_due()], [true, true]);
    }
}
