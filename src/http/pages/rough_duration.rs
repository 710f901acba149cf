//! A duration as people say it: 3 minutes, 7 days.

use std::time::Duration;

use serde::Serialize;

/// A duration in its largest unit, rounded down. Sentences take both parts as arguments.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct RoughDuration {
    unit: &'static str,
    count: u64,
}

impl RoughDuration {
    /// Rounds to days; below one to hours, below that to minutes.
    pub fn new(duration: Duration) -> Self {
        let minutes = duration.as_secs() / 60;
        let (unit, count) = match (minutes / (24 * 60), minutes / 60) {
            (0, 0) if minutes == 0 => ("now", 0),
            (0, 0) => ("minutes", minutes),
            (0, hours) => ("hours", hours),
            (days, _) => ("days", days),
        };
        Self { unit, count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_rounded_down_to_its_largest_unit() {
        for (seconds, unit, count) in [
            (0, "now", 0),
            (59, "now", 0),
            (60, "minutes", 1),
            (3_599, "minutes", 59),
            (86_399, "hours", 23),
            (172_799, "days", 1),
            (604_800, "days", 7),
        ] {
            let expected = RoughDuration { unit, count };
            assert_eq!(RoughDuration::new(Duration::from_secs(seconds)), expected);
        }
    }
}
