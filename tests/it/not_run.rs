//! Notes what a test could not try, for the list at the end of `cargo test` (`tests/what_did_not_run.rs`).

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
    sync::Once,
    thread,
};

/// One line for each note: the part, a tab, the test.
const FILE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/not-run-", env!("CARGO_CRATE_NAME"));

/// Notes that this test went without `part`, a variable that `scripts/test` sets.
pub(crate) fn note(part: &str) {
    append(part, thread::current().name().unwrap_or("?"));
}

/// Notes something else that the reader of the run should know.
pub(crate) fn remark(sentence: &str) {
    append("", &format!("{}: {sentence}", thread::current().name().unwrap_or("?")));
}

/// Removes the notes of an earlier run. Each test that looks for a part calls it first.
pub(crate) fn begin() {
    static BEGUN: Once = Once::new();

    // There is no such file after a run that lacked nothing.
    BEGUN.call_once(|| fs::remove_file(Path::new(FILE)).unwrap_or_default());
}

fn append(part: &str, text: &str) {
    begin();
    let line = format!("{part}\t{}\n", text.replace(['\n', '\t'], " "));
    // One write of a whole line, so that tests that run at once do not mix theirs.
    let file = OpenOptions::new().create(true).append(true).open(FILE);
    file.and_then(|mut file| file.write_all(line.as_bytes())).expect("a folder to write into");
}
