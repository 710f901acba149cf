//! The values that sessions are made of.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::{account::Account, oauth::amr::Amr};

/// The last use of a session is recorded at most this often, so that reading a page rarely writes.
pub(super) const TOUCH_EVERY: Duration = Duration::from_mins(1);

/// Where the client stores the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The cookie of a browser.
    Session,
    /// An app, which sends it as a bearer token.
    Token,
}

impl Kind {
    /// Returns the word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Token => "token",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Session, Self::Token].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The lifetime of a session.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime {
    /// Maximum time without use.
    pub idle: Duration,
    /// Maximum time since the sign-in.
    pub absolute: Duration,
}

/// The lifetimes of both kinds of session.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// The lifetime without "Remember me".
    pub normal: Lifetime,
    /// The lifetime with "Remember me".
    pub remembered: Lifetime,
}

/// The maximum number of sessions of an account. One more ends the one that was idle for longest.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// Sessions in browsers.
    pub sessions: u32,
    /// Tokens in apps.
    pub tokens: u32,
}

impl SessionLimits {
    pub(super) fn of(self, kind: Kind) -> i64 {
        match kind {
            Kind::Session => self.sessions.into(),
            Kind::Token => self.tokens.into(),
        }
    }
}

/// The values of a new session.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The account.
    pub user_id: i64,
    /// Where the client stores the key.
    pub kind: Kind,
    /// Whether the session lasts longer.
    pub remember: bool,
    /// The browser's description of itself, cut to the length of the column.
    pub device: String,
    /// The address that it came from, cut to the length of the column.
    pub address: String,
    /// How the person proved who they are.
    pub amr: Amr,
}

/// A session that is live, and its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSession {
    /// The id of the session in lists. It is neither a secret nor the key.
    pub public_id: String,
    /// The account.
    pub account: Account,
    /// Where the client stores the key.
    pub kind: Kind,
    /// Whether the session lasts longer.
    pub remember: bool,
    /// When the person signed in.
    pub signed_in_at: DateTime<Utc>,
    /// When a use was last recorded.
    pub last_seen_at: DateTime<Utc>,
    /// How the person proved who they are; `None` in sessions that are older than this record.
    pub amr: Option<Amr>,
}

impl LiveSession {
    /// Returns whether it is time for [`touch`](super::touch), which writes.
    pub fn needs_touch(&self, now: DateTime<Utc>) -> bool {
        now - TOUCH_EVERY >= self.last_seen_at
    }
}

/// The result of looking up a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A live session.
    Live(LiveSession),
    /// A session that has expired but whose row is still there.
    Expired,
    /// A session that ended because its account held too many.
    Displaced,
    /// A session that its owner ended from another device.
    Ended,
    /// There is no session with this key.
    NotFound,
}

/// A session in the list that its owner sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSession {
    /// The id of the session. It is neither a secret nor the key.
    pub public_id: String,
    /// Where the client stores the key.
    pub kind: Kind,
    /// The browser's description of itself.
    pub device: String,
    /// The address that the sign-in came from.
    pub address: String,
    /// When the person signed in.
    pub signed_in_at: DateTime<Utc>,
    /// The address that the last recorded use came from.
    pub last_address: String,
    /// When a use was last recorded.
    pub last_seen_at: DateTime<Utc>,
}
