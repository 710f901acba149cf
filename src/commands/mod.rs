//! The commands of the operator, one in each file.

pub mod client;
pub mod doctor;
pub mod import;
pub mod keys;
pub mod sms;
pub mod startup_message;
pub mod user;

use std::{io, io::Write as _};

use anyhow::Context as _;
use chrono::NaiveDateTime;

use crate::domain::mobile::Mobile;

/// Prints a line of a command's result on stdout.
fn print(line: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}")?;
    Ok(())
}

/// Prints a line for the operator on stderr. If that cannot be written, there is nobody left to report it to.
pub fn print_error(line: &str) {
    writeln!(io::stderr(), "{line}").unwrap_or_default();
}

fn parse_mobile(mobile: &str) -> anyhow::Result<Mobile> {
    Mobile::parse(mobile).ok().with_context(|| format!("`{mobile}` is not a mobile number"))
}

fn format_time(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
