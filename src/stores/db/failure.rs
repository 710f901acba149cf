//! What a failure of the database means: whether it passes, and whose it is.

use diesel::result::{DatabaseErrorKind, Error as DieselError, Error::DatabaseError};

use crate::errors::{Error, Source};

/// Why an attempt failed, and whether another may succeed.
pub(super) enum Failure {
    /// Nothing was changed and the reason passes: a deadlock, a lock, a connection that was cut.
    Passing(Error),
    /// Trying again would not help, or nobody knows what was changed.
    Final(Error),
}

impl Failure {
    /// There was no connection to be had.
    pub(super) fn unopened(error: impl Into<Source>) -> Self {
        Self::Final(Error::store(error))
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        if is_ours(&error) { Self::internal(error) } else { Self::store(error) }
    }
}

/// What passes, by its message: diesel keeps the text, not the number. In each of these nothing was
/// committed.
const PASSING: [&str; 4] = [
    // 1205, 1213: a lock; on Galera also that another node was faster.
    "try restarting transaction",
    // 1180: the same at COMMIT.
    "Retry transaction",
    // 3101: the same in a replication group.
    "rollback the current transaction",
    // SQLite.
    "database is locked",
];

/// 1290 and 1836: the server has been told to take no writes, as after a failover, and 1047: it has lost
/// its cluster.
const MISLED: [&str; 3] =
    ["read-only option", "Running in read-only mode", "WSREP has not yet prepared node"];

/// Whether another attempt may succeed.
pub(super) fn is_passing(error: &DieselError) -> bool {
    says(error, &PASSING) || is_misled(error)
}

/// Whether another server may be asked.
pub(super) fn is_misled(error: &DieselError) -> bool {
    says(error, &MISLED)
}

fn says(error: &DieselError, messages: &[&str]) -> bool {
    let DatabaseError(_, information) = error else {
        return false;
    };
    let message = information.message();
    messages.iter().any(|it| message.contains(it))
}

/// The database did answer: the query was wrong.
fn is_ours(error: &DieselError) -> bool {
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
