//! A circuit breaker per provider, so that requests do not wait for a provider that is down.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::AnswerClass;

/// Number of failures within [`FAILURE_WINDOW`] that open the breaker.
const MAX_FAILURES: usize = 5;
/// How long a failure counts.
const FAILURE_WINDOW: Duration = Duration::from_secs(30);
/// How long an overloaded or unreachable provider is skipped before one message tries it again.
const PAUSE: Duration = Duration::from_secs(30);
/// How long a provider is skipped whose account the operator has to mend, which takes minutes at least.
const LONG_PAUSE: Duration = Duration::from_mins(5);
/// After this time a trial without a result counts as lost. It is longer than any attempt lasts.
const TRIAL_TIMEOUT: Duration = Duration::from_secs(12);

/// The failures of one provider. While the breaker is closed every message tries the provider, while it is open none
/// does, and while it is half open one does.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: VecDeque<Instant>,
    /// Set while the breaker is open: the time from which one trial is allowed.
    try_at: Option<Instant>,
    /// Whether our account at the provider is at fault. Such a provider refuses within moments.
    is_account_at_fault: bool,
}

/// Whether to ask a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// Ask the provider.
    Allow,
    /// Ask the provider only if there is no other: it will refuse, but at once, and the operator may have mended the
    /// account.
    LastResort,
    /// Do not ask the provider.
    Deny,
}

/// How a recorded outcome changed the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transition {
    /// The breaker did not change.
    None,
    /// The breaker opened.
    Opened,
    /// The breaker closed.
    Closed,
}

impl Breaker {
    /// Returns whether to ask the provider now. While half open, the first caller is the trial.
    pub(super) fn admission(&self, now: Instant) -> Admission {
        let mut state = self.lock();
        match state.try_at {
            None => Admission::Allow,
            Some(try_at) if now < try_at && state.is_account_at_fault => Admission::LastResort,
            Some(try_at) if now < try_at => Admission::Deny,
            Some(_) => {
                state.try_at = Some(now + TRIAL_TIMEOUT);
                Admission::Allow
            }
        }
    }

    /// Returns how long the provider will not be asked. This does not start a trial.
    pub(super) fn open_for(&self, now: Instant) -> Option<Duration> {
        let state = self.lock();
        let left = state.try_at?.saturating_duration_since(now);
        // A provider whose account is at fault is still asked as the last resort.
        (!left.is_zero() && !state.is_account_at_fault).then_some(left)
    }

    /// Returns whether the breaker is open or half open.
    pub(super) fn is_open(&self) -> bool {
        self.lock().try_at.is_some()
    }

    /// Records the outcome of an attempt.
    pub(super) fn record(&self, class: AnswerClass, now: Instant) -> Transition {
        let mut state = self.lock();
        let was_open = state.try_at.is_some();
        match class {
            AnswerClass::Sent | AnswerClass::TooFrequent | AnswerClass::BadNumber => {
                *state = State::default();
                if was_open { Transition::Closed } else { Transition::None }
            }
            AnswerClass::Config | AnswerClass::Balance => {
                state.is_account_at_fault = true;
                state.trip(now + LONG_PAUSE, was_open)
            }
            AnswerClass::Busy | AnswerClass::Unknown => {
                state.failures.retain(|failure| now.duration_since(*failure) < FAILURE_WINDOW);
                state.failures.push_back(now);
                if was_open || state.failures.len() >= MAX_FAILURES {
                    state.is_account_at_fault = false;
                    return state.trip(now + PAUSE, was_open);
                }
                Transition::None
            }
        }
    }

    /// A thread that panicked while it held the lock has left no half-made change.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Opens the breaker until `try_at`. An earlier time never shortens the pause, since the results of older attempts
    /// may arrive late.
    fn trip(&mut self, try_at: Instant, was_open: bool) -> Transition {
        self.failures.clear();
        self.try_at = self.try_at.max(Some(try_at));
        if was_open { Transition::None } else { Transition::Opened }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn five_failures_in_thirty_seconds_open_it_and_one_may_try_later() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        for _ in 0..4 {
            assert_eq!(breaker.record(AnswerClass::Unknown, start), Transition::None);
        }
        assert_eq!(breaker.admission(start), Admission::Allow);

        assert_eq!(breaker.record(AnswerClass::Busy, start), Transition::Opened);

        assert_eq!(breaker.open_for(start + 29 * SECOND), Some(SECOND));
        assert_eq!(breaker.open_for(start + 30 * SECOND), None, "the trial is still to be had");
        assert_eq!(breaker.admission(start + 29 * SECOND), Admission::Deny);
        assert_eq!(breaker.admission(start + 30 * SECOND), Admission::Allow, "the trial");
        assert_eq!(breaker.admission(start + 31 * SECOND), Admission::Deny, "only one");
        assert_eq!(breaker.record(AnswerClass::Sent, start + 32 * SECOND), Transition::Closed);
        assert_eq!(breaker.admission(start + 32 * SECOND), Admission::Allow);
    }

    #[test]
    fn a_failed_trial_keeps_it_open() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        for _ in 0..5 {
            breaker.record(AnswerClass::Busy, start);
        }
        assert_eq!(breaker.admission(start + 30 * SECOND), Admission::Allow);

        assert_eq!(breaker.record(AnswerClass::Busy, start + 31 * SECOND), Transition::None);

        assert_eq!(breaker.admission(start + 60 * SECOND), Admission::Deny);
        assert_eq!(breaker.admission(start + 61 * SECOND), Admission::Allow);
    }

    #[test]
    fn failures_far_apart_do_not_add_up() {
        let (breaker, start) = (Breaker::default(), Instant::now());

        for failure in 0..20 {
            assert_eq!(
                breaker.record(AnswerClass::Busy, start + failure * 10 * SECOND),
                Transition::None
            );
        }
    }

    #[test]
    fn a_misconfigured_account_is_skipped_at_once_and_for_minutes() {
        let (breaker, start) = (Breaker::default(), Instant::now());

        assert_eq!(breaker.record(AnswerClass::Balance, start), Transition::Opened);

        assert_eq!(breaker.admission(start + 299 * SECOND), Admission::LastResort);
        assert_eq!(breaker.admission(start + 300 * SECOND), Admission::Allow);
    }

    #[test]
    fn an_error_of_the_number_does_not_count_against_the_provider() {
        let (breaker, start) = (Breaker::default(), Instant::now());

        for _ in 0..20 {
            breaker.record(AnswerClass::BadNumber, start);
        }

        assert_eq!(breaker.admission(start), Admission::Allow);
    }
}
