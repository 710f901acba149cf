//! `STATIC_ROOT`: a folder of the operator's own files, served at `/`.

use std::{
    io,
    path::{Path, PathBuf},
};

use percent_encoding::percent_decode_str;

/// The folder. Nothing outside it can be served.
#[derive(Clone, Debug)]
pub struct StaticRoot(PathBuf);

impl StaticRoot {
    /// Opens a folder, which has to exist.
    pub fn open(folder: &Path) -> io::Result<Self> {
        folder.canonicalize().map(Self)
    }

    /// Finds the file of a path; for a folder, its `index.html`.
    ///
    /// Names that begin with a dot are hidden, and symbolic links that lead out of the folder are not followed.
    pub(super) fn find(&self, path: &str) -> Option<PathBuf> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let mut file = self.0.clone();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            if name.starts_with('.') || name.contains(['\\', '\0', ':']) {
                return None;
            }
            file.push(name);
        }
        if file.is_dir() {
            file.push("index.html");
        }
        let file = file.canonicalize().ok()?;
        (file.is_file() && file.starts_with(&self.0)).then_some(file)
    }
}
