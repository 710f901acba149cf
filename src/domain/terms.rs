//! The terms that a person accepts by registering, when the operator has any.

use url::Url;

/// Where they are to be read, and which they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Where they are to be read.
    pub url: Url,
    /// What is kept with an account, beside the time.
    pub version: TermsVersion,
}

/// 1 to 32 of `[0-9A-Za-z._-]`, like `2026-11`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsVersion(String);

impl TermsVersion {
    /// Reads a version.
    pub fn parse(text: &str) -> Option<Self> {
        let is_known = |it: u8| it.is_ascii_alphanumeric() || b"._-".contains(&it);
        let is_version = (1..=32).contains(&text.len()) && text.bytes().all(is_known);
        is_version.then(|| Self(text.to_owned()))
    }

    /// The version as it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
