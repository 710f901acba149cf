//! Events in rolling windows: the words for what is asked of a home, and what it answers.

use std::time::Duration;

/// So many events in so much time; the span rolls, it has no edges to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How far back events count.
    pub span: Duration,
    /// How many may lie in it.
    pub limit: u32,
}

/// The events of a key, and the windows that they are counted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Where the events are.
    pub key: String,
    /// What they are counted in.
    pub windows: Vec<Window>,
    /// Whether somebody else keeps them too: then the key is believed only once it was filled.
    pub must_be_filled: bool,
}

/// A wish for one place under each of several keys; they share a slot in a Redis Cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquire {
    /// Names the place.
    pub ticket: PermitId,
    /// In every window of these, or in none.
    pub quotas: Vec<RateLimit>,
}

/// What became of a claim. Windows are numbered over all its quotas, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The place is taken.
    Granted {
        /// How many events each window held before.
        used: Vec<u32>,
    },
    /// A window is full.
    Refused {
        /// The window that is full for longest.
        window: usize,
        /// When a place comes free in every window.
        wait: Duration,
    },
    /// A key that must be filled is not: whoever keeps its events has to tell them first.
    NotFilled,
}

/// Names one taken place, so that exactly this one can be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitId {
    name: String,
    is_unique: bool,
}

impl PermitId {
    /// A new one, which nobody else holds: 32 hexadecimal digits.
    ///
    /// They begin with the time (RFC 9562 §5.7), so that rows named so come to lie side by side: on a ledger
    /// larger than memory, a random name would have a page read for every row.
    pub fn new() -> Self {
        Self { name: uuid::Uuid::now_v7().simple().to_string(), is_unique: true }
    }

    /// The ticket of this name. Under one that has a place already, the place is taken anew: so a key
    /// counts different names.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_unique: false }
    }

    /// The ticket as text.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether no place can be under this name yet.
    pub(super) fn is_unique(&self) -> bool {
        self.is_unique
    }
}

impl Acquire {
    /// The places that it takes.
    pub fn places(&self) -> impl Iterator<Item = (&str, &PermitId)> {
        self.quotas.iter().map(|it| (it.key.as_str(), &self.ticket))
    }
}

impl Default for PermitId {
    fn default() -> Self {
        Self::new()
    }
}

impl RateLimit {
    /// Windows that this home alone keeps.
    pub fn new(key: impl Into<String>, windows: impl Into<Vec<Window>>) -> Self {
        Self { key: key.into(), windows: windows.into(), must_be_filled: false }
    }

    /// The longest of the windows.
    pub fn longest(&self) -> Duration {
        self.windows.iter().map(|it| it.span).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::PermitId;

    #[test]
    fn a_name_that_is_given_later_sorts_later() {
        let names: Vec<String> = (0..1000).map(|_| PermitId::new().as_str().to_owned()).collect();

        assert!(names.is_sorted());
        assert!(names.iter().all(|it| it.len() == 32), "{names:?}");
    }
}
