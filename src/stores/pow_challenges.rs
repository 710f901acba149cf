//! Proof-of-work challenges: their cost, how long they can be solved, and that each solution is accepted once.

use std::{sync::Arc, time::Duration};

use super::kv::Kv;
use crate::{
    domain::{
        clock::Clock,
        keys::{Key, SecretKey},
        proof_of_work::{Challenge, Demand, ProofOfWork},
    },
    errors::{Error, Price, ProofProblem},
};

/// Issues challenges and accepts solutions.
#[derive(Clone)]
pub struct PowChallenges {
    kv: Kv,
    clock: Clock,
    rules: PowRules,
    /// The lifetime of a challenge. It is that of a captcha, which is solved at the same time.
    lifetime: Duration,
    signing: Key,
    /// The keys whose signatures are accepted: the current one and those of the fallbacks.
    verifying: Arc<[Key]>,
}

/// The operator's settings for proofs of work.
#[derive(Clone, Copy, Debug)]
pub struct PowRules {
    /// When a proof of work is required.
    pub demand: Demand,
    /// The largest number that may have to be tried. On average it is half of them.
    pub complexity: u32,
}

impl PowChallenges {
    /// Returns the challenges under the server's keys.
    pub fn new(
        (kv, clock): (Kv, Clock),
        rules: PowRules,
        lifetime: Duration,
        secret: &SecretKey,
    ) -> Self {
        let label = "proof of work";
        let (signing, verifying) = (secret.derive(label), secret.derive_all(label).into());
        Self { kv, clock, rules, lifetime, signing, verifying }
    }

    /// Returns when a proof of work is required.
    pub fn demand(&self) -> Demand {
        self.rules.demand
    }

    /// Returns a new challenge. It is signed, and not stored.
    pub fn issue(&self) -> Challenge {
        Challenge::new(&self.signing, self.rules.complexity, self.clock.now() + self.lifetime)
    }

    /// Accepts a solution once: of concurrent requests with the same one, one succeeds.
    pub async fn consume(&self, proof: &ProofOfWork) -> Result<(), Error> {
        let now = self.clock.now();
        let expires_at = proof.verify(&self.verifying, now).map_err(refused)?;
        // It is remembered until the challenge expires: from then on it would be refused anyway.
        let span = (expires_at - now).to_std().map_err(Error::internal)?;
        let key = format!("haoma:proof:{}", proof.name());
        if self.kv.once_per(&key, span).await?.is_first() {
            Ok(())
        } else {
            Err(refused(ProofProblem::Used))
        }
    }
}

fn refused(problem: ProofProblem) -> Error {
    Error::PriceRequired(Price::proof_of_work(1, problem))
}
