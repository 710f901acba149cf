//! What an application asks to know.

use std::fmt;

/// A value of the parameter `scope`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeValue {
    /// An ID token.
    OpenId,
    /// Name and picture.
    Profile,
    /// The number.
    Phone,
    /// Access after the session has ended.
    OfflineAccess,
}

impl ScopeValue {
    /// Every value, in the order in which they are written.
    pub const ALL: [Self; 4] = [Self::OpenId, Self::Profile, Self::Phone, Self::OfflineAccess];

    /// Returns the word of the standard.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Phone => "phone",
            Self::OfflineAccess => "offline_access",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::OpenId => 1,
            Self::Profile => 2,
            Self::Phone => 4,
            Self::OfflineAccess => 8,
        }
    }
}

/// A set of values. It prints as they are sent, separated by blanks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope(u8);

impl Scope {
    /// Reads values that are separated by blanks. Unknown ones are ignored (OpenID Connect Core, 3.1.2.1).
    pub fn parse(text: &str) -> Self {
        let is_named = |value: &ScopeValue| text.split(' ').any(|word| word == value.as_str());
        Self(ScopeValue::ALL.iter().filter(|value| is_named(value)).map(|value| value.bit()).sum())
    }

    /// Returns whether a value is in the set.
    pub fn has(self, value: ScopeValue) -> bool {
        self.0 & value.bit() != 0
    }

    /// Returns whether every value of `other` is in the set.
    pub fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns the values that are in either set.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns all values but one.
    #[must_use]
    pub fn without(self, value: ScopeValue) -> Self {
        Self(self.0 & !value.bit())
    }

    /// Returns whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the values in the set.
    pub fn values(self) -> impl Iterator<Item = ScopeValue> {
        ScopeValue::ALL.into_iter().filter(move |value| self.has(*value))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.values().map(ScopeValue::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_values_and_repeated_ones_are_ignored() {
        let scope = Scope::parse("phone openid  email openid");
        assert_eq!(scope.to_string(), "openid phone");
        assert!(scope.covers(Scope::parse("phone")) && !scope.covers(Scope::parse("profile")));
        assert!(Scope::parse("").is_empty());
    }
}
