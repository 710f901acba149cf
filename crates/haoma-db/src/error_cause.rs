//! The cause of a database error, read from its message. No other file reads messages.
//!
//! The databases do give codes, and Diesel turns those of violated constraints into `DatabaseErrorKind`. It drops all
//! others: diesel-async copies the message of `mysql_async::ServerError` and not its code (its `error_helper.rs`),
//! Diesel's connection to SQLite does the same with the extended result code (its `stmt.rs`), and only `unsafe` code
//! could ask either connection again. Only a failure to connect still has its code (`mysql/connect_error.rs`).
//!
//! The messages are stable: SQLite's are constants, and each session on MySQL sets `lc_messages` to English.

use std::error::Error as StdError;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::Error;

/// The causes that this crate distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorCause {
    /// A deadlock, or a lock that was not free in time. The transaction was rolled back.
    LockConflict,
    /// Another connection holds SQLite's file.
    FileLocked,
    /// The server is read-only, as after a failover.
    ReadOnlyServer,
    /// A node of Galera has lost its cluster.
    NodeNotReady,
    /// The database reports a full disk.
    DiskFull,
    /// The system reports a full disk.
    NoSpaceForFile,
    /// SQLite's file is read-only.
    ReadOnlyFile,
    /// SQLite cannot read or write its file, for example because the file system has become read-only.
    DiskError,
    /// The file or its folder may not be written.
    FileNotWritable,
    /// The file is not one of SQLite.
    NotADatabase,
    /// The account lacks a privilege.
    NoPrivilege,
}

/// Parts of messages, each with MySQL's error numbers or SQLite's result code. The first that matches counts.
const MESSAGES: [(&str, ErrorCause); 18] = [
    // 1205, 1213; on Galera also a conflict with another node.
    ("try restarting transaction", ErrorCause::LockConflict),
    // 1180: the same at COMMIT.
    ("Retry transaction", ErrorCause::LockConflict),
    // 3101: the same in a replication group.
    ("rollback the current transaction", ErrorCause::LockConflict),
    // SQLITE_BUSY.
    ("database is locked", ErrorCause::FileLocked),
    // 1290, also for super_read_only.
    ("read-only option", ErrorCause::ReadOnlyServer),
    // 1836.
    ("Running in read-only mode", ErrorCause::ReadOnlyServer),
    // 1047.
    ("WSREP has not yet prepared node", ErrorCause::NodeNotReady),
    // SQLITE_FULL.
    ("disk is full", ErrorCause::DiskFull),
    // 1021.
    ("Disk full", ErrorCause::DiskFull),
    // 1114: The table '…' is full.
    ("' is full", ErrorCause::DiskFull),
    // ENOSPC.
    ("No space left", ErrorCause::NoSpaceForFile),
    // SQLITE_READONLY.
    ("readonly database", ErrorCause::ReadOnlyFile),
    // SQLITE_IOERR.
    ("disk I/O error", ErrorCause::DiskError),
    // SQLITE_CANTOPEN.
    ("unable to open database file", ErrorCause::FileNotWritable),
    // EACCES.
    ("Permission denied", ErrorCause::FileNotWritable),
    // EROFS.
    ("Read-only file system", ErrorCause::FileNotWritable),
    // SQLITE_NOTADB.
    ("file is not a database", ErrorCause::NotADatabase),
    // 1142.
    ("command denied", ErrorCause::NoPrivilege),
];

impl ErrorCause {
    /// Returns the cause that a message tells, if it is one of those above.
    pub(crate) fn of_message(message: &str) -> Option<Self> {
        let known = MESSAGES.iter().find(|(part, _)| message.contains(part));
        known.map(|(_, cause)| *cause)
    }

    /// Returns the cause of a failed query.
    pub(crate) fn of_query(error: &DieselError) -> Option<Self> {
        let DieselError::DatabaseError(_, information) = error else { return None };
        Self::of_message(information.message())
    }

