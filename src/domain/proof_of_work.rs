//! Proof of work: a small computation that is expensive for a sender of thousands of requests but not for a person. The
//! format is version 1 of ALTCHA.
//!
//! The client finds the number for which SHA-256(salt, number) is the challenge. The server signs challenges and stores
//! none: the salt contains the time when one expires, and the hash covers the salt.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{hex::hex, keys::Key};
use crate::errors::{Problem, ProofProblem};

const ALGORITHM: &str = "SHA-256";
/// Ends the salt. Without it digits at its end could be moved into the number, which would change the expiry of the
/// same challenge.
const SALT_END: char = '&';

/// When a proof of work is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Never.
    Never,
    /// While many codes are requested that are never typed in.
    OnAbuse,
    /// For every code.
    Always,
}

/// A challenge.
#[derive(Clone, Debug, Serialize)]
pub struct Challenge {
    algorithm: &'static str,
    #[serde(rename = "challenge")]
    digest: String,
    /// The upper limit of the number.
    maxnumber: u32,
    salt: String,
    signature: String,
}

impl Challenge {
    /// Makes a challenge under the server's key.
    pub fn new(key: &Key, most: u32, ends_at: DateTime<Utc>) -> Self {
        let mut rng = rand::rng();
        let salt: [u8; 12] = rng.random();
        let salt = format!("{}?expires={}{SALT_END}", hex(&salt), ends_at.timestamp());
        let digest = digest(&salt, rng.random_range(0..=most));
        let signature = sign(key, &digest);
        Self { algorithm: ALGORITHM, digest, maxnumber: most, salt, signature }
    }
}

/// A solution that has not been checked yet.
#[derive(Clone, Deserialize)]
pub struct ProofOfWork {
    algorithm: String,
    challenge: String,
    number: u32,
    salt: String,
    signature: String,
}

impl ProofOfWork {
    /// Reads base64 of a JSON object.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let json = BASE64_STANDARD.decode(text).or(Err(Problem::Malformed))?;
        serde_json::from_slice(&json).or(Err(Problem::Malformed))
    }

    /// Checks that it solves an unexpired challenge of ours, and returns when that expires. Only a store knows whether
    /// it was used before.
    pub fn verify(&self, keys: &[Key], now: DateTime<Utc>) -> Result<DateTime<Utc>, ProofProblem> {
        if !keys.iter().any(|key| self.is_signed_with(key))
            || self.algorithm != ALGORITHM
            || digest(&self.salt, self.number) != self.challenge
        {
            return Err(ProofProblem::Wrong);
        }
        let ends_at = self.ends_at().ok_or(ProofProblem::Wrong)?;
        if now < ends_at { Ok(ends_at) } else { Err(ProofProblem::Expired) }
    }

    fn is_signed_with(&self, key: &Key) -> bool {
        sign(key, &self.challenge).as_bytes().ct_eq(self.signature.as_bytes()).into()
    }

    /// Returns the challenge, which identifies all solutions of it.
    pub fn name(&self) -> &str {
        &self.challenge
    }

    fn ends_at(&self) -> Option<DateTime<Utc>> {
        let (_, seconds) = self.salt.strip_suffix(SALT_END)?.split_once("?expires=")?;
        DateTime::from_timestamp(seconds.parse().ok()?, 0)
    }
}

impl fmt::Debug for ProofOfWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn digest(salt: &str, number: u32) -> String {
    hex(&Sha256::digest(format!("{salt}{number}")))
}

fn sign(key: &Key, challenge: &str) -> String {
    hex(&key.mac(&[ALGORITHM, challenge]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::SecretKey;

    const END: i64 = 1_790_000_123;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn key(label: &str) -> Key {
        SecretKey::new(vec![7; 32]).derive(label)
    }

    fn solve(question: &Challenge) -> ProofOfWork {
        let right = |number: &u32| digest(&question.salt, *number) == question.digest;
        ProofOfWork {
            algorithm: question.algorithm.to_owned(),
            challenge: question.digest.clone(),
            number: (0..=question.maxnumber).find(right).unwrap(),
            salt: question.salt.clone(),
            signature: question.signature.clone(),
        }
    }

    #[test]
    fn a_right_answer_is_right_until_its_end() {
        let proof = solve(&Challenge::new(&key("a"), 100, at(END)));

        assert_eq!(proof.verify(&[key("a")], at(END - 1)), Ok(at(END)));
        assert_eq!(proof.verify(&[key("a")], at(END)), Err(ProofProblem::Expired));
        assert_eq!(proof.verify(&[key("b")], at(0)), Err(ProofProblem::Wrong), "another key");
    }

    #[test]
    fn nothing_in_an_answer_can_be_changed() {
        let right = solve(&Challenge::new(&key("a"), 100, at(END)));
        let later = right.salt.replace(&END.to_string(), &(END + 60).to_string());
        let wrong = [
            ProofOfWork { number: right.number + 1, ..right.clone() },
            ProofOfWork { salt: later.clone(), ..right.clone() },
            ProofOfWork { challenge: digest(&later, right.number), salt: later, ..right.clone() },
            ProofOfWork { algorithm: "SHA-1".to_owned(), ..right.clone() },
            ProofOfWork { signature: String::new(), ..right },
        ];

        for proof in wrong {
            assert_eq!(proof.verify(&[key("a")], at(0)), Err(ProofProblem::Wrong));
        }
    }

    #[test]
    fn digits_cannot_move_between_end_and_number() {
        let right = solve(&Challenge::new(&key("a"), 0, at(END)));
        let salt = right.salt.trim_end_matches(SALT_END).to_owned();
        let spliced = ProofOfWork {
            challenge: digest(&salt, 45),
            signature: sign(&key("a"), &digest(&salt, 45)),
            salt: format!("{salt}4"),
            number: 5,
            ..right
        };

        assert_eq!(spliced.verify(&[key("a")], at(0)), Err(ProofProblem::Wrong));
    }

    #[test]
    fn what_cannot_be_read_is_no_answer() {
        for text in ["", "%", "e30=", "bnVsbA==", &BASE64_STANDARD.encode("[".repeat(10_000))] {
            assert_eq!(ProofOfWork::parse(text).err(), Some(Problem::Malformed), "{text}");
        }
    }
}
