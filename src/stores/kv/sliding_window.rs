//! Types of rate limits over sliding windows.

use std::time::Duration;

/// A number of events in a span of time. The span slides: it ends now, wherever that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The age at which an event leaves the window.
    pub span: Duration,
    /// The number of events that fit into the window.
    pub limit: u32,
}

/// The windows over the events of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The key that holds the events.
    pub key: String,
    /// The windows, each with a limit of its own.
    pub windows: Vec<Window>,
    /// Whether the database has the events too. Such a key is trusted only after [`Kv::fill`](super::Kv::fill).
    pub must_be_filled: bool,
    /// The key of the events of whoever asks. If there is one, the last third of each window is kept for those who have no
    /// event in it yet, and the permit is added to this key too.
    pub asker_key: Option<String>,
}

/// A request for one permit under several rate limits. Their keys share a slot of a Redis Cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquire {
    /// Identifies the permit.
    pub permit_id: PermitId,
    /// The permit is taken from every window of these limits, or from none. All of them have the same asker, or none.
    pub limits: Vec<RateLimit>,
}

/// The answer to [`Acquire`]. Windows are numbered through all its limits, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The permit has been taken.
    Granted {
        /// The number of events in each window before.
        used: Vec<u32>,
    },
    /// A window is full.
    Refused {
        /// The window that stays full for longest.
        window: usize,
        /// Time until every window has room.
        wait: Duration,
        /// The number of events in each window. If there are fewer than its limit, the rest is kept for others.
        used: Vec<u32>,
    },
    /// A key that must be filled has not been filled: fill it from the database and ask again.
    NotFilled,
}

/// The answer to [`Kv::once_per`](super::Kv::once_per).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OncePer {
    /// This call is the first one within the span. Releasing the permit ends the span early.
    First(PermitId),
    /// Another call was the first.
    Repeated {
        /// Time until the span ends.
        wait: Duration,
    },
}

impl OncePer {
    /// Whether this call is the first one within the span.
    pub fn is_first(&self) -> bool {
        matches!(self, Self::First(_))
    }
}

/// Identifies a permit, so that exactly this one can be released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitId {
    name: String,
    is_unique: bool,
}

impl PermitId {
    /// Returns a new unique identifier of 32 hexadecimal digits.
    ///
    /// It begins with the time (RFC 9562 §5.7), so that rows with such keys are stored side by side: in a log larger
    /// than memory, a random key would make the database read a page for every row.
    pub fn new() -> Self {
        Self { name: uuid::Uuid::now_v7().simple().to_string(), is_unique: true }
    }

    /// Returns the identifier with this name. A second permit of the same name replaces the first one, so a key counts
    /// distinct names.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_unique: false }
    }

    /// Returns the identifier as text.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether the identifier is new, so that no permit can have it yet.
    pub(super) fn is_unique(&self) -> bool {
        self.is_unique
    }
}

impl Acquire {
    /// Returns a request for a new permit under one limit.
    pub fn one(limit: RateLimit) -> Self {
        Self { permit_id: PermitId::new(), limits: vec![limit] }
    }

    /// Returns the keys under which the permit is taken, each with its identifier.
    pub fn permits(&self) -> impl Iterator<Item = (&str, &PermitId)> {
        let keys = self.limits.iter().map(|limit| limit.key.as_str()).chain(self.asker_key());
        keys.map(|key| (key, &self.permit_id))
    }

    /// Returns the key of the events of whoever asks.
    pub(super) fn asker_key(&self) -> Option<&str> {
        self.limits.iter().find_map(|limit| limit.asker_key.as_deref())
    }

    /// Returns for how long the events of whoever asks matter.
    pub(super) fn asker_span(&self) -> Duration {
        let limits = self.limits.iter().filter(|limit| limit.asker_key.is_some());
        limits.map(RateLimit::longest).max().unwrap_or_default()
    }
}

impl Default for PermitId {
    fn default() -> Self {
        Self::new()
    }
}

impl RateLimit {
    /// Returns a limit whose events are stored in the kv store only.
    pub fn new(key: impl Into<String>, windows: impl Into<Vec<Window>>) -> Self {
        let (key, windows) = (key.into(), windows.into());
        Self { key, windows, must_be_filled: false, asker_key: None }
    }

    /// Returns how many events of a window anybody may cause. The rest is kept for those who have none in it.
    pub(super) fn open_to_all(&self, window: Window) -> u32 {
        if self.asker_key.is_some() { window.limit - window.limit / 3 } else { window.limit }
    }

    /// Returns the longest span of the windows.
    pub fn longest(&self) -> Duration {
        self.windows.iter().map(|window| window.span).max().unwrap_or_default()
    }

    /// Whether only one event fits, as into [`Kv::once_per`](super::Kv::once_per).
    pub(super) fn is_lock(&self) -> bool {
        matches!(self.windows[..], [Window { limit: 1, .. }])
    }
}

#[cfg(test)]
mod tests {
    use super::PermitId;

    #[test]
    fn a_later_permit_id_sorts_later() {
        let names: Vec<String> = (0..1000).map(|_| PermitId::new().as_str().to_owned()).collect();

        assert!(names.is_sorted());
        assert!(names.iter().all(|name| name.len() == 32), "{names:?}");
    }
}
