//! Durations as whole seconds, as answers and headers write them.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Rounds up to whole seconds, so that a client that waits this long is never too early.
pub fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Returns the value of `Retry-After`: at least one second, because 0 would make a program ask again at once.
pub fn retry_seconds(wait: Duration) -> u64 {
    seconds_up(wait).max(1)
}

/// Returns how long ago a time was; nothing for one that is still to come by this clock.
pub fn age(time: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (now - time).to_std().unwrap_or_default()
}
