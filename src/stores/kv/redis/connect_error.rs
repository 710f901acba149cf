//! Why Redis did not let us in, and what the operator can do about it.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::url::{RedisUrl, Way};
use crate::stores::OpenError;

/// The sentence for the operator.
pub(super) fn explain(address: &RedisUrl, error: &RedisError) -> OpenError {
    let message = error.to_string();
    if error.is_io_error() && is_of_tls(&message) {
        return refused(
            address,
            &format!(
                "is not trusted ({message}): name an authority of your own in REDIS_CA_FILE, and the host as its \
                 certificate does; without TLS there, write redis:// in place of rediss://"
            ),
        );
    }
    match (error.kind(), error.code()) {
        (ErrorKind::RESP3NotSupported, _) => {
            refused(address, "is older than version 6, or forbids HELLO: 6.2 or newer is needed")
        }
        (_, Some("NOAUTH")) => refused(
            address,
            "wants a password: write redis://user:password@host, or redis://:password@host",
        ),
        (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS")) => refused(
            address,
            "refuses the user name or the password: correct them, with @ / ? # written as %40 %2F %3F %23",
        ),
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) => refused(
            address,
            &format!(
                "does not let this account work ({message}): see ACL SETUSER in docs/security.md"
            ),
        ),
        (ErrorKind::MasterNameNotFoundBySentinel, _) => {
            away(address, &format!("no Sentinel there knows {}", master(address)))
        }
        (
            ErrorKind::Io
            | ErrorKind::ClusterConnectionNotFound
            | ErrorKind::Server(
                ServerErrorKind::BusyLoading
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::TryAgain,
            ),
            _,
        ) => away(address, &message),
        _ => refused(address, &format!("cannot be used: {message}")),
    }
}

/// It answers, and this is what is wrong with it.
pub(super) fn refused(address: &RedisUrl, what: &str) -> OpenError {
    OpenError::refused(format!("REDIS_URL: Redis at {} {what}", address.place()))
}

fn away(address: &RedisUrl, why: &str) -> OpenError {
    OpenError::unreachable(format!(
        "REDIS_URL: Redis at {} cannot be reached ({why}): start it, or correct host and port",
        address.place()
    ))
}

fn master(address: &RedisUrl) -> String {
    match &address.way {
        Way::Sentinel { master } => format!("a master `{master}`"),
        Way::One | Way::Cluster => "a master".to_owned(),
    }
}

/// A server that proves nothing, and one that does not speak TLS, come as failures of the line.
fn is_of_tls(message: &str) -> bool {
    ["certificate", "corrupt message", "InvalidContentType", "alert"]
        .iter()
        .any(|part| message.contains(part))
}
