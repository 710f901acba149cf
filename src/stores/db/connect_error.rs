//! Why a server did not let us in, and what the operator can do about it.

use std::io;

use diesel::ConnectionError;
use mysql_async::{DriverError, Error, IoError, ServerError};

use super::address::{Server, Way};
use crate::stores::OpenError;

/// Why there is no connection to a server.
#[derive(Debug)]
pub(super) enum ConnectError {
    /// Nothing came back in time.
    Timeout,
    /// The client panicked over what the server sent.
    Panicked,
    /// The client or the server refused.
    Client(Error),
    /// The session's settings were refused.
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

/// The sentence for the operator. It quotes no message that names the user: a password may stand in the user's place.
pub(super) fn explain(server: &Server, error: &ConnectError) -> OpenError {
    match error {
        ConnectError::Timeout => server.is_away("nothing answers"),
        ConnectError::Panicked => server.refuses(
            "sends what the client cannot read: make sure that it is MySQL or MariaDB, and report this",
        ),
        ConnectError::Settings(text) => server.refuses(&format!("refuses our settings: {text}")),
        ConnectError::Client(Error::Io(IoError::Io(error))) => explain_io(server, error),
        ConnectError::Client(Error::Driver(error)) => explain_driver(server, error),
        ConnectError::Client(Error::Server(error)) => explain_server(server, error),
        ConnectError::Client(error) => server.refuses(&format!("cannot be used: {error}{}", hint(server))),
    }
}

fn explain_io(server: &Server, error: &io::Error) -> OpenError {
    match (error.kind(), server.authorities()) {
        (io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied, Some(path)) => {
            OpenError::refused(format!(
                "DATABASE_URL: ssl_ca names {}, which cannot be read: {error}",
                path.display()
            ))
        }
        // What TLS refuses comes as such.
        (io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput, _) => {
            server.refuses(&format!("cannot be used: {error}{}", hint(server)))
        }
        _ => server.is_away(&error.to_string()),
    }
}

fn explain_driver(server: &Server, error: &DriverError) -> OpenError {
    let plug_in = if let DriverError::UnknownAuthPlugin { name } = error {
        name
    } else if matches!(error, DriverError::MysqlOldPasswordDisabled) {
        "mysql_old_password"
    } else if matches!(error, DriverError::CleartextPluginDisabled) {
        "mysql_clear_password"
    } else if matches!(error, DriverError::ConnectionClosed) {
        return server.is_away("the connection was closed");
    } else {
        return server.refuses(&format!("cannot be used: {error}{}", hint(server)));
    };
    server.refuses(&format!(
        "wants this account to sign in by the plug-in `{plug_in}`, which Haoma does not have: ALTER USER … IDENTIFIED \
         VIA ed25519 or mysql_native_password on MariaDB, IDENTIFIED WITH caching_sha2_password on MySQL"
    ))
}

fn explain_server(server: &Server, error: &ServerError) -> OpenError {
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
        1053 => return server.is_away(&error.message),
        code => format!("cannot be used: {} ({code})", error.message),
    };
    server.refuses(&sentence)
}

/// What to do where TLS may be the reason.
fn hint(server: &Server) -> &'static str {
    match server.way() {
        Way::Local | Way::Open => "",
        Way::Verified => {
            " (by TLS only: ?ssl_ca=/path/to/ca.pem names an authority of your own, \
             ?ssl_mode=DISABLED a network of your own)"
        }
    }
}
