//! `SECRET_KEY`: given, or made once and kept beside the SQLite file; and `SECRET_KEY_FALLBACKS`.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rand::RngCore as _;

use super::{ConnectionUrl, Env};
use crate::domain::keys::SecretKey;

/// Bytes; less is guessed (SECURITY R112).
const SHORTEST: usize = 32;
/// Keys that are read with and never made anything with, separated by commas.
const FALLBACKS: &str = "SECRET_KEY_FALLBACKS";
const HOW: &str = "make one with `openssl rand -base64 32`";

pub(super) fn read(env: &mut Env, database: Option<&ConnectionUrl>) -> Option<SecretKey> {
    let fallbacks = env.text(FALLBACKS).unwrap_or_default();
    let fallbacks = fallbacks.split(',').map(str::trim).filter(|it| !it.is_empty());
    let fallbacks = fallbacks.filter_map(|it| given(env, FALLBACKS, it)).collect();
    Some(current(env, database)?.with_fallbacks(fallbacks))
}

fn current(env: &mut Env, database: Option<&ConnectionUrl>) -> Option<SecretKey> {
    if let Some(text) = env.text("SECRET_KEY") {
        return given(env, "SECRET_KEY", &text).map(SecretKey::new);
    }
    let Some(path) = database?.as_str().strip_prefix("sqlite://") else {
        env.mistake("SECRET_KEY", format!("is not set, and MySQL needs it: {HOW}"));
        return None;
    };
    match beside(Path::new(path)) {
        Ok(key) => Some(key),
        Err(error) => {
            env.mistake("SECRET_KEY", format!("cannot be kept in a file: {error}"));
            None
        }
    }
}

fn given(env: &mut Env, name: &'static str, text: &str) -> Option<Vec<u8>> {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if text.len() < SHORTEST {
        let what = if name == FALLBACKS { "holds a key, up to a comma, that is" } else { "is" };
        env.mistake(name, format!("{what} shorter than {SHORTEST} characters: {HOW}"));
        None
    } else if letters.len() < 8 || text.to_lowercase().contains("change") {
        env.mistake(name, format!("is a placeholder: {HOW}"));
        None
    } else {
        Some(text.as_bytes().to_vec())
    }
}

/// The key in the file `….key` beside the database, made on the first start.
fn beside(database: &Path) -> io::Result<SecretKey> {
    let path = database.with_extension("key");
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut random = [0; SHORTEST];
    rand::rng().fill_bytes(&mut random);
    // `create_new` lets one of two processes make it; the other then reads what that one made.
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => {
            file.write_all(BASE64_STANDARD.encode(random).as_bytes())?;
            file.sync_all()?;
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let text = fs::read_to_string(&path)?;
    if text.trim().len() < SHORTEST {
        return Err(io::Error::other(format!("{} is too short", path.display())));
    }
    Ok(SecretKey::new(text.trim().as_bytes().to_vec()))
}
