//! Source files of this repository, for tests that check them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Returns the root of the repository.
pub fn root() -> &'static Path {
    // This crate is in `tests/support`.
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Returns every file in a folder and below.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, leaves): (Vec<_>, Vec<_>) = entries.partition(|entry| entry.is_dir());
    leaves.into_iter().chain(folders.iter().flat_map(|folder| files(folder))).collect()
}

/// Returns the line of `docs/security.md` that begins like this.
pub fn security_doc_line(beginning: &str) -> String {
    let path = root().join("docs/security.md");
    let text = fs::read_to_string(path).expect("readable");
    text.lines().find(|line| line.starts_with(beginning)).expect("a line").to_owned()
}

/// Returns every variable in `.env.example` with its value there.
pub fn example() -> BTreeMap<String, String> {
    let path = root().join(".env.example");
    let text = fs::read_to_string(path).expect("`.env.example`");
    let mut shown = BTreeMap::new();
    let mut is_explained = false;
    for line in text.lines() {
        let bare = line.strip_prefix('#').unwrap_or(line);
        let is_name = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        };
        match bare.split_once('=').filter(|(name, _)| !name.is_empty() && is_name(name)) {
            Some((name, value)) => {
                assert!(is_explained, "no sentence above {name}");
                assert!(shown.insert(name.to_owned(), value.to_owned()).is_none(), "{name} twice");
            }
            None => is_explained = line.starts_with("# "),
        }
    }
    shown
}
