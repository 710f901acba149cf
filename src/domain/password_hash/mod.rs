//! Password hashes in their stored forms: ours and those of other systems.

mod imported;
mod memory_hard;
mod parts;
mod pbkdf2;
mod weak;

use std::fmt;

use rand::RngCore as _;

pub use self::{imported::ImportedHash, weak::WeakHash};

use self::{memory_hard::MemoryHard, parts::split_fields, pbkdf2::Pbkdf2, weak::Wrapped};
use super::password::Password;

/// A password hash that was read from its stored text. It has no `Debug` (R107).
#[derive(PartialEq, Eq)]
pub struct PasswordHash(Kind);

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Pbkdf2(Pbkdf2),
    /// The whole text `$2b$12$…`, also with `2a` and `2y`.
    Bcrypt(String),
    MemoryHard(MemoryHard),
    Wrapped(Wrapped),
}

/// Maximum cost of bcrypt, which doubles with each step: 15 takes two seconds.
const MAX_COST: u32 = 15;

impl PasswordHash {
    /// Hashes a password with a new salt of 16 random bytes (R72).
    ///
    /// It takes about 70 ms of a core at 600 000 iterations and must not run on an async worker.
    pub fn make(password: &Password, iterations: u32) -> Self {
        Self(Kind::Pbkdf2(Pbkdf2::make(password.as_bytes(), fresh_salt(), iterations)))
    }

    /// Hashes a weak hash once more, so that the weak one need not be stored. It takes as long as [`make`](Self::make).
    pub fn wrap(weak: &WeakHash, iterations: u32) -> Self {
        Self(Kind::Wrapped(weak.wrap(fresh_salt(), iterations)))
    }

    /// Returns a hash that no password matches, at the cost of a real one.
    ///
    /// It is checked where there is no account, so that the response time does not tell (R63).
    pub fn dummy(iterations: u32) -> Self {
        Self(Kind::Pbkdf2(Pbkdf2::dummy(iterations)))
    }

    /// Reads a stored hash. Returns `None` for an unknown form.
    pub fn parse(stored: &str) -> Option<Self> {
        if let ["", "2a" | "2b" | "2y", cost, _] = split_fields(stored).as_slice() {
            let hash: bcrypt::HashParts = stored.parse().ok()?;
            let is_whole = stored.len() == 60 && format!("{:02}", hash.get_cost()) == *cost;
            let is_bearable = (4..=MAX_COST).contains(&hash.get_cost());
            return (is_whole && is_bearable).then(|| Self(Kind::Bcrypt(stored.to_owned())));
        }
        let kind = Pbkdf2::parse(stored)
            .map(Kind::Pbkdf2)
            .or_else(|| MemoryHard::parse(stored).map(Kind::MemoryHard))
            .or_else(|| Wrapped::parse(stored).map(Kind::Wrapped));
        kind.map(Self)
    }

    /// Returns whether the password matches, in constant time.
    ///
    /// Bcrypt uses the first 72 bytes only, as it did when the hash was made.
    pub fn verify(&self, password: &Password) -> bool {
        let password = password.as_bytes();
        match &self.0 {
            Kind::Pbkdf2(hash) => hash.verify(password),
            Kind::Bcrypt(stored) => bcrypt::verify(password, stored).unwrap_or(false),
            Kind::MemoryHard(hash) => hash.verify(password),
            Kind::Wrapped(hash) => hash.verify(password),
        }
    }

    /// Returns the number of steps of a comparison: iterations, or 128-byte blocks of memory.
    pub fn effort(&self) -> u64 {
        match &self.0 {
            Kind::Pbkdf2(hash) => u64::from(hash.iterations),
            Kind::Bcrypt(stored) => {
                let cost = split_fields(stored).get(2).and_then(|cost| cost.parse::<u32>().ok());
                1 << cost.unwrap_or_default().min(MAX_COST)
            }
            Kind::MemoryHard(hash) => hash.effort(),
            Kind::Wrapped(hash) => u64::from(hash.outer.iterations),
        }
    }

    /// Returns whether the hash is in our form at this cost. If not, it is replaced at the next sign-in.
    pub fn is_current(&self, iterations: u32) -> bool {
        matches!(&self.0, Kind::Pbkdf2(hash) if hash.is_current(iterations))
    }

