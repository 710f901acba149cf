//! Why a connection to a MySQL server failed, and what the operator can do about it.

use std::io;

use diesel::ConnectionError;
use mysql_async::{DriverError, Error, IoError, ServerError};

use crate::{
    OpenError,
    url::{MysqlUrl, TransportSecurity},
};

/// Why there is no connection to a server.
#[derive(Debug)]
pub(crate) enum ConnectError {
    /// The server did not answer in time.
    Timeout,
    /// The client panicked over an answer of the server.
    Panicked,
    /// The client or the server reported an error.
    Client(Error),
    /// The server refused the session settings.
    Settings(String),
}

impl From<ConnectError> for ConnectionError {
    fn from(error: ConnectError) -> Self {
        let text = match error {
            ConnectError::Timeout => "no answer".to_owned(),
            ConnectError::Panicked => "the client panicked".to_owned(),
            ConnectError::Client(error) => error.to_string(),
            ConnectError::Settings(text) => text,
        };
        Self::BadConnection(text)
    }
}

/// Describes the error for the operator. Messages that name the user are not quoted: the user name may be a misplaced
/// password.
pub(crate) fn explain(server: &MysqlUrl, error: &ConnectError) -> OpenError {
    match error {
        ConnectError::Timeout => unreachable(server, "nothing answers"),
        ConnectError::Panicked => refused(
            server,
            "sends what the client cannot read: make sure that it is MySQL or MariaDB, and report this",
        ),
        ConnectError::Settings(text) => refused(server, &format!("refuses our settings: {text}")),
        ConnectError::Client(Error::Io(IoError::Io(error))) => explain_io(server, error),
        ConnectError::Client(Error::Driver(error)) => explain_driver(server, error),
        ConnectError::Client(Error::Server(error)) => explain_server(server, error),
        ConnectError::Client(error) => {
            refused(server, &format!("cannot be used: {error}{}", hint(server)))
        }
    }
}

fn explain_io(server: &MysqlUrl, error: &io::Error) -> OpenError {
    match (error.kind(), server.ca_file()) {
        (io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied, Some(path)) => {
            OpenError::refused(format!(
                "DATABASE_URL: ssl_ca names {}, which cannot be read: {error}",
                path.display()
            ))
        }
        // Errors of TLS have these kinds.
        (io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput, _) => {
            refused(server, &format!("cannot be used: {error}{}", hint(server)))
        }
        _ => unreachable(server, &error.to_string()),
    }
}

fn explain_driver(server: &MysqlUrl, error: &DriverError) -> OpenError {
    let plug_in = if let DriverError::UnknownAuthPlugin { name } = error {
        name
    } else if matches!(error, DriverError::MysqlOldPasswordDisabled) {
        "mysql_old_password"
    } else if matches!(error, DriverError::CleartextPluginDisabled) {
        "mysql_clear_password"
    } else if matches!(error, DriverError::ConnectionClosed) {
        return unreachable(server, "the connection was closed");
    } else {
        return refused(server, &format!("cannot be used: {error}{}", hint(server)));
    };
    refused(
        server,
        &format!(
            "wants this account to sign in by the plug-in `{plug_in}`, which Haoma does not have: ALTER USER … IDENTIFIED \
         VIA ed25519 or mysql_native_password on MariaDB, IDENTIFIED WITH caching_sha2_password on MySQL"
        ),
    )
}

fn explain_server(server: &MysqlUrl, error: &ServerError) -> OpenError {
    let sentence = match error.code {
        // Access denied; the password has expired; the account is locked.
        1045 | 1698 => {
            "refuses the user name or the password: correct them, with % @ / ? # written as %25 %40 %2F %3F %23; an \
             account that signs in by unix_socket needs a password"
                .to_owned()
        }
        1820 | 1862 => "says that the password has expired: ALTER USER … IDENTIFIED BY …".to_owned(),
        3118 | 4151 => "says that this account is locked: ALTER USER … ACCOUNT UNLOCK".to_owned(),
        1044 | 1049 => format!(
            "has no database `{}` that this account may use: CREATE DATABASE and GRANT (docs/security.md), or correct \
             the name",
            server.database()
        ),
        1129 => "has blocked this machine after many errors: FLUSH HOSTS".to_owned(),
        1130 => "does not let this machine in: CREATE USER …@'<the address of this machine>'".to_owned(),
        1040 | 1203 => "has no connection left: raise max_connections, or lower DATABASE_POOL".to_owned(),
        1053 => return unreachable(server, &error.message),
        code => format!("cannot be used: {} ({code})", error.message),
    };
    refused(server, &sentence)
}

/// Says that the server answered, and what it did.
fn refused(server: &MysqlUrl, what: &str) -> OpenError {
    OpenError::refused(format!("DATABASE_URL: MySQL at {server} {what}"))
}

/// Says that no server answered.
fn unreachable(server: &MysqlUrl, why: &str) -> OpenError {
    OpenError::unreachable(format!(
        "DATABASE_URL: MySQL at {server} cannot be reached ({why}): start it, or correct host and port"
    ))
}

/// Returns what to try where TLS may be the reason.
fn hint(server: &MysqlUrl) -> &'static str {
    match server.transport_security() {
        TransportSecurity::Local | TransportSecurity::Plaintext => "",
        TransportSecurity::Verified => {
            " (by TLS only: ?ssl_ca=/path/to/ca.pem names an authority of your own, \
             ?ssl_mode=DISABLED a network of your own)"
        }
    }
}
