//! What a session is made of.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::account::Account;

/// A session is marked as used at most so often, so that reading a page rarely writes.
pub(super) const TOUCH_EVERY: Duration = Duration::from_mins(1);

/// What holds the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A browser, in a cookie.
    Session,
    /// An app, as a bearer token.
    Token,
}

impl Kind {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Token => "token",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Session, Self::Token].into_iter().find(|it| it.as_str() == text)
    }
}

/// How long a session lives, both ways.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime {
    /// Without being used.
    pub idle: Duration,
    /// At most, from the sign-in.
    pub absolute: Duration,
}

/// The lifetimes of both sorts of session.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// "Remember me" was not ticked.
    pub normal: Lifetime,
    /// It was.
    pub remembered: Lifetime,
}

/// How many sessions an account may hold; one more ends the one that was idle for longest.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// Of browsers.
    pub sessions: u32,
    /// Of apps.
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

/// Somebody who has just proved who they are.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Whose session.
    pub user_id: i64,
    /// What holds the key.
    pub kind: Kind,
    /// Whether to last longer.
    pub remember: bool,
    /// What the browser says it is; cut to what fits.
    pub device: String,
    /// Where it came from; cut to what fits.
    pub address: String,
}

/// A session that is live at this moment, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSession {
    /// Its name in lists; not a secret, and no key.
    pub public_id: String,
    /// Who.
    pub account: Account,
    /// What holds the key.
    pub kind: Kind,
    /// Whether it lasts longer.
    pub remember: bool,
    /// When the person proved who they are.
    pub signed_in_at: DateTime<Utc>,
    /// When it was last marked as used.
    pub last_seen_at: DateTime<Utc>,
}

impl LiveSession {
    /// Whether it is time for [`touch`](super::touch), which writes.
    pub fn wants_touch(&self, now: DateTime<Utc>) -> bool {
        now - TOUCH_EVERY >= self.last_seen_at
    }
}

/// What there is under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A live session.
    Live(LiveSession),
    /// One that has expired or been idle too long, and whose row is still there.
    Over,
    /// One that ended because its account held too many.
    Displaced,
    /// None, or none any more.
    Nothing,
}

/// A session as its owner sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSession {
    /// Its name; not a secret, and no key.
    pub public_id: String,
    /// What holds the key.
    pub kind: Kind,
    /// What the browser said it is.
    pub device: String,
    /// Where the sign-in came from.
    pub address: String,
    /// When that was.
    pub signed_in_at: DateTime<Utc>,
    /// Where it was used from when it was last marked as used.
    pub last_address: String,
    /// When it was last marked as used.
    pub last_seen_at: DateTime<Utc>,
}
