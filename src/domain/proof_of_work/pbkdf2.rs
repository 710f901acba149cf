//! The newer form: find the counter for which PBKDF2-HMAC-SHA256 of the nonce and the counter begins with the prefix.
//!
//! The server has chosen the counter at random and computed the prefix. So the largest number of attempts is bounded, and
//! no other counter is a solution.

use chrono::{DateTime, Utc};
use pbkdf2_sha256::derive;
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{SIGNATURE_LENGTH, Solved, is_signed_with_one};
use crate::{
    domain::{
        hex::{decode_hex, hex},
        keys::Key,
    },
    errors::ProofProblem,
};

const ALGORITHM: &str = "PBKDF2/SHA-256";
/// Rounds of one attempt. It takes a quarter of a millisecond, also for the server that checks it. A browser needs some
/// hundredths of a millisecond to begin one, which a native program saves; fewer rounds would make that matter.
const ROUNDS: u32 = 2_000;
/// Length of the derived key in bytes.
const KEY_LENGTH: u32 = 32;
/// Length of the prefix in hexadecimal digits.
const PREFIX_LENGTH: usize = 32;

/// The parameters of a challenge, under the names of ALTCHA.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    algorithm: String,
    nonce: String,
    salt: String,
    /// Rounds of one attempt.
    cost: u32,
    key_length: u32,
    key_prefix: String,
    /// In seconds since 1970.
    expires_at: i64,
    data: Data,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Data {
    /// How many times as many attempts as usual are needed.
    cost: u32,
}

impl Parameters {
    pub(super) fn new(complexity: u32, cost: u32, expires_at: DateTime<Utc>) -> Self {
        let mut rng = rand::rng();
        let (nonce, salt): ([u8; 16], [u8; 16]) = (rng.random(), rng.random());
        let most_attempts = (complexity / ROUNDS).saturating_mul(cost);
        let key = derived_key(&nonce, &salt, ROUNDS, rng.random_range(0..=most_attempts));
        Self {
            algorithm: ALGORITHM.to_owned(),
            nonce: hex(&nonce),
            salt: hex(&salt),
            cost: ROUNDS,
            key_length: KEY_LENGTH,
            key_prefix: key.chars().take(PREFIX_LENGTH).collect(),
            expires_at: expires_at.timestamp(),
            data: Data { cost },
        }
    }

    pub(super) fn sign(&self, key: &Key) -> String {
        let Self { algorithm, nonce, salt, cost, key_length, key_prefix, expires_at, data } = self;
        let numbers = format!("{cost} {key_length} {expires_at} {}", data.cost);
        hex(&key.mac(&[algorithm, nonce, salt, key_prefix, &numbers]))
    }

    /// Returns whether the counter leads to this key, and the key begins with the prefix.
    fn is_solved_by(&self, Attempt { counter, derived_key: key }: &Attempt) -> bool {
        let bytes = decode_hex(&self.nonce).zip(decode_hex(&self.salt));
        key.starts_with(&self.key_prefix)
            && bytes.is_some_and(|(nonce, salt)| {
                derived_key(&nonce, &salt, self.cost, *counter) == *key
            })
    }
}

/// A solution, as ALTCHA's own libraries send it.
#[derive(Clone, Deserialize)]
pub(super) struct Solution {
    challenge: SignedParameters,
    solution: Attempt,
}

#[derive(Clone, Deserialize)]
struct SignedParameters {
    parameters: Parameters,
    signature: String,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attempt {
    counter: u32,
    derived_key: String,
}

impl Solution {
    /// Checks the signature and the expiry before anything is computed.
    pub(super) fn verify(&self, keys: &[Key], now: DateTime<Utc>) -> Result<Solved, ProofProblem> {
        let SignedParameters { parameters, signature } = &self.challenge;
        if !is_signed_with_one(keys, signature.get(..SIGNATURE_LENGTH), |key| parameters.sign(key))
        {
            return Err(ProofProblem::Wrong);
        }
        let expires_at =
            DateTime::from_timestamp(parameters.expires_at, 0).ok_or(ProofProblem::Wrong)?;
        if now >= expires_at {
            return Err(ProofProblem::Expired);
        }
        if !parameters.is_solved_by(&self.solution) {
            return Err(ProofProblem::Wrong);
        }
        Ok(Solved { cost: parameters.data.cost, expires_at })
    }

    pub(super) fn name(&self) -> &str {
        &self.challenge.parameters.nonce
    }
}

/// Returns the key in hexadecimal digits.
pub(super) fn derived_key(nonce: &[u8], salt: &[u8], rounds: u32, counter: u32) -> String {
    hex(&derive(&[nonce, &counter.to_be_bytes()].concat(), salt, rounds))
}
