//! scrypt and Argon2 hashes of other systems. They are checked once and replaced at the next sign-in.

use argon2::{Algorithm, Argon2, Params as Argon2Params, Version};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD},
};
use scrypt::Params as ScryptParams;
use subtle::ConstantTimeEq as _;

use super::parts::{numbers, split_fields};
use crate::domain::hex::decode_hex;

/// Maximum memory of a comparison in bytes. Comparisons run on each core at once, so a hash that needs more could
/// exhaust the machine.
const MAX_MEMORY: u64 = 128 << 20;
/// Maximum number of bytes that a comparison processes, passes times size. That takes about two seconds.
const MAX_WORK: u64 = 1 << 30;

/// A hash that needs memory as well as time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MemoryHard {
    algorithm: Parameters,
    salt: Vec<u8>,
    output: Vec<u8>,
    stored: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Parameters {
    Scrypt { log_n: u8, r: u32, p: u32 },
    Argon2 { algorithm: Algorithm, memory_kib: u32, passes: u32, lanes: u32 },
}

impl MemoryHard {
    pub(super) fn parse(stored: &str) -> Option<Self> {
        let (algorithm, salt, output) = match split_fields(stored).as_slice() {
            // Werkzeug. The salt is the text itself.
            [method, salt, hex] => {
                let costs: Vec<_> = method.strip_prefix("scrypt:")?.split(':').collect();
                let [n, r, p] = costs.as_slice() else { return None };
                (scrypt_of(n, r, p)?, salt.as_bytes().to_vec(), decode_hex(hex)?)
            }
            // Django. The salt is the text itself.
            ["scrypt", n, salt, r, p, hash] => {
                let hash = BASE64_STANDARD.decode(hash).ok()?;
                (scrypt_of(n, r, p)?, salt.as_bytes().to_vec(), hash)
            }
            // passlib, in the PHC string format.
            ["", "scrypt", costs, salt, hash] => {
                let [log_n, r, p] = numbers(costs, ["ln", "r", "p"])?;
                let log_n = u8::try_from(log_n).ok()?;
                let costs = Parameters::Scrypt { log_n, r, p };
                (costs, unpadded(salt)?, unpadded(hash)?)
            }
            ["", name @ ("argon2id" | "argon2i"), "v=19", costs, salt, hash] => {
                let [memory_kib, passes, lanes] = numbers(costs, ["m", "t", "p"])?;
                let algorithm =
                    if *name == "argon2i" { Algorithm::Argon2i } else { Algorithm::Argon2id };
                let costs = Parameters::Argon2 { algorithm, memory_kib, passes, lanes };
                (costs, unpadded(salt)?, unpadded(hash)?)
            }
            _ => return None,
        };
        let fits = (16..=64).contains(&output.len()) && algorithm.is_affordable();
        let hash = Self { algorithm, salt, output, stored: stored.to_owned() };
        // Refuse here what the libraries would refuse at a sign-in.
        (fits && hash.is_possible()).then_some(hash)
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let mut output = vec![0; self.output.len()];
        self.derive(password, &mut output).is_some_and(|()| output.ct_eq(&self.output).into())
    }

    /// Returns the number of 128-byte blocks that a comparison processes.
    pub(super) fn effort(&self) -> u64 {
        self.algorithm.work().unwrap_or_default() / 128
    }

    pub(super) fn as_stored(&self) -> &str {
        &self.stored
    }

    fn derive(&self, password: &[u8], output: &mut [u8]) -> Option<()> {
        match self.algorithm {
            Parameters::Scrypt { log_n, r, p } => {
                let costs = ScryptParams::new(log_n, r, p).ok()?;
                scrypt::scrypt(password, &self.salt, &costs, output).ok()
            }
            Parameters::Argon2 { algorithm, memory_kib, passes, lanes } => {
                let costs = argon2_params(memory_kib, passes, lanes, output.len())?;
                let context = Argon2::new(algorithm, Version::V0x13, costs);
                context.hash_password_into(password, &self.salt, output).ok()
            }
        }
    }

    fn is_possible(&self) -> bool {
        match self.algorithm {
            Parameters::Scrypt { log_n, r, p } => ScryptParams::new(log_n, r, p).is_ok(),
            Parameters::Argon2 { memory_kib, passes, lanes, .. } => {
                self.salt.len() >= argon2::MIN_SALT_LEN
                    && argon2_params(memory_kib, passes, lanes, self.output.len()).is_some()
            }
        }
    }
}

impl Parameters {
    /// Returns whether a sign-in may cost as much.
    fn is_affordable(&self) -> bool {
        self.memory().is_some_and(|bytes| bytes <= MAX_MEMORY)
            && self.work().is_some_and(|bytes| bytes <= MAX_WORK)
    }

    fn memory(&self) -> Option<u64> {
        match *self {
            Self::Scrypt { log_n, r, .. } => {
                1_u64.checked_shl(log_n.into())?.checked_mul(128)?.checked_mul(r.into())
            }
            Self::Argon2 { memory_kib, .. } => u64::from(memory_kib).checked_mul(1024),
        }
    }

