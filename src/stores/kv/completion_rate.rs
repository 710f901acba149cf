//! What became of the newest things: the words for what is asked of a home, and what it answers.

use std::time::Duration;

/// Something to note in a tally, and which part of it to count then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletionWindow {
    /// Where.
    pub key: String,
    /// What.
    pub note: Event,
    /// Things younger than this do not count: nobody knows yet what becomes of them.
    pub patience: Duration,
    /// Only so many of the others count, the newest.
    pub newest: u32,
}

/// What happened to a thing, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It began; a second time changes nothing.
    Begun(String),
    /// It ended well; means nothing for one that never began here.
    Done(String),
}

/// How many of the things that count have ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Things that count.
    pub all: u32,
    /// Those that ended well.
    pub done: u32,
}

/// A tally that nobody touches is forgotten after this.
pub(super) const LIFE: Duration = Duration::from_hours(24);
/// A tally holds so many times the things that count, since the youngest do not.
pub(super) const ROOM: u32 = 4;
