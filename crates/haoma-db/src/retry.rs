//! Whether a failed attempt may be repeated.

use crate::{Error, WorkError};

/// The failure of one attempt.
pub(crate) enum Failure<E> {
    /// Nothing was committed and the reason may pass: a deadlock, a lock, a connection that was cut.
    Transient(E),
    /// Another attempt would not help, or it is unknown whether the transaction was committed.
    Final(E),
}

impl<E: WorkError> Failure<E> {
    /// Creates a failure that ends the call.
    pub(crate) fn fatal(error: impl Into<Error>) -> Self {
        Self::Final(E::from(error.into()))
    }
}
