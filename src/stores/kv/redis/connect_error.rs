//! Explains why Redis cannot be used, and what the operator can do about it.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::url::{RedisUrl, Topology};
use crate::stores::OpenError;

/// Explains an error of the `redis` crate to the operator.
pub(super) fn explain(url: &RedisUrl, error: &RedisError) -> OpenError {
    let message = error.to_string();
    if error.is_io_error() && is_tls_error(&message) {
        return refused(
            url,
            &format!(
                "is not trusted ({message}): name an authority of your own in REDIS_CA_FILE, and the host as its \
                 certificate does; without TLS there, write redis:// in place of rediss://"
            ),
        );
    }
    match (error.kind(), error.code()) {
        (ErrorKind::RESP3NotSupported, _) => {
            refused(url, "is older than version 6, or forbids HELLO: 6.2 or newer is needed")
        }
        (_, Some("NOAUTH")) => refused(
            url,
            "wants a password: write redis://user:password@host, or redis://:password@host",
        ),
        (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS")) => refused(
            url,
            "refuses the user name or the password: correct them, with @ / ? # written as %40 %2F %3F %23",
        ),
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) => refused(
            url,
            &format!(
                "does not let this account work ({message}): see ACL SETUSER in docs/security.md"
            ),
        ),
        (ErrorKind::MasterNameNotFoundBySentinel, _) => {
            unreachable(url, &format!("no Sentinel there knows {}", describe_master(url)))
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
        ) => unreachable(url, &message),
        _ => refused(url, &format!("cannot be used: {message}")),
    }
}

/// The server answers and cannot be used; `what` completes the sentence "Redis at … ".
pub(super) fn refused(url: &RedisUrl, what: &str) -> OpenError {
    OpenError::refused(format!("REDIS_URL: Redis at {} {what}", url.hosts()))
}

fn unreachable(url: &RedisUrl, why: &str) -> OpenError {
    OpenError::unreachable(format!(
        "REDIS_URL: Redis at {} cannot be reached ({why}): start it, or correct host and port",
        url.hosts()
    ))
}

fn describe_master(url: &RedisUrl) -> String {
    match &url.topology {
        Topology::Sentinel { master } => format!("a master `{master}`"),
        Topology::SingleNode | Topology::Cluster => "a master".to_owned(),
    }
}

/// Whether an I/O error comes from TLS: the server has no trusted certificate, or does not use TLS at all. The `redis` crate
/// has no error kind for it.
fn is_tls_error(message: &str) -> bool {
    ["certificate", "corrupt message", "InvalidContentType", "alert"]
        .iter()
        .any(|part| message.contains(part))
}

/// An error of our own in the form of the `redis` crate's.
pub(super) fn io_error(what: &'static str) -> RedisError {
    (ErrorKind::Io, what).into()
}