    /// Returns the text to store, in our form wherever possible.
    pub fn to_stored(&self) -> String {
        match &self.0 {
            Kind::Pbkdf2(hash) => hash.to_stored(),
            Kind::Bcrypt(stored) => stored.clone(),
            Kind::MemoryHard(hash) => hash.as_stored().to_owned(),
            Kind::Wrapped(hash) => hash.to_stored(),
        }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn fresh_salt() -> Vec<u8> {
    let mut salt = vec![0; 16];
    rand::rng().fill_bytes(&mut salt);
    salt
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Password {
        Password::typed(text).unwrap()
    }

    #[test]
    fn a_hash_is_printed_as_it_was_parsed() {
        let stored = PasswordHash::make(&typed("correct horse"), 1000).to_stored();

        let hash = PasswordHash::parse(&stored).unwrap();

        assert!(stored.starts_with("$pbkdf2-sha256$i=1000,l=32$"));
        assert!(hash.verify(&typed("correct horse")));
        assert!(!hash.verify(&typed("correct horsf")));
        assert!(hash.is_current(1000));
        assert!(!hash.is_current(1001));
    }

    #[test]
    fn a_hash_of_the_python_ecosystem_verifies_and_is_not_current() {
        for stored in [WERKZEUG, DJANGO, PASSLIB] {
            let hash = PasswordHash::parse(stored).unwrap();
            assert!(hash.verify(&typed("correct horse")), "{stored}");
            assert!(!hash.verify(&typed("wrong horse")), "{stored}");
            assert!(!hash.is_current(1000), "{stored}");
        }
    }

    #[test]
    fn a_bcrypt_hash_verifies_and_is_not_current() {
        let y = BCRYPT.replace("$2b$", "$2y$");
        for stored in [BCRYPT, BCRYPT_2A, &y] {
            let hash = PasswordHash::parse(stored).unwrap();
            assert!(hash.verify(&typed("correct horse 7")), "{stored}");
            assert!(!hash.verify(&typed("correct horse 8")), "{stored}");
            assert!(!hash.is_current(1000), "{stored}");
            assert_eq!(hash.to_stored(), stored);
        }
    }

    #[test]
    fn bcrypt_looks_at_the_first_72_bytes() {
        let hash = PasswordHash::parse(BCRYPT_LONG).unwrap();
        let long = "long pass phrase ".repeat(6);

        assert!(hash.verify(&typed(long.get(..90).unwrap())));
        assert!(hash.verify(&typed(long.get(..72).unwrap())));
        assert!(!hash.verify(&typed(long.get(..71).unwrap())));
    }

    #[test]
    fn nothing_verifies_against_the_dummy() {
        assert!(!PasswordHash::dummy(1000).verify(&typed("x")));
        assert!(!PasswordHash::dummy(1000).verify(&typed("correct horse")));
    }

    #[test]
    fn any_other_text_is_refused_as_hash() {
        for stored in [
            "",
            "plain text",
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
            "md5$aSaltOfDjango1$f541bfa4e3cbe554a4b977ae5a5189c0",
            "pbkdf2:sha1:1000$salt$00",
            "pbkdf2_sha256$0$salt$AAAA",
            "pbkdf2_sha256$99999999$salt$MFM9C1YZFfEkPP5IX4gzqZbI5x4YMaHNuxDIxcZnEFU=",
            "pbkdf2:sha256:1000$salt$abc",
            "$pbkdf2-sha256$i=1000,l=32$c2FsdA$c2hvcnQ",
            &BCRYPT.replace("$2b$04$", "$2b$31$"),
            &BCRYPT.replace("$2b$", "$2x$"),
            &BCRYPT.replace("ZEjQ", ""),
        ] {
            assert_eq!(PasswordHash::parse(stored), None, "{stored}");
        }
    }

    /// Made by bcrypt 5.0.0 (Python): `hashpw(b"correct horse 7", gensalt(4))`.
    const BCRYPT: &str = "$2b$04$6ezZEjQFKAvxWj5LznkGKOTtI4/fQfF.YoKnVjTUj3.UKCKHkpVb6";
    /// The same password with `gensalt(4, b"2a")`.
    const BCRYPT_2A: &str = "$2a$04$KsEjT99RzJWhiy4p9/LLOe5BgYTsSzp.n/uM7ck3aK7GyL17pfKta";
    /// The first 72 bytes of `"long pass phrase " * 6`.
    const BCRYPT_LONG: &str = "$2b$04$nkKcFl2gYVXl6MJNpwqQJuxMyrOQyYMfif8BXJIRVwIxHZU9rhVJu";
    /// Made by Werkzeug 3.1.8: `generate_password_hash("correct horse", "pbkdf2:sha256:1000")`.
    const WERKZEUG: &str = "pbkdf2:sha256:1000$3eZTJzLjdunGxB2w$f13efba8856a38b09fef223fc63b4cebf99412a3d910eb4d98fbcb2aaaa7f1c6";
    /// Made by Django 5.2.19: `PBKDF2PasswordHasher().encode("correct horse", "aSaltOfDjango1", 1000)`.
    const DJANGO: &str =
        "pbkdf2_sha256$1000$aSaltOfDjango1$FHrbC7th5AJ2B5LVC03FUeDPwd+ktbqVN2ruBkJw8Ho=";
    /// Made by passlib 1.7.4: `pbkdf2_sha256.using(rounds=1000).hash("correct horse")`.
    const PASSLIB: &str =
        "$pbkdf2-sha256$1000$mzPGmDPGOMdYCyHEOOf8fw$mNFwdMpWng3pFR/UUnDFmdmPLiiD8691oI0OKvT3Ai4";
}
