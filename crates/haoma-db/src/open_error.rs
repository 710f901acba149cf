//! Why a database cannot be opened.

/// Why a database cannot be opened.
///
/// The sentence names the setting, the place of the database, and what to do. It contains no user name and no password.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct OpenError {
    sentence: String,
    is_unreachable: bool,
}

impl OpenError {
    /// Creates an error for a database that refuses, or a setting that is wrong: another attempt would fail alike.
    pub(crate) fn refused(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), is_unreachable: false }
    }

    /// Creates an error for a server that does not answer, or is still starting.
    pub(crate) fn unreachable(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), is_unreachable: true }
    }

    /// Whether a later attempt may succeed although no setting has changed.
    pub fn is_unreachable(&self) -> bool {
        self.is_unreachable
    }
}
