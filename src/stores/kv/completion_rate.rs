//! Completion rates: how many of the newest operations were completed, and the level that a key has because of it.

use std::time::Duration;

/// An event of an operation, and the key under which it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationEvent {
    /// The key that holds the operations.
    pub key: String,
    /// The event to record.
    pub event: Event,
    /// The number of operations that the key holds at most, the newest ones.
    pub capacity: u32,
}

/// An event of an operation, which is identified by a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The operation started. Recording it a second time changes nothing.
    Started(String),
    /// The operation was completed. Ignored if its start was not recorded under this key.
    Completed(String),
}

/// How the operations of a key are judged. A judgement raises the level of the key by one, from 0 up to 2, or lowers it
/// to 0.
///
/// The sample consists of the newest operations that are old enough, that started after the last rise, and that are not
/// older than a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletionRule {
    /// The key that holds the operations.
    pub key: String,
    /// The number of operations that the key holds at most.
    pub capacity: u32,
    /// Operations younger than this are not judged: they may still be completed.
    pub min_age: Duration,
    /// The number of operations that are judged at most.
    pub sample_size: u32,
    /// The number of operations without which nothing is judged.
    pub min_total: u32,
    /// If a smaller percentage of them was completed, the level rises.
    pub min_percent: u32,
    /// How long the levels 1 and 2 last if there is nothing to judge. Level 1 follows level 2.
    pub spans: [Duration; 2],
    /// Minimum time between two rises.
    pub min_gap: Duration,
}

/// The level of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// 0, 1 or 2.
    pub level: u32,
    /// Time until the level ends if there is nothing to judge.
    pub ends_in: Duration,
    /// Why the level is another one than last time. Of concurrent callers one is told.
    pub change: Option<LevelChange>,
    /// The sample.
    pub sample: Completion,
    /// How many operations of the last hour were completed, counted at level 2 only. It is an estimate if the key cannot
    /// hold all of that hour.
    pub completed_last_hour: u32,
}

/// What has changed a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelChange {
    /// A judgement.
    Judged,
    /// The former level has ended by time.
    Expired,
}

/// The number of operations in a sample, and how many of them were completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Operations in the sample.
    pub total: u32,
    /// Operations in the sample that were completed.
    pub completed: u32,
}

/// A key expires when no event was recorded under it for this long. Operations of this age are judged no more.
pub(super) const TTL: Duration = Duration::from_hours(24);
/// The span of [`Standing::completed_last_hour`].
pub(super) const HOUR: Duration = Duration::from_hours(1);

impl Completion {
    /// Whether at least this percentage was completed.
    pub(super) fn reaches(self, percent: u32) -> bool {
        u64::from(self.completed) * 100 >= u64::from(self.total) * u64::from(percent)
    }
}
