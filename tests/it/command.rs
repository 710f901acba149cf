//! The binary, as an operator calls it.

use std::{
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) is_success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `haoma` on a database, with nothing else in its environment and in an empty folder.
pub(crate) fn haoma(database_url: &str, arguments: &[&str]) -> Done {
    let folder = TempDir::new().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_haoma"))
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", database_url)
        .current_dir(folder.path())
        .output()
        .expect("runs");
    let Output { status, stdout, stderr } = output;
    let text = |it| String::from_utf8(it).expect("a text");
    Done { is_success: status.success(), stdout: text(stdout), stderr: text(stderr) }
}

/// Imports this text as a file.
pub(crate) fn import(database_url: &str, csv: impl AsRef<[u8]>) -> Done {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("users.csv");
    std::fs::write(&file, csv).expect("written");
    haoma(database_url, &["user", "import", path(&file)])
}

fn path(file: &Path) -> &str {
    file.to_str().expect("a readable path")
}
