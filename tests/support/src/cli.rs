//! Runs the binary as an operator does.

use std::{
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

use crate::processes::haoma_binary;

/// The exit status and the output of a command.
#[derive(Debug)]
pub struct Done {
    pub is_success: bool,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `haoma` on a database, in an empty folder and with nothing else in its environment.
pub fn run_haoma(database_url: &str, arguments: &[&str]) -> Done {
    let folder = TempDir::new().expect("a folder");
    let output = Command::new(haoma_binary())
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", database_url)
        .current_dir(folder.path())
        .output()
        .expect("runs");
    let Output { status, stdout, stderr } = output;
    let text = |bytes| String::from_utf8(bytes).expect("a text");
    Done { is_success: status.success(), stdout: text(stdout), stderr: text(stderr) }
}

/// Imports a CSV text.
pub fn import(database_url: &str, csv: impl AsRef<[u8]>) -> Done {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("users.csv");
    std::fs::write(&file, csv).expect("written");
    run_haoma(database_url, &["user", "import", path(&file)])
}

fn path(file: &Path) -> &str {
    file.to_str().expect("a readable path")
}
