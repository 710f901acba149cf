//! Checks of a set-up. `haoma doctor` prints every finding, and a start logs what is wrong.

pub mod database;
pub mod issuer;
pub mod network;
pub mod papers;
pub mod public_url;
pub mod redis;
pub mod sites;

/// Asked where only the operator can know whether an unencrypted connection is safe.
const OWN_NETWORK_QUESTION: &str = "is the whole network between you and it your own?";

/// The result of one check, as a line for the operator.
#[derive(Debug, PartialEq, Eq)]
pub enum Finding {
    /// The check passed.
    Good(String),
    /// It works, but the operator should know something about it.
    Note(String),
    /// The check failed; the line says what to do.
    Bad(String),
    /// The check was not possible.
    Unknown(String),
}

/// Logs what is wrong.
pub fn log_problems(findings: &[Finding]) {
    for finding in findings {
        if let Finding::Bad(line) = finding {
            log::warn!("event=setup_wrong finding={line:?}");
        }
    }
}
