//! MD5 with a salt, and phpass, which repeats MD5. They are too cheap to be stored, so an import hashes them once more
//! with PBKDF2. The stored text says how to compute the inner hash.

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use md5::{Digest as _, Md5};

use super::{parts::split_fields, pbkdf2::Pbkdf2};
use crate::domain::hex::{decode_hex, hex};

/// phpass repeats MD5 at most 2 to the power of this number, which takes a quarter of a second.
const MAX_COST: usize = 20;
/// Maximum length of a salt. A longer one would not fit into the column.
const MAX_SALT_LENGTH: usize = 64;
const PHPASS_DIGITS: &str = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A hash that must not be stored as it is. It has no `Debug`, since it can be guessed quickly.
#[derive(PartialEq, Eq)]
pub struct WeakHash {
    scheme: Scheme,
    digest: String,
}

/// How the inner hash is computed from a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Md5 { order: Order, salt: String },
    Phpass { cost: usize, salt: String },
}

/// The input of MD5. The names are those in the stored text and in the file of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// `md5(salt + password)`: Django.
    SaltPassword,
    /// `md5(password + salt)`.
    PasswordSalt,
    /// `md5(md5(password) + salt)`, with the inner hash in lower-case hexadecimal: Discuz!, `UCenter`, vBulletin.
    Md5Salt,
}

/// A weak hash that was hashed once more with PBKDF2.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrapped {
    scheme: Scheme,
    pub(super) outer: Pbkdf2,
}

impl WeakHash {
    /// Reads `md5$salt$hex` (Django), `md5-password-salt$salt$hex`, `md5-md5-salt$salt$hex` and phpass,
    /// `$P$…` or `$H$…` (`WordPress` before 6.8, phpBB).
    pub fn parse(text: &str) -> Option<Self> {
        match split_fields(text).as_slice() {
            ["", "P" | "H", rest] => {
                let (setting, digest) = rest.split_at_checked(9)?;
                let is_whole =
                    digest.len() == 22 && digest.chars().all(|digit| PHPASS_DIGITS.contains(digit));
                let scheme = Scheme::phpass(setting).filter(|_| is_whole)?;
                Some(Self { scheme, digest: digest.to_owned() })
            }
            [name, salt, digest] => {
                let order = Order::of_import(name)?;
                let is_whole = decode_hex(digest).is_some_and(|bytes| bytes.len() == 16);
                let fits = is_whole && salt.len() <= MAX_SALT_LENGTH;
                let scheme = Scheme::Md5 { order, salt: (*salt).to_owned() };
                fits.then(|| Self { scheme, digest: digest.to_ascii_lowercase() })
            }
            _ => None,
        }
    }

    pub(super) fn wrap(&self, outer_salt: Vec<u8>, iterations: u32) -> Wrapped {
        let outer = Pbkdf2::make(self.digest.as_bytes(), outer_salt, iterations);
        Wrapped { scheme: self.scheme.clone(), outer }
    }
}

impl std::fmt::Debug for WeakHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Wrapped {
    /// Reads `$SCHEME$SETTING` followed by PBKDF2 in our own form.
    pub(super) fn parse(stored: &str) -> Option<Self> {
        let (name, rest) = stored.strip_prefix('$')?.split_once('$')?;
        let (setting, outer) = rest.split_at_checked(rest.find('$')?)?;
        let scheme = match Order::of_stored(name) {
            Some(order) => {
                let salt = String::from_utf8(BASE64_STANDARD_NO_PAD.decode(setting).ok()?).ok()?;
                Scheme::Md5 { order, salt }
            }
            None if name == "phpass" => Scheme::phpass(setting)?,
            None => return None,
        };
        Some(Self { scheme, outer: Pbkdf2::parse(outer)? })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        self.outer.verify(self.scheme.digest(password).as_bytes())
    }

    pub(super) fn to_stored(&self) -> String {
        let outer = self.outer.to_stored();
        match &self.scheme {
            Scheme::Md5 { order, salt } => {
                let salt = BASE64_STANDARD_NO_PAD.encode(salt);
                format!("${}${salt}{outer}", order.stored_name())
            }
            Scheme::Phpass { cost, salt } => {
                let cost = PHPASS_DIGITS.chars().nth(*cost).unwrap_or('.');
                format!("$phpass${cost}{salt}{outer}")
            }
        }
    }
}

impl Scheme {
    /// Reads the letter of the cost and eight letters of salt.
    fn phpass(setting: &str) -> Option<Self> {
        let (cost, salt) = setting.split_at_checked(1)?;
        let is_plain =
            setting.chars().all(|digit| PHPASS_DIGITS.contains(digit)) && salt.len() == 8;
        let cost = PHPASS_DIGITS.find(cost).filter(|cost| (7..=MAX_COST).contains(cost))?;
        is_plain.then(|| Self::Phpass { cost, salt: salt.to_owned() })
    }

