//! The error of a call to the database.

use std::error::Error as StdError;

use diesel::result::{DatabaseErrorKind, Error as DieselError, Error::DatabaseError};
use tokio::{sync::AcquireError, task::JoinError, time::error::Elapsed};

use crate::OpenError;

/// Why a call to the database failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A query failed.
    #[error(transparent)]
    Query(#[from] DieselError),
    /// No connection could be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The pool of SQLite gave no connection in time.
    #[error("{0}")]
    NoConnection(String),
    /// The call has taken too long, or has waited too long for its permit.
    #[error(transparent)]
    Timeout(#[from] Elapsed),
    /// The work was done after the deadline, so it was rolled back.
    #[error("too late to commit")]
    TooLate,
    /// A write was refused a moment ago, with this message.
    #[error("{0}")]
    RefusesWrites(String),
    /// A fault of the program.
    #[error("{0}")]
    Internal(&'static str),
}

impl Error {
    /// Describes a thread that ended before its work was done. The text of a panic is left out: it may quote a secret.
    pub(crate) fn of_thread(failed: &JoinError) -> Self {
        Self::Internal(if failed.is_panic() { "a task panicked" } else { "a task was ended" })
    }
}

impl From<AcquireError> for Error {
    fn from(_: AcquireError) -> Self {
        Self::Internal("the pool was closed")
    }
}

/// The error type of the closures that [`Db::read`](crate::Db::read) and its siblings run.
pub trait WorkError: From<Error> + Send + 'static {
    /// Returns the failure of the database inside this error: a [`diesel::result::Error`] or an [`enum@Error`].
    ///
    /// `None` means that the closure itself decided to fail, or that its query was wrong: the call is then not retried.
    fn database_failure(&self) -> Option<&(dyn StdError + Send + Sync + 'static)>;
}

impl WorkError for Error {
    fn database_failure(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        match self {
            Self::Query(error) if is_query_fault(error) => None,
            Self::Query(error) => Some(error),
            Self::Internal(_) => None,
            Self::Open(_)
            | Self::NoConnection(_)
            | Self::Timeout(_)
            | Self::TooLate
            | Self::RefusesWrites(_) => Some(self),
        }
    }
}

/// Whether the database is well and the query was wrong.
pub fn is_query_fault(error: &DieselError) -> bool {
    use DieselError::{DeserializationError, NotFound, QueryBuilderError, SerializationError};

    matches!(
        error,
        NotFound
            | QueryBuilderError(_)
            | SerializationError(_)
            | DeserializationError(_)
            | DatabaseError(
                DatabaseErrorKind::UniqueViolation
                    | DatabaseErrorKind::ForeignKeyViolation
                    | DatabaseErrorKind::NotNullViolation
                    | DatabaseErrorKind::CheckViolation,
                _
            )
    )
}
