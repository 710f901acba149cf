//! Proof of work: a small computation that is expensive for a sender of thousands of requests but not for a person. The
//! formats are those of ALTCHA.
//!
//! The newer form (version 2) repeats PBKDF2, which browsers compute natively, so that a program of an attacker's own is
//! hardly faster. At the usual cost a challenge can also be solved in the older form (version 1), which front-ends compute
//! by scripts.
//!
//! The server signs challenges and stores none.

mod pbkdf2;
mod sha256;

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::keys::Key;
use crate::errors::{Problem, ProofProblem};

/// The cost of a challenge that is not made more expensive.
pub const USUAL_COST: u32 = 1;
/// Length of a signature in hexadecimal digits.
const SIGNATURE_LENGTH: usize = 64;

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

/// A challenge in its newer form and, at the usual cost, in its older form beside it.
#[derive(Clone, Debug, Serialize)]
pub struct Challenge {
    parameters: pbkdf2::Parameters,
    #[serde(flatten)]
    older: Option<sha256::Challenge>,
    /// The signatures of the forms, one after the other. Clients send it back as it is.
    signature: String,
}

impl Challenge {
    /// Makes a challenge under the server's key.
    ///
    /// `complexity` is the largest number of rounds of PBKDF2 that are computed at the usual cost, on average half of them.
    /// At the cost `n` it is `n` times as many.
    pub fn new(key: &Key, complexity: u32, cost: u32, expires_at: DateTime<Utc>) -> Self {
        let parameters = pbkdf2::Parameters::new(complexity, cost, expires_at);
        let older = (cost == USUAL_COST).then(|| sha256::Challenge::new(complexity, expires_at));
        let mut signature = parameters.sign(key);
        signature.extend(older.iter().map(|older| older.sign(key)));
        Self { parameters, older, signature }
    }
}

/// A solution that has not been checked yet.
#[derive(Clone, Deserialize)]
pub struct ProofOfWork(Solution);

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Solution {
    Newer(pbkdf2::Solution),
    Older(sha256::Solution),
}

/// What is known of a solution that is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Solved {
    /// The cost of the challenge.
    pub cost: u32,
    /// When the challenge expires.
    pub expires_at: DateTime<Utc>,
}

impl ProofOfWork {
    /// Reads base64 of a JSON object.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let json = BASE64_STANDARD.decode(text).or(Err(Problem::Malformed))?;
        serde_json::from_slice(&json).or(Err(Problem::Malformed))
    }

    /// Checks that it solves an unexpired challenge of ours. Only a store knows whether it was used before.
    pub fn verify(&self, keys: &[Key], now: DateTime<Utc>) -> Result<Solved, ProofProblem> {
        match &self.0 {
            Solution::Newer(solution) => solution.verify(keys, now),
            Solution::Older(solution) => solution.verify(keys, now),
        }
    }

    /// Returns what identifies all solutions of the same form to the same challenge.
    pub fn name(&self) -> &str {
        match &self.0 {
            Solution::Newer(solution) => solution.name(),
            Solution::Older(solution) => solution.name(),
        }
    }
}

impl fmt::Debug for ProofOfWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Compares a signature with the one that each of the keys makes.
fn is_signed_with_one(
    keys: &[Key],
    signature: Option<&str>,
    sign: impl Fn(&Key) -> String,
) -> bool {
    let signature = signature.unwrap_or_default().as_bytes();
    keys.iter().any(|key| sign(key).as_bytes().ct_eq(signature).into())
}

#[cfg(test)]
mod tests;