    fn work(&self) -> Option<u64> {
        let passes = match *self {
            Self::Scrypt { p, .. } => p,
            Self::Argon2 { passes, .. } => passes,
        };
        self.memory()?.checked_mul(passes.into())
    }
}

fn argon2_params(memory_kib: u32, passes: u32, lanes: u32, length: usize) -> Option<Argon2Params> {
    Argon2Params::new(memory_kib, passes, lanes, Some(length)).ok()
}

fn scrypt_of(n: &str, r: &str, p: &str) -> Option<Parameters> {
    let n: u64 = n.parse().ok().filter(|n: &u64| *n >= 2 && n.is_power_of_two())?;
    let log_n = u8::try_from(n.trailing_zeros()).ok()?;
    Some(Parameters::Scrypt { log_n, r: r.parse().ok()?, p: p.parse().ok()? })
}

fn unpadded(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with `pip install werkzeug django argon2-cffi passlib scrypt` and, one a line,
    // `generate_password_hash("correct horse", "scrypt:1024:8:1")` of Werkzeug 3.1.9,
    // `ScryptPasswordHasher` with `work_factor = 1024` of Django 5.2.19: `encode("correct horse", "aSaltOfDjango1")`,
    // `scrypt.using(rounds=10).hash("correct horse")` of passlib 1.7.4,
    // `PasswordHasher(memory_cost=64, time_cost=2, parallelism=1).hash("correct horse")` of argon2-cffi 25.1.0,
    // the same with `type=Type.I`,
    // `Argon2PasswordHasher` of Django with `memory_cost = 64` and `parallelism = 2`, without its prefix `argon2`.
    const HASHES: [&str; 6] = [
        "scrypt:1024:8:1$kck5G6rzP08sRyzh$feebb4c1722d16fd7d9c83b3352c830b783211ae0d801ca8bce434ee05ea4ee54c76d8882dc4c8c17714a395790ab8dc34abf13be58659788386f84c00918924",
        "scrypt$1024$aSaltOfDjango1$8$5$TW5uLikaYI1EDptX3Z7xo6EMTiuUImCkY/ZbQuArpqf3JXFGwt3jK4HzE5QuC6Jh+hEgr9SY5aQQef5yRah/ig==",
        "$scrypt$ln=10,r=8,p=1$TgkhZEyptXYuBeA8J2Qs5Q$3NrzCYAzOsViuBzwwIdfJ5Da/LTyERLOKAKx5XeQ8pk",
        "$argon2id$v=19$m=64,t=2,p=1$WUYvxu/VzRYyYoG2TgDbZA$HU2TQmaflLPGthBom4GpgJ1R3Rn9f4pCU5Ko0RNOuUE",
        "$argon2i$v=19$m=64,t=2,p=1$ou2MjFk12KQzeisSRNrnqQ$P384OYR8GUfFAFPaOj6HL/jcuxO4z5XOtfAPCXCBAtM",
        "$argon2id$v=19$m=64,t=2,p=2$YVNhbHRPZkRqYW5nbzE$DAq4TZoPUpZGaM7fQ9Lzv1/9ZR8th3n0EhBN5BwNsKc",
    ];

    #[test]
    fn hashes_of_the_real_libraries_verify() {
        for stored in HASHES {
            let hash = MemoryHard::parse(stored).unwrap();
            assert!(hash.verify(b"correct horse"), "{stored}");
            assert!(!hash.verify(b"correct horsf"), "{stored}");
            assert_eq!(hash.as_stored(), stored);
        }
    }

    #[test]
    fn a_hash_with_excessive_parameters_is_refused() {
        let [werkzeug, django, passlib, argon2, ..] = HASHES;
        for stored in [
            werkzeug.replace("1024:8:1", "1048576:8:1"),
            werkzeug.replace("1024:8:1", "131072:8:9"),
            werkzeug.replace("1024:8:1", "18446744073709551615:8:1"),
            werkzeug.replace("1024:8:1", "1000:8:1"),
            werkzeug.replace("1024:8:1", "1024:0:1"),
            werkzeug.replace("1024:8:1", "1024:8"),
            django.replace("1024", "1073741824"),
            django.replace("$8$5$", "$4294967295$5$"),
            passlib.replace("ln=10", "ln=18"),
            passlib.replace("ln=10", "ln=300"),
            argon2.replace("m=64", "m=262144"),
            argon2.replace("t=2", "t=4294967295"),
            argon2.replace("m=64", "m=7"),
            argon2.replace("p=1", "p=0"),
            argon2.replace("p=1", "p=1,data=AAAA"),
            argon2.replace("v=19", "v=16"),
            argon2.replace("$argon2id$", "$argon2d$"),
            argon2.replace("WUYvxu/VzRYyYoG2TgDbZA", "WUYv"),
            argon2.replace("HU2TQmaflLPGthBom4GpgJ1R3Rn9f4pCU5Ko0RNOuUE", "HU2T"),
        ] {
            assert_eq!(MemoryHard::parse(&stored), None, "{stored}");
        }
        let most = argon2.replace("m=64,t=2", "m=131072,t=8");
        assert!(MemoryHard::parse(&most).is_some(), "the most that is taken");
    }
}
