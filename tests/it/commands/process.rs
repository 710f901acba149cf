//! A run of the binary.

use std::{
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;
use tokio::task;

/// The binary in a folder, with these settings and no others.
pub(super) fn command(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_haoma"));
    command.current_dir(folder).env_clear().args(arguments).envs(settings.iter().copied());
    command
}

/// What a run printed, and how it ended.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Run {
    pub(super) fn says(&self, text: &str) -> bool {
        self.stdout.contains(text)
    }
}

/// Runs a command to its end in a folder.
pub(super) async fn run_in(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    let mut command = command(folder, arguments, settings);
    let output = task::spawn_blocking(move || command.output()).await.expect("no panic");
    let Output { status, stdout, stderr } = output.expect("it runs");
    let text = |it: Vec<u8>| String::from_utf8(it).expect("a text");
    Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// Runs a command to its end in an empty folder.
pub(super) async fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    let folder = TempDir::new().expect("a folder");
    run_in(folder.path(), arguments, settings).await
}
