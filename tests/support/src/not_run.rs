//! Notes what a test could not try, for the list at the end of `cargo test` (`tests/what_did_not_run.rs`).

use std::{
    env::current_exe,
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    sync::{LazyLock, Once},
    thread,
};

use crate::processes::build_folder;

/// The prefix of the names of note files.
pub const PREFIX: &str = "not-run-";

/// Returns the folder of note files, which is Cargo's folder for files of integration tests.
pub fn folder() -> PathBuf {
    let folder = build_folder().parent().expect("a target folder").join("tmp");
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Returns the file of this test target. Each line is a note: the part, a tab, the test.
fn file() -> &'static Path {
    static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
        let executable = current_exe().expect("this test");
        let target = executable.file_stem().expect("a name").to_string_lossy();
        let target = target.rsplit_once('-').map_or(&*target, |(name, _hash)| name);
        folder().join(format!("{PREFIX}{target}"))
    });

    &FILE
}

/// Notes that this test ran without `part`, a variable that `scripts/test` sets.
pub fn note(part: &str) {
    append(part, thread::current().name().unwrap_or("?"));
}

/// Notes a sentence for the reader of the run.
pub fn remark(sentence: &str) {
    append("", &format!("{}: {sentence}", thread::current().name().unwrap_or("?")));
}

/// Removes the notes of an earlier run. Each test that looks for a part calls it first.
pub fn begin() {
    static BEGUN: Once = Once::new();

    // There is no file if the last run was complete.
    BEGUN.call_once(|| fs::remove_file(file()).unwrap_or_default());
}

fn append(part: &str, text: &str) {
    begin();
    let line = format!("{part}\t{}\n", text.replace(['\n', '\t'], " "));
    // A whole line is written at once, so that lines of concurrent tests do not mix.
    let opened = OpenOptions::new().create(true).append(true).open(file());
    opened.and_then(|mut file| file.write_all(line.as_bytes())).expect("a folder to write into");
}
