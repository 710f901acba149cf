//! What the operator can do at the terminal, one command a file.

pub mod doctor;
pub mod import;
pub mod keys;
pub mod sms;
pub mod startup_message;
pub mod user;

use std::io::Write as _;

/// Prints a line of a command's answer.
fn print(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
