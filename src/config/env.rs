//! The only reader of environment variables. It collects every mistake instead of stopping at the first.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
    fmt::Display,
    fs, io,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use super::{env_file, env_file::Assignment, unknown};

/// The file that is read if it is in the working directory.
const LOCAL_FILE: &str = ".env";
/// The file that is read if there is no [`LOCAL_FILE`] and the environment has no settings. The systemd unit in
/// `deploy/` starts the server with it, and commands should use the same settings as the server.
const SYSTEM_FILE: &str = "/etc/haoma.env";

/// Environment variables, and the mistakes found in them so far.
#[derive(Clone, Default)]
pub struct Env {
    /// The values by name; `None` is a value that is not UTF-8.
    values: BTreeMap<String, Option<String>>,
    names_read: BTreeSet<Cow<'static, str>>,
    errors: Vec<ConfigError>,
    /// Variables whose value cannot be read. Only the first mistake is reported for each.
    unreadable: BTreeSet<String>,
    file: Option<PathBuf>,
}

/// A variable that cannot be used as it is, or a line of a file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The variable's name, or `line 3 of .env`.
    pub name: Cow<'static, str>,
    /// The error and its remedy. It never contains the value, which may be a secret.
    pub message: String,
}

/// Prints only the names, because any value may be a secret.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Env {
    /// Reads the variables of this process and those of a file, which the process overrides. The file is the given one,
    /// or `.env` in the working directory, or `/etc/haoma.env` if the environment has no settings.
    ///
    /// A file that is given has to exist. A file that cannot be read is reported as a [`ConfigError`] with all others.
    pub fn from_process(file: Option<&Path>) -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the one reader")]
        let variables = std::env::vars_os();
        let mut env = Self::default();
        for (name, value) in variables {
            if let Ok(name) = name.into_string() {
                env.values.insert(name, value.into_string().ok());
            }
        }
        env.read_file(file, Path::new(LOCAL_FILE), Path::new(SYSTEM_FILE));
        env
    }

    /// Makes an environment of the given variables and no others. Later ones win.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let values = pairs.into_iter().map(|(name, value)| (name, Some(value))).collect();
        Self { values, ..Self::default() }
    }

    fn read_file(&mut self, named: Option<&Path>, local: &Path, system: &Path) {
        let candidates = match named {
            Some(path) => vec![path],
            None if unknown::has_settings(&self.values) => vec![local],
            None => vec![local, system],
        };
        for path in candidates {
            match fs::read(path) {
                Ok(bytes) => return self.add_file(path, &bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => {}
                Err(error) => {
                    let advice = "let this user read it, or name another file by --env-file";
                    let message = format!("cannot be read ({error}): {advice}");
                    return self.report(path.display().to_string(), message);
                }
            }
        }
    }

    /// Adds the variables of a file that the environment does not set itself.
    fn add_file(&mut self, path: &Path, bytes: &[u8]) {
        self.file = Some(path.to_owned());
        for Assignment { line, name, value } in env_file::parse(bytes) {
            let is_overridden = name.as_ref().is_some_and(|name| self.values.contains_key(name));
            match (name, value) {
                (Some(name), Ok(value)) if !is_overridden => {
                    self.values.insert(name, Some(value));
                }
                (_, Ok(_)) => {}
                (name, Err(reason)) => {
                    let place = format!("line {line} of {}", path.display());
                    self.report(place, reason);
                    self.unreadable.extend(name.filter(|_| !is_overridden));
                }
            }
        }
    }

    /// Returns the file that was read.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Returns the variables that are set; a value that is not UTF-8 is returned as an empty one.
    pub(super) fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_deref().unwrap_or_default()))
    }

    /// Tells whether the variable has a value, even one that cannot be used.
    pub fn is_set(&mut self, name: &'static str) -> bool {
        self.names_read.insert(name.into());
        self.values.contains_key(name) || self.unreadable.contains(name)
    }

    /// Reads a text if it is set. One that is empty or not UTF-8 is a mistake.
    pub fn text(&mut self, name: impl Into<Cow<'static, str>>) -> Option<String> {
        let name = name.into();
        self.names_read.insert(name.clone());
        let message = match self.values.get(name.as_ref())? {
            None => "is not UTF-8",
            Some(value) if value.trim().is_empty() => {
                "is set and empty: give it a value, or remove the variable"
            }
            Some(value) => return Some(value.trim().to_owned()),
        };
        self.report(name.clone(), message);
        self.unreadable.insert(name.into_owned());
        None
    }

    /// Reads a text that must be set. `why` completes the message "is not set: …".
    pub fn required(&mut self, name: &'static str, why: &str) -> Option<String> {
        let text = self.text(name);
        if text.is_none() {
            self.report(name, format!("is not set: {why}"));
        }
        text
    }

    /// Reads a value that `parse` accepts. `expected` completes the message "is not …".
    pub fn parse<T>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let name = name.into();
        let text = self.text(name.clone())?;
        let value = parse(&text);
        if value.is_none() {
            let mut message = format!("is not {expected}");
            if text.contains(" #") {
                message.push_str(
                    "; what follows a `#` is a part of the value here: give a comment its own line",
                );
            }
            self.report(name, message);
        }
        value
    }

    /// Reads a whole number within bounds.
    pub fn number<T: FromStr + PartialOrd + Display>(
        &mut self,
        name: &'static str,
        default: T,
        bounds: RangeInclusive<T>,
    ) -> T {
        let expected = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        self.parse(name, &expected, |text| text.parse().ok().filter(|value| bounds.contains(value)))
            .unwrap_or(default)
    }

    /// Reads a number of seconds within bounds.
    pub fn seconds(
        &mut self,
        name: &'static str,
        default: u64,
        bounds: RangeInclusive<u64>,
    ) -> Duration {
        Duration::from_secs(self.number(name, default, bounds))
    }

    /// Reads a switch, which is `on` or `off`.
    pub fn switch(&mut self, name: &'static str, default: bool) -> bool {
        let parse = |text: &str| match text {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        };
        self.parse(name, "`on` or `off`", parse).unwrap_or(default)
    }

    /// Reports a mistake. For a variable whose value cannot be read, only the first is kept.
    pub fn report(&mut self, name: impl Into<Cow<'static, str>>, message: impl Into<String>) {
        let name = name.into();
        if !self.unreadable.contains(name.as_ref()) {
            self.errors.push(ConfigError { name, message: message.into() });
        }
    }

    /// Returns every mistake that was reported.
    pub fn into_errors(self) -> Vec<ConfigError> {
        self.errors
    }

    /// Returns the names that were read so far.
    pub(super) fn names_read(&self) -> &BTreeSet<Cow<'static, str>> {
        &self.names_read
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;

    /// Makes a folder with these files and reads one of them: the named one, `.env`, or the system's file.
    fn read(files: &[(&str, &str)], named: Option<&str>, set: &[(&str, &str)]) -> Env {
        let folder = TempDir::new().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let pairs = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut env = Env::from_pairs(pairs);
        let at = |name: &str| folder.path().join(name);
        env.read_file(named.map(at).as_deref(), &at(".env"), &at("haoma.env"));
        env
    }

    const BOTH: [(&str, &str); 2] = [(".env", "BIND=local"), ("haoma.env", "BIND=system")];

    #[test]
    fn one_file_is_read_and_the_environment_overrides_it() {
        let bind = |mut env: Env| env.text("BIND").unwrap_or_default();
        assert_eq!(bind(read(&BOTH, None, &[])), "local");
        assert_eq!(bind(read(&BOTH[1..], None, &[])), "system");
        assert_eq!(bind(read(&BOTH, Some("haoma.env"), &[])), "system");
        assert_eq!(bind(read(&BOTH, None, &[("BIND", "own")])), "own");
        // systemd has given the service its settings already. Settings of the log do not count.
        assert_eq!(bind(read(&BOTH[1..], None, &[("SMS_REGIONS", "CN")])), "");
        assert_eq!(bind(read(&BOTH[1..], None, &[("RUST_LOG", "debug")])), "system");
        assert_eq!(bind(read(&[], None, &[])), "");
    }

    #[test]
    fn a_named_file_has_to_exist() {
        let env = read(&BOTH, Some("other.env"), &[]);

        let [error] = &env.into_errors()[..] else { panic!("one error") };
        assert!(error.name.ends_with("other.env"), "{error:?}");
        assert!(error.message.starts_with("cannot be read"), "{error:?}");
    }

    #[test]
    fn a_folder_in_place_of_the_file_is_reported() {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join(".env")).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let mut env = Env::default();
        env.read_file(None, &folder.path().join(".env"), Path::new("/nowhere"));

        assert_eq!(env.into_errors().len(), 1);
    }

    #[test]
    fn a_value_that_cannot_be_read_is_reported_once() {
        let mut env = read(&[(".env", "DATABASE_URL=a b\nBIND=\n")], None, &[]);
        assert!(env.is_set("DATABASE_URL") && env.text("DATABASE_URL").is_none());
        for _ in 0..2 {
            assert_eq!(env.required("DATABASE_URL", "why"), None);
            assert_eq!(env.required("BIND", "why"), None);
        }

        let names: Vec<_> = env.into_errors().into_iter().map(|error| error.name).collect();
        assert!(names[0].starts_with("line 1 of /") && names[1..] == ["BIND"], "{names:?}");
    }
}