    /// Returns the cause of a failure that a [`WorkError`](crate::WorkError) contains.
    pub(crate) fn of_failure(failure: &(dyn StdError + Send + Sync + 'static)) -> Option<Self> {
        match failure.downcast_ref::<Error>() {
            Some(Error::Query(error)) => Self::of_query(error),
            _ => failure.downcast_ref::<DieselError>().and_then(Self::of_query),
        }
    }

    /// Whether nothing was committed and another attempt may succeed.
    pub(crate) fn is_transient(self) -> bool {
        matches!(self, Self::LockConflict | Self::FileLocked) || self.is_read_only()
    }

    /// Whether the server takes no writes now, so that another server should be tried.
    pub(crate) fn is_read_only(self) -> bool {
        matches!(self, Self::ReadOnlyServer | Self::NodeNotReady)
    }

    /// Whether other writes will be refused as well, for a while.
    pub(crate) fn refuses_writes(self) -> bool {
        matches!(self, Self::DiskFull | Self::ReadOnlyFile | Self::DiskError | Self::ReadOnlyServer)
    }

    /// Returns what the operator can do about it, to append to the message.
    fn advice(self) -> &'static str {
        match self {
            Self::DiskFull | Self::NoSpaceForFile => ": make room on its disk",
            Self::ReadOnlyFile | Self::FileNotWritable => {
                ": the user that runs Haoma has to be allowed to write the file and its folder"
            }
            Self::ReadOnlyServer => {
                ": lead DATABASE_URL to the server that takes writes, or SET GLOBAL read_only = 0"
            }
            Self::NotADatabase => ": name a file of SQLite's, or one that does not exist yet",
            Self::FileLocked => ": end the other program that holds it",
            Self::NoPrivilege => ": GRANT this account what docs/security.md names",
            Self::LockConflict | Self::NodeNotReady | Self::DiskError => "",
        }
    }
}

/// Returns advice for the operator to append to a message, or an empty text where there is none.
pub(crate) fn advice(message: &str) -> &'static str {
    ErrorCause::of_message(message).map_or("", ErrorCause::advice)
}

/// Returns the unique key that a query has violated; `None` if it failed for another reason.
///
/// MySQL gives the name of the index, with or without that of the table (`users_name_key`, `users.users_name_key`);
/// SQLite gives the column (`users.name`). Only the end of the message counts, because MySQL quotes the value before it,
/// and a value can be any text.
pub fn violated_unique_key(error: &DieselError) -> Option<&str> {
    let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information) = error else {
        return None;
    };
    let message = information.message().trim_end_matches('\'');
    message.rsplit([' ', '\'']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query_error(kind: DatabaseErrorKind, message: &str) -> DieselError {
        DieselError::DatabaseError(kind, Box::new(message.to_owned()))
    }

    #[test]
    fn messages_of_both_databases_have_a_cause() {
        let causes = [
            ("Lock wait timeout exceeded; try restarting transaction", ErrorCause::LockConflict),
            (
                "Deadlock found when trying to get lock; try restarting transaction",
                ErrorCause::LockConflict,
            ),
            (
                "The MySQL server is running with the --super-read-only option so it cannot execute this statement",
                ErrorCause::ReadOnlyServer,
            ),
            ("database or disk is full", ErrorCause::DiskFull),
            ("The table 'users' is full", ErrorCause::DiskFull),
            ("attempt to write a readonly database", ErrorCause::ReadOnlyFile),
        ];
        for (message, cause) in causes {
            let error = query_error(DatabaseErrorKind::Unknown, message);
            assert_eq!(ErrorCause::of_query(&error), Some(cause), "{message}");
        }
        assert_eq!(ErrorCause::of_message("no such table: users"), None);
    }

    #[test]
    fn a_cause_is_found_in_either_error_type() {
        let locked = || query_error(DatabaseErrorKind::Unknown, "database is locked");

        assert_eq!(ErrorCause::of_failure(&locked()), Some(ErrorCause::FileLocked));
        assert_eq!(ErrorCause::of_failure(&Error::Query(locked())), Some(ErrorCause::FileLocked));
        assert_eq!(ErrorCause::of_failure(&Error::TooLate), None);
    }

    #[test]
    fn the_value_in_a_message_is_no_key() {
        let keys = [
            ("Duplicate entry 'for key 'a.b'' for key 'users_name_key'", "users_name_key"),
            ("Duplicate entry 'ada' for key 'users.users_name_key'", "users.users_name_key"),
            ("UNIQUE constraint failed: users.name", "users.name"),
        ];
        for (message, key) in keys {
            let error = query_error(DatabaseErrorKind::UniqueViolation, message);
            assert_eq!(violated_unique_key(&error), Some(key), "{message}");
        }
        let other = query_error(DatabaseErrorKind::Unknown, "failed: users.name");
        assert_eq!(violated_unique_key(&other), None);
    }
}
