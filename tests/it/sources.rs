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
