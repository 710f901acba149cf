//! The older form: find the number for which SHA-256(salt, number) is the challenge. The salt contains the time when the
//! challenge expires, and the hash covers the salt.

use chrono::{DateTime, Utc};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{SIGNATURE_LENGTH, Solved, USUAL_COST, is_signed_with_one};
use crate::{
    domain::{
        hex::{hex, sha256_hex},
        keys::Key,
    },
    errors::ProofProblem,
};

const ALGORITHM: &str = "SHA-256";
/// Ends the salt. Without it digits at its end could be moved into the number, which would change the expiry of the
/// same challenge.
const SALT_END: char = '&';
/// Hashes that cost a native program as much as a round of PBKDF2 in the newer form, so that it gains nothing here.
const HASHES_OF_ROUND: u32 = 2;

/// A challenge, under the names of ALTCHA.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Challenge {
    algorithm: &'static str,
    #[serde(rename = "challenge")]
    digest: String,
    /// The upper limit of the number.
    maxnumber: u32,
    salt: String,
}

impl Challenge {
    pub(super) fn new(complexity: u32, expires_at: DateTime<Utc>) -> Self {
        let mut rng = rand::rng();
        let salt: [u8; 12] = rng.random();
        let salt = format!("{}?expires={}{SALT_END}", hex(&salt), expires_at.timestamp());
        let maxnumber = complexity.saturating_mul(HASHES_OF_ROUND);
        let digest = digest(&salt, rng.random_range(0..=maxnumber));
        Self { algorithm: ALGORITHM, digest, maxnumber, salt }
    }

    pub(super) fn sign(&self, key: &Key) -> String {
        sign(key, &self.digest)
    }
}

/// A solution, as ALTCHA's own libraries send it.
#[derive(Clone, Deserialize)]
pub(super) struct Solution {
    algorithm: String,
    challenge: String,
    number: u32,
    salt: String,
    signature: String,
}

impl Solution {
    pub(super) fn verify(&self, keys: &[Key], now: DateTime<Utc>) -> Result<Solved, ProofProblem> {
        // The signature of the newer form stands before it.
        let start = self.signature.len().saturating_sub(SIGNATURE_LENGTH);
        let signature = self.signature.get(start..);
        if !is_signed_with_one(keys, signature, |key| sign(key, &self.challenge))
            || self.algorithm != ALGORITHM
            || digest(&self.salt, self.number) != self.challenge
        {
            return Err(ProofProblem::Wrong);
        }
        let expires_at = self.expires_at().ok_or(ProofProblem::Wrong)?;
        if now >= expires_at {
            return Err(ProofProblem::Expired);
        }
        Ok(Solved { cost: USUAL_COST, expires_at })
    }

    pub(super) fn name(&self) -> &str {
        &self.challenge
    }

    fn expires_at(&self) -> Option<DateTime<Utc>> {
        let (_, seconds) = self.salt.strip_suffix(SALT_END)?.split_once("?expires=")?;
        DateTime::from_timestamp(seconds.parse().ok()?, 0)
    }
}

fn digest(salt: &str, number: u32) -> String {
    sha256_hex(format!("{salt}{number}"))
}

fn sign(key: &Key, challenge: &str) -> String {
    hex(&key.mac(&[ALGORITHM, challenge]))
}
