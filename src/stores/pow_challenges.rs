//! Proofs of work: what they cost, how long a question stays open, and that each pays once.

use std::{sync::Arc, time::Duration};

use super::kv::{Acquire, Decision, Kv, PermitId, RateLimit, Window};
use crate::{
    domain::{
        clock::Clock,
        keys::{Key, SecretKey},
        proof_of_work::{Challenge, Demand, ProofOfWork},
    },
    errors::{Error, ProofProblem},
};

/// Proofs of work.
#[derive(Clone)]
pub struct PowChallenges {
    kv: Kv,
    clock: Clock,
    rules: PowRules,
    /// As long as a captcha, which is solved at the same time.
    life: Duration,
    signing: Key,
    /// What is accepted: its own signatures, and those of a key before.
    verifying: Arc<[Key]>,
}

/// What the operator decides of proofs of work.
#[derive(Clone, Copy, Debug)]
pub struct PowRules {
    /// When they are asked for.
    pub demand: Demand,
    /// The largest number that has to be tried; half of it on average.
    pub complexity: u32,
}

impl PowChallenges {
    /// Proofs in a store, under the server's key.
    pub fn new(
        (kv, clock): (Kv, Clock),
        rules: PowRules,
        life: Duration,
        secret: &SecretKey,
    ) -> Self {
        let label = "proof of work";
        let (signing, verifying) = (secret.derive(label), secret.derive_all(label).into());
        Self { kv, clock, rules, life, signing, verifying }
    }

    /// When they are asked for.
    pub fn demand(&self) -> Demand {
        self.rules.demand
    }

    /// A new question; nothing is kept of it.
    pub fn issue(&self) -> Challenge {
        Challenge::new(&self.signing, self.rules.complexity, self.clock.now() + self.life)
    }

    /// Uses a proof up: of many who bring the same one, one gets through.
    pub async fn consume(&self, proof: &ProofOfWork) -> Result<(), Error> {
        let now = self.clock.now();
        let ends_at = proof.verify(&self.verifying, now).map_err(Error::ProofOfWork)?;
        // Remembered for as long as the same answer would be right again.
        let span = (ends_at - now).to_std().map_err(Error::internal)?;
        let key = format!("haoma:proof:{}", proof.name());
        let once = RateLimit::new(key, [Window { span, limit: 1 }]);
        let claim = Acquire { ticket: PermitId::new(), quotas: vec![once] };
        match self.kv.acquire(&[claim]).await?.first() {
            Some(Decision::Granted { .. }) => Ok(()),
            Some(Decision::Refused { .. } | Decision::NotFilled) | None => {
                Err(Error::ProofOfWork(ProofProblem::Used))
            }
        }
    }
}
