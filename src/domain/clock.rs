//! The time by which codes, limits, sessions and signing keys live and end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

/// The system's time, which a test in the same process may move forward instead of waiting.
///
/// Clones share the same offset. Nothing in the service moves it, and no setting can. What is stored in Redis
/// lives by the time of Redis alone, so that the clocks of several instances need not agree.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds that this clock is ahead of the system.
    ahead: Arc<AtomicU64>,
}

impl Clock {
    /// The date and time, for what is stored or shown.
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.ahead()
    }

    /// A moment of the monotonic clock, for what only this process remembers.
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
    fn a_clone_is_moved_too_and_a_clock_of_its_own_is_not() {
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
