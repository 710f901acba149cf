//! What is wrong with a set-up, a line each, with what to do. `haoma doctor` prints all of it; a start warns of what is wrong.

pub mod database;
pub mod network;
pub mod public_url;
pub mod redis;

/// What a machine cannot know.
const OWN_NETWORK_QUESTION: &str = "is the whole network between you and it your own?";

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub enum Finding {
    /// As it should be.
    Good(String),
    /// What works, but for something that is not set.
    Note(String),
    /// What is wrong, and what to do.
    Bad(String),
    /// What could not be looked at.
    Unknown(String),
}

/// Tells whoever reads the log what is wrong.
pub fn log_problems(findings: &[Finding]) {
    for finding in findings {
        if let Finding::Bad(line) = finding {
            log::warn!("event=setup_wrong finding={line:?}");
        }
    }
}
