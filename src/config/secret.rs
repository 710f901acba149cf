//! `SECRET_KEY`, which is set or created once in a file beside the SQLite file, and `SECRET_KEY_FALLBACKS`.

use std::{
    fmt, fs, io,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf, absolute},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rand::RngCore as _;

use super::{ConnectionUrl, Env};
use crate::domain::keys::SecretKey;

/// The least length of a key in bytes; a shorter one could be guessed (R112).
const MIN_LENGTH: usize = 32;
/// Former keys, separated by commas. They verify and decrypt, but sign and encrypt nothing new.
const FALLBACKS: &str = "SECRET_KEY_FALLBACKS";
const ADVICE: &str = "make one with `openssl rand -base64 32`";

/// The server's key, or the file in which it will be created.
#[derive(Clone)]
pub enum SecretKeySource {
    /// The key is known.
    Known(SecretKey),
    /// The key will be created in this file when the database beside it is created.
    NewFile {
        /// The path of the file.
        path: PathBuf,
        /// Former keys.
        fallbacks: Vec<Vec<u8>>,
    },
}

impl SecretKeySource {
    /// Returns the key, and creates its file if it does not exist. If two processes do so at once, both use the same
    /// key.
    pub fn open(&self) -> anyhow::Result<SecretKey> {
        match self {
            Self::Known(key) => Ok(key.clone()),
            Self::NewFile { path, fallbacks } => {
                create_key_file(path)?;
                Ok(SecretKey::new(read_key_file(path)?).with_fallbacks(fallbacks.clone()))
            }
        }
    }
}

impl fmt::Debug for SecretKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Reads the key, and creates no file.
pub(super) fn read(env: &mut Env, database: Option<&ConnectionUrl>) -> Option<SecretKeySource> {
    let fallbacks = env.text(FALLBACKS).unwrap_or_default();
    let fallbacks = fallbacks.split(',').map(str::trim).filter(|text| !text.is_empty());
    let fallbacks = fallbacks.filter_map(|text| parse_key(env, FALLBACKS, text)).collect();
    if env.is_set("SECRET_KEY") {
        let text = env.text("SECRET_KEY")?;
        let key = SecretKey::new(parse_key(env, "SECRET_KEY", &text)?);
        return Some(SecretKeySource::Known(key.with_fallbacks(fallbacks)));
    }
    let Some(database) = database?.as_str().strip_prefix("sqlite://") else {
        env.report("SECRET_KEY", format!("is not set, and MySQL needs it: {ADVICE}"));
        return None;
    };
    let path = Path::new(database).with_extension("key");
    if !path.exists() {
        return Some(SecretKeySource::NewFile { path, fallbacks });
    }
    match read_key_file(&path) {
        Ok(key) => Some(SecretKeySource::Known(SecretKey::new(key).with_fallbacks(fallbacks))),
        Err(error) => {
            env.report("SECRET_KEY", format!("is not set, and {error}"));
            None
        }
    }
}

fn parse_key(env: &mut Env, name: &'static str, text: &str) -> Option<Vec<u8>> {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if text.len() < MIN_LENGTH {
        let start = if name == FALLBACKS { "holds a key, up to a comma, that is" } else { "is" };
        env.report(name, format!("{start} shorter than {MIN_LENGTH} characters: {ADVICE}"));
        None
    } else if letters.len() < 8 || text.to_lowercase().contains("change") {
        env.report(name, format!("is a placeholder: {ADVICE}"));
        None
    } else {
        Some(text.as_bytes().to_vec())
    }
}

/// Creates the file with a new key, unless it exists.
fn create_key_file(path: &Path) -> anyhow::Result<()> {
    let whole = absolute(path).unwrap_or_else(|_| path.to_path_buf());
    write_new_key(path).map_err(|error| {
        anyhow::anyhow!(
            "SECRET_KEY is not set, and its file {} cannot be written: {error}: let this user write the folder, or set \
             SECRET_KEY",
            whole.display()
        )
    })
}

fn write_new_key(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut random = [0; MIN_LENGTH];
    rand::rng().fill_bytes(&mut random);
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            let text = BASE64_STANDARD.encode(random);
            let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
            // Half a key would stop every later start, even after the disk has room again.
            written.inspect_err(|_| fs::remove_file(path).unwrap_or_default())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Reads the key from its file.
fn read_key_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let whole = absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let text = fs::read_to_string(path)
        .map_err(|error| anyhow::anyhow!("its file {} cannot be read: {error}", whole.display()))?;
    anyhow::ensure!(
        text.trim().len() >= MIN_LENGTH,
        "its file {} is cut short: put the key back that was in it, or remove it, which signs everybody out",
        whole.display()
    );
    Ok(text.trim().as_bytes().to_vec())
}
