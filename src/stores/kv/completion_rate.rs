//! Types of completion rates: how many of the newest operations were completed.

use std::time::Duration;

/// An event to record, and which operations to count afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletionWindow {
    /// The key that holds the operations.
    pub key: String,
    /// The event to record.
    pub event: Event,
    /// Operations younger than this are not counted: they may still be completed.
    pub min_age: Duration,
    /// The number of operations that are counted at most, the newest ones of those that are old enough.
    pub sample_size: u32,
}

/// An event of an operation, which is identified by a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The operation started. Recording it a second time changes nothing.
    Started(String),
    /// The operation was completed. Ignored if its start was not recorded under this key.
    Completed(String),
}

/// The number of operations in the sample, and how many of them were completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Operations in the sample.
    pub total: u32,
    /// Operations in the sample that were completed.
    pub completed: u32,
}

/// A key expires when no event was recorded under it for this long.
pub(super) const TTL: Duration = Duration::from_hours(24);
/// A key holds this many times the sample size, because the youngest operations are not part of the sample.
pub(super) const STORED_PER_SAMPLED: u32 = 4;
