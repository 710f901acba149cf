//! The terms that a person accepts by registering, if the operator has any.

use url::Url;

/// The terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The page with the terms.
    pub url: Url,
    /// The page with the privacy policy; `None` if the terms contain it.
    pub privacy_url: Option<Url>,
    /// The version, which is stored with an account and the time.
    pub version: TermsVersion,
}

/// 1 to 32 of `[0-9A-Za-z._-]`, for example `2026-11`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsVersion(String);

impl TermsVersion {
    /// Reads a version.
    pub fn parse(text: &str) -> Option<Self> {
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_version = (1..=32).contains(&text.len()) && text.bytes().all(is_known);
        is_version.then(|| Self(text.to_owned()))
    }

    /// Returns the version as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
