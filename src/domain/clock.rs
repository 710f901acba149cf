//! The clock for codes, limits, sessions and signing keys.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

/// The system's time. A test in the same process can move it forward instead of waiting.
///
/// Clones share the offset. Nothing in the service moves it, and no setting can. Data in Redis expires by the time of
/// Redis alone, so that the clocks of several instances need not agree.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds that this clock is ahead of the system.
    ahead: Arc<AtomicU64>,
}

impl Clock {
    /// Returns the date and time, for what is stored or shown.
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.ahead()
    }

    /// Returns the monotonic time, for what only this process remembers.
    pub fn instant(&self) -> Instant {
        Instant::now() + self.ahead()
    }

    /// Moves the time forward by whole milliseconds. Only tests call this.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.ahead.fetch_add(by, Ordering::Relaxed);
    }

    fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloned_clock_moves_along_and_a_new_one_does_not() {
        let (clock, other) = (Clock::default(), Clock::default());
        let (same, hour) = (clock.clone(), Duration::from_hours(1));
        let (date, moment) = (clock.now(), clock.instant());

        clock.advance(hour);

        assert!(same.now() >= date + hour);
        assert!(same.instant() >= moment + hour);
        assert!(other.now() < clock.now());
        assert!(other.instant() < clock.instant());
    }
}
