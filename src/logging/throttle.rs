//! Limits how often a line is logged.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Allows one line, and the next one only after a pause.
#[derive(Debug)]
pub struct Throttle {
    pause: Duration,
    last: Mutex<Option<Instant>>,
}

impl Throttle {
    /// Makes a throttle with this pause between two lines.
    pub const fn new(pause: Duration) -> Self {
        Self { pause, last: Mutex::new(None) }
    }

    /// Tells whether a line may be logged now. If so, the pause starts again.
    pub fn is_due(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| last.elapsed() >= self.pause);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_due_and_the_next_one_after_the_pause() {
        let (never, always) = (Throttle::new(Duration::MAX), Throttle::new(Duration::ZERO));

        assert_eq!([never.is_due(), never.is_due()], [true, false]);
        assert_eq!([always.is_due(), always.is_due()], [true, true]);
    }
}
