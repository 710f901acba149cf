//! Accounts.

use chrono::{DateTime, Utc};

use super::{mobile::Mobile, name::Name};

/// A registered account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Random, positive and below 2^53, so that JavaScript reads it exactly. It reveals nothing (R67).
    pub id: i64,
    /// The verified mobile number.
    pub mobile: Mobile,
    /// The name. It is unique, and the account can sign in with it.
    pub name: Name,
    /// The URL of a picture, if there is one.
    pub avatar_url: Option<String>,
    /// Whether the account may sign in.
    pub status: Status,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

/// How an operator selects an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountSelector {
    /// By its number.
    Mobile(Mobile),
    /// By its id.
    Id(i64),
    /// By its full name.
    Name(Name),
}

/// Whether an account may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The account may sign in.
    Active,
    /// The operator has locked the account.
    Locked,
}

impl Status {
    /// Returns the word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Locked => "locked",
        }
    }

    /// Reads a stored word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Locked].into_iter().find(|status| status.as_str() == text)
    }
}