    fn digest(&self, password: &[u8]) -> String {
        match self {
            Self::Md5 { order, salt } => {
                let salt = salt.as_bytes();
                let digest = match order {
                    Order::SaltPassword => Md5::digest([salt, password].concat()),
                    Order::PasswordSalt => Md5::digest([password, salt].concat()),
                    Order::Md5Salt => {
                        Md5::digest([hex(&Md5::digest(password)).as_bytes(), salt].concat())
                    }
                };
                hex(&digest)
            }
            Self::Phpass { cost, salt } => {
                let mut digest = Md5::digest([salt.as_bytes(), password].concat());
                for _ in 0..1_u64 << *cost {
                    digest = Md5::digest([digest.as_slice(), password].concat());
                }
                phpass_base64(&digest)
            }
        }
    }
}

impl Order {
    const ALL: [Self; 3] = [Self::SaltPassword, Self::PasswordSalt, Self::Md5Salt];

    fn stored_name(self) -> &'static str {
        match self {
            Self::SaltPassword => "md5-salt-password",
            Self::PasswordSalt => "md5-password-salt",
            Self::Md5Salt => "md5-md5-salt",
        }
    }

    fn of_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.stored_name() == name)
    }

    fn of_import(name: &str) -> Option<Self> {
        if name == "md5" { Some(Self::SaltPassword) } else { Self::of_stored(name) }
    }
}

/// Encodes three bytes as four digits, the lowest bits first.
fn phpass_base64(bytes: &[u8]) -> String {
    let digits = bytes.chunks(3).flat_map(|chunk| {
        let number = chunk.iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        (0..=chunk.len()).map(move |digit| number >> (6 * digit) & 63)
    });
    digits.filter_map(|digit| PHPASS_DIGITS.chars().nth(digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // `phpass.using(rounds=7).hash("correct horse")` and with `ident="H"` of passlib 1.7.4;
    // `MD5PasswordHasher().encode("correct horse", "aSaltOfDjango1")` of Django 5.2.19;
    // `md5(b"correct horse" + b"s4lt")` and `md5(md5(b"correct horse").hexdigest().encode() + b"s4lt")`
    // of Python's hashlib.
    const HASHES: [&str; 5] = [
        "$P$5zAE6hK9tan2CjEyg2bmofu4N7brDe1",
        "$H$5D1yH9gA88dWJD6sycb5qv3J9URATi0",
        "md5$aSaltOfDjango1$f541bfa4e3cbe554a4b977ae5a5189c0",
        "md5-password-salt$s4lt$2741137c32ddedeeb868e4484b429679",
        "md5-md5-salt$s4lt$e4826c88ac5a4471ea0a4f092911e4a3",
    ];

    #[test]
    fn a_weak_hash_verifies_wrapped_and_is_not_contained_in_the_wrapping() {
        for text in HASHES {
            let stored = WeakHash::parse(text).unwrap().wrap(vec![7; 16], 1000).to_stored();

            let hash = Wrapped::parse(&stored).unwrap();

            assert!(hash.verify(b"correct horse"), "{stored}");
            assert!(!hash.verify(b"correct horsf"), "{stored}");
            assert_eq!(hash.to_stored(), stored);
            let digest = text.get(text.len() - 16..).unwrap();
            assert!(!stored.contains(digest), "{stored}");
            assert!(stored.len() <= 255);
        }
    }

    #[test]
    fn upper_case_hex_is_accepted_and_damaged_hashes_are_refused() {
        let [phpass, _, django, ..] = HASHES;
        let capital =
            django.replace("f541bfa4e3cbe554a4b977ae5a5189c0", "F541BFA4E3CBE554A4B977AE5A5189C0");
        assert_eq!(WeakHash::parse(&capital), WeakHash::parse(django));
        for text in [
            "f541bfa4e3cbe554a4b977ae5a5189c0",
            "md4$salt$f541bfa4e3cbe554a4b977ae5a5189c0",
            "md5$salt$f541bfa4e3cbe554a4b977ae5a5189c",
            &format!("md5${}$f541bfa4e3cbe554a4b977ae5a5189c0", "s".repeat(65)),
            &phpass.replace("$P$5", "$P$Z"),
            &phpass.replace("$P$5", "$P$."),
            &phpass.replace("brDe1", "brDe"),
            &phpass.replace("brDe1", "brDé"),
        ] {
            assert_eq!(WeakHash::parse(text), None, "{text}");
        }
        let longest = format!("md5${}$f541bfa4e3cbe554a4b977ae5a5189c0", "s".repeat(64));
        let stored = WeakHash::parse(&longest).unwrap().wrap(vec![0; 16], 9_999_999).to_stored();
        assert!(stored.len() <= 255, "{stored}");
    }
}
