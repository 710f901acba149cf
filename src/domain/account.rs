//! An account as the rest of the house sees it.

use chrono::{DateTime, Utc};

use super::{mobile::Mobile, name::Name};

/// Somebody who registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Random, positive, below 2^53 so that JavaScript reads it exactly; tells nothing (R67).
    pub id: i64,
    /// The number that was proved.
    pub mobile: Mobile,
    /// Unique; also a way to sign in.
    pub name: Name,
    /// A picture, when there is one.
    pub avatar_url: Option<String>,
    /// Whether the account may sign in.
    pub status: Status,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

/// How an operator names one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountSelector {
    /// By its number.
    Mobile(Mobile),
    /// By its id.
    Id(i64),
    /// By its whole name.
    Name(Name),
}

/// Whether an account may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It may.
    Active,
    /// The operator has locked it.
    Locked,
}

impl Status {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Locked => "locked",
        }
    }

    /// Reads a stored word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Locked].into_iter().find(|it| it.as_str() == text)
    }
}
