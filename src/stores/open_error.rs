//! A store that cannot be opened.

/// Why a store cannot be opened.
///
/// The sentence names the variable, where the store is, and what to do; it holds nothing of a user name or a password.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct OpenError {
    sentence: String,
    is_unreachable: bool,
}

impl OpenError {
    /// The store answers and refuses, or a setting is wrong: another attempt would fail alike.
    pub(super) fn refused(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), is_unreachable: false }
    }

    /// Nothing answers at this address, or the store is still starting.
    pub(super) fn unreachable(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), is_unreachable: true }
    }

    /// Whether a later attempt may succeed although no setting has changed.
    pub fn is_unreachable(&self) -> bool {
        self.is_unreachable
    }
}
