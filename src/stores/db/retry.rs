//! Whether a failed call may be tried again.

use diesel::result::{DatabaseErrorKind, Error as DieselError, Error::DatabaseError};

use crate::errors::{Error, Source};

/// The failure of one attempt.
pub(super) enum Failure {
    /// Nothing was committed and the reason may pass: a deadlock, a lock, a connection that was cut.
    Transient(Error),
    /// Another attempt would not help, or it is unknown whether the transaction was committed.
    Final(Error),
}

impl Failure {
    /// No connection could be opened.
    pub(super) fn no_connection(error: impl Into<Source>) -> Self {
        Self::Final(Error::store(error))
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        if is_query_fault(&error) { Self::internal(error) } else { Self::store(error) }
    }
}

/// Parts of the messages of transient failures; Diesel keeps the text, not the number. In each of these cases nothing
/// was committed.
const TRANSIENT: [&str; 4] = [
    // 1205, 1213: a lock; on Galera also a conflict with another node.
    "try restarting transaction",
    // 1180: the same at COMMIT.
    "Retry transaction",
    // 3101: the same in a replication group.
    "rollback the current transaction",
    // SQLite.
    "database is locked",
];

/// 1290 and 1836: the server is read-only, as after a failover. 1047: the node has lost its cluster.
const READ_ONLY: [&str; 3] =
    ["read-only option", "Running in read-only mode", "WSREP has not yet prepared node"];

/// Whether another attempt may succeed.
pub(super) fn is_transient(error: &DieselError) -> bool {
    message_contains(error, &TRANSIENT) || is_read_only(error)
}

/// Whether the server takes no writes, so that another one should be tried.
pub(super) fn is_read_only(error: &DieselError) -> bool {
    message_contains(error, &READ_ONLY)
}

fn message_contains(error: &DieselError, parts: &[&str]) -> bool {
    let DatabaseError(_, information) = error else {
        return false;
    };
    let message = information.message();
    parts.iter().any(|part| message.contains(part))
}

/// Whether the database is well and the query was wrong.
fn is_query_fault(error: &DieselError) -> bool {
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
