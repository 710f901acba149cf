//! Stored forms of password hashes: ours, and those of the systems that people move in from.

use std::fmt;

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD},
};
use rand::RngCore as _;
use subtle::ConstantTimeEq as _;

use super::password::Password;

/// A hash that can be checked; parsed from its stored text. It does not print (R107).
#[derive(PartialEq, Eq)]
pub struct PasswordHash(Kind);

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Pbkdf2(Pbkdf2),
    /// `$2b$12$…`, also `2a` and `2y`: the whole text.
    Bcrypt(String),
}

#[derive(Debug, PartialEq, Eq)]
struct Pbkdf2 {
    iterations: u32,
    salt: Vec<u8>,
    output: Vec<u8>,
    form: Form,
}

/// How a hash is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Ours: `$pbkdf2-sha256$i=600000,l=32$salt$hash`, the PHC string format with unpadded base64.
    Phc,
    /// `pbkdf2:sha256:600000$salt$hex`; the salt is the text itself (Werkzeug, so Flask).
    Werkzeug,
    /// `pbkdf2_sha256$600000$salt$base64`; the salt is the text itself (Django).
    Django,
}

/// More iterations than this are a corrupted or hostile row: they would hold a core for a minute.
const MOST_ITERATIONS: u32 = 10_000_000;
/// The same for bcrypt, whose cost doubles with each: 15 takes two seconds.
const HIGHEST_COST: u32 = 15;

impl PasswordHash {
    /// Hashes a password under 16 fresh random bytes (R72).
    ///
    /// Takes some 70 ms of a core at 600 000 iterations: call it off the async workers.
    pub fn make(password: &Password, iterations: u32) -> Self {
        let mut salt = vec![0; 16];
        rand::rng().fill_bytes(&mut salt);
        let output = pbkdf2_sha256::derive(password.as_bytes(), &salt, iterations).to_vec();
        Self(Kind::Pbkdf2(Pbkdf2 { iterations, salt, output, form: Form::Phc }))
    }

    /// A hash that nothing verifies against, at the cost of a real one.
    ///
    /// Checked where there is no account, so that the time of an answer does not tell (R63).
    pub fn dummy(iterations: u32) -> Self {
        let (salt, output) = (vec![0; 16], Vec::new());
        Self(Kind::Pbkdf2(Pbkdf2 { iterations, salt, output, form: Form::Phc }))
    }

    /// Reads a stored hash; `None` for a form that is not known here.
    pub fn parse(stored: &str) -> Option<Self> {
        if let ["", "2a" | "2b" | "2y", cost, _] = parts(stored).as_slice() {
            let hash: bcrypt::HashParts = stored.parse().ok()?;
            let is_whole = stored.len() == 60 && format!("{:02}", hash.get_cost()) == *cost;
            let is_bearable = (4..=HIGHEST_COST).contains(&hash.get_cost());
            return (is_whole && is_bearable).then(|| Self(Kind::Bcrypt(stored.to_owned())));
        }
        Pbkdf2::parse(stored).map(|it| Self(Kind::Pbkdf2(it)))
    }

    /// Whether the password made this hash; the comparison takes the same time either way.
    ///
    /// Bcrypt looks at the first 72 bytes only, and so did whoever made the hash.
    pub fn verify(&self, password: &Password) -> bool {
        match &self.0 {
            Kind::Pbkdf2(it) => pbkdf2_sha256::derive(password.as_bytes(), &it.salt, it.iterations)
                .ct_eq(&it.output)
                .into(),
            Kind::Bcrypt(stored) => bcrypt::verify(password.as_bytes(), stored).unwrap_or(false),
        }
    }

    /// Iterations that a comparison goes through.
    pub fn effort(&self) -> u64 {
        match &self.0 {
            Kind::Pbkdf2(it) => u64::from(it.iterations),
            Kind::Bcrypt(stored) => {
                let cost = parts(stored).get(2).and_then(|it| it.parse::<u32>().ok());
                1 << cost.unwrap_or_default().min(HIGHEST_COST)
            }
        }
    }

    /// Whether it is written in our form at this cost; if not, it is replaced at the next sign-in.
    pub fn is_current(&self, iterations: u32) -> bool {
        matches!(&self.0, Kind::Pbkdf2(it) if it.form == Form::Phc && it.iterations == iterations)
    }

    /// The text to store, in our form wherever the hash can be written in it.
    pub fn to_stored(&self) -> String {
        match &self.0 {
            Kind::Pbkdf2(it) => {
                let salt = BASE64_STANDARD_NO_PAD.encode(&it.salt);
                let output = BASE64_STANDARD_NO_PAD.encode(&it.output);
                format!("$pbkdf2-sha256$i={},l=32${salt}${output}", it.iterations)
            }
            Kind::Bcrypt(stored) => stored.clone(),
        }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Pbkdf2 {
    fn parse(stored: &str) -> Option<Self> {
        let (form, iterations, salt, output) = match parts(stored).as_slice() {
            ["", "pbkdf2-sha256", parameters, salt, hash] => (
                Form::Phc,
                parameters.split(',').find_map(|it| it.strip_prefix("i="))?,
                BASE64_STANDARD_NO_PAD.decode(salt).ok()?,
                BASE64_STANDARD_NO_PAD.decode(hash).ok()?,
            ),
            [method, salt, hex] if method.starts_with("pbkdf2:sha256") => (
                Form::Werkzeug,
                method.strip_prefix("pbkdf2:sha256:")?,
                salt.as_bytes().to_vec(),
                decode_hex(hex)?,
            ),
            ["pbkdf2_sha256", iterations, salt, hash] => (
                Form::Django,
                *iterations,
                salt.as_bytes().to_vec(),
                BASE64_STANDARD.decode(hash).ok()?,
            ),
            _ => return None,
        };
        let iterations = iterations.parse().ok().filter(|it| (1..=MOST_ITERATIONS).contains(it))?;
        (output.len() == 32).then_some(Self { iterations, salt, output, form })
    }
}

fn parts(stored: &str) -> Vec<&str> {
    stored.split('$').collect()
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|it| it.to_digit(16)).collect();
    digits?
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Password {
        Password::typed(text).unwrap()
    }

    #[test]
    fn our_own_form_comes_back() {
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
        for stored in [WERKZEUG, DJANGO] {
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
    fn anything_else_is_no_hash() {
        for stored in [
            "",
            "plain text",
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
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
    /// The same with `gensalt(4, b"2a")`.
    const BCRYPT_2A: &str = "$2a$04$KsEjT99RzJWhiy4p9/LLOe5BgYTsSzp.n/uM7ck3aK7GyL17pfKta";
    /// The first 72 bytes of `"long pass phrase " * 6`.
    const BCRYPT_LONG: &str = "$2b$04$nkKcFl2gYVXl6MJNpwqQJuxMyrOQyYMfif8BXJIRVwIxHZU9rhVJu";
    /// Made by Werkzeug 3.1.8: `generate_password_hash("correct horse", "pbkdf2:sha256:1000")`.
    const WERKZEUG: &str = "pbkdf2:sha256:1000$3eZTJzLjdunGxB2w$f13efba8856a38b09fef223fc63b4cebf99412a3d910eb4d98fbcb2aaaa7f1c6";
    /// Made by Django 5.2.19: `PBKDF2PasswordHasher().encode("correct horse", "aSaltOfDjango1", 1000)`.
    const DJANGO: &str =
        "pbkdf2_sha256$1000$aSaltOfDjango1$FHrbC7th5AJ2B5LVC03FUeDPwd+ktbqVN2ruBkJw8Ho=";
}
