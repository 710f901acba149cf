//! Password hashes of other systems, as they are in the file of an import.

use super::{PasswordHash, WeakHash};

/// The length of the column in bytes.
const MAX_LENGTH: usize = 255;

/// A password hash of another system.
#[derive(Debug, PartialEq, Eq)]
pub enum ImportedHash {
    /// There is no password: the person signs in by text message until a password is set.
    NoPassword,
    /// A hash that can be stored as it is.
    Strong(String),
    /// A hash that must be hashed once more.
    Weak(WeakHash),
}

impl ImportedHash {
    /// Reads a hash, with or without the prefix of a framework such as Spring's `{bcrypt}`. Returns `None` for an
    /// unknown form, for a damaged hash, and for one that costs more than a sign-in may.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::NoPassword);
        }
        let bare = without_prefix(text)?;
        if let Some(weak) = WeakHash::parse(&bare) {
            return Some(Self::Weak(weak));
        }
        let is_known = bare.len() <= MAX_LENGTH && PasswordHash::parse(&bare).is_some();
        is_known.then_some(Self::Strong(bare))
    }
}

/// Removes `{name}` of Spring, Dovecot and `OpenLDAP`, and `name$` of Django.
fn without_prefix(text: &str) -> Option<String> {
    if let Some((name, rest)) = text.strip_prefix('{').and_then(|text| text.split_once('}')) {
        let name = name.to_ascii_lowercase();
        // Spring appends the version of its defaults to the name.
        return match name.split_once('@').map_or(&*name, |(name, _)| name) {
            "bcrypt" | "blf-crypt" | "crypt" | "argon2" | "argon2i" | "argon2id" => {
                rest.starts_with('$').then(|| rest.to_owned())
            }
            "pbkdf2-sha256" => Some(format!("$pbkdf2-sha256${rest}")),
            _ => None,
        };
    }
    if let Some(rest) = text.strip_prefix("bcrypt$").or_else(|| text.strip_prefix("argon2$")) {
        let rest = rest.strip_prefix('$').unwrap_or(rest);
        return Some(format!("${rest}"));
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::password::Password;

    const BCRYPT: &str = "$2b$04$6ezZEjQFKAvxWj5LznkGKOTtI4/fQfF.YoKnVjTUj3.UKCKHkpVb6";
    const ARGON2: &str = "$argon2id$v=19$m=64,t=2,p=1$WUYvxu/VzRYyYoG2TgDbZA$HU2TQmaflLPGthBom4GpgJ1R3Rn9f4pCU5Ko0RNOuUE";
    /// Made by passlib 1.7.4: `ldap_pbkdf2_sha256.using(rounds=1000).hash("correct horse 7")`.
    const LDAP: &str =
        "{PBKDF2-SHA256}1000$0VorxfhfC2FMyRlD6D1HCA$1kBOw3hNoSI1KPwz3bphS/0lUCKJfaoOqL3nultzjh4";

    fn strong(text: &str) -> Option<String> {
        match ImportedHash::parse(text) {
            Some(ImportedHash::Strong(stored)) => Some(stored),
            _ => None,
        }
    }

    #[test]
    fn the_prefix_of_a_framework_is_taken_off() {
        for prefix in ["", "{bcrypt}", "{CRYPT}", "{BLF-CRYPT}", "bcrypt$"] {
            assert_eq!(strong(&format!("{prefix}{BCRYPT}")).as_deref(), Some(BCRYPT), "{prefix}");
        }
        let django = format!("argon2{ARGON2}");
        let spring = format!("{{argon2@SpringSecurity_v5_8}}{ARGON2}");
        for text in [ARGON2, &django, &spring] {
            assert_eq!(strong(text).as_deref(), Some(ARGON2), "{text}");
        }
        let ldap = PasswordHash::parse(&strong(LDAP).unwrap()).unwrap();
        assert!(ldap.verify(&Password::typed("correct horse 7").unwrap()));
    }

    #[test]
    fn a_prefix_that_is_not_known_is_refused() {
        for text in ["{noop}secret", "{SSHA}AAAA", "{bcrypt", "{bcrypt}secret", "{}", "bcrypt$"] {
            assert_eq!(ImportedHash::parse(text), None, "{text}");
        }
        assert_eq!(ImportedHash::parse(&format!("{{unknown}}{BCRYPT}")), None);
        assert_eq!(ImportedHash::parse(""), Some(ImportedHash::NoPassword));
    }
}
