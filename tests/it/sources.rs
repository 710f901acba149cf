//! Our own source files, for tests of what may stand in them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every file in a folder and below.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|it| it.expect("an entry").path());
    let (folders, leaves): (Vec<_>, Vec<_>) = entries.partition(|it| it.is_dir());
    leaves.into_iter().chain(folders.iter().flat_map(|it| files(it))).collect()
}

/// The line of `docs/security.md` that begins like this.
pub(crate) fn told(beginning: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md");
    let text = fs::read_to_string(path).expect("readable");
    text.lines().find(|it| it.starts_with(beginning)).expect("a line").to_owned()
}
