//! Proof-of-work challenges: their cost, how long they can be solved, and that each solution is accepted once.

use std::{sync::Arc, time::Duration};

use super::kv::Kv;
use crate::{
    domain::{
        clock::Clock,
        keys::{Key, SecretKey},
        proof_of_work::{Challenge, Demand, ProofOfWork, Solved, USUAL_COST},
    },
    errors::{Error, Price, ProofProblem},
};

/// How much longer a challenge lives for each time that its work exceeds the usual. It is more than a slow phone takes.
const MORE_TIME: Duration = Duration::from_secs(10);
/// The longest lifetime of a challenge.
const LONGEST_LIFETIME: Duration = Duration::from_hours(2);

/// Issues challenges and accepts solutions.
#[derive(Clone)]
pub struct PowChallenges {
    kv: Kv,
    clock: Clock,
    rules: PowRules,
    /// The lifetime of a challenge of the usual cost. It is that of a captcha, which is solved at the same time.
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
    /// The largest number of rounds of PBKDF2 that are computed at the usual cost. On average it is half of them.
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

    /// Returns a new challenge that takes `cost` times as much work as usual. It is signed, and not stored.
    pub fn issue(&self, cost: u32) -> Challenge {
        let more_time = MORE_TIME.saturating_mul(cost.saturating_sub(USUAL_COST));
        let lifetime = (self.lifetime + more_time).min(LONGEST_LIFETIME);
        let expires_at = self.clock.now() + lifetime;
        Challenge::new(&self.signing, self.rules.complexity, cost, expires_at)
    }

    /// Accepts a solution once, if its challenge had at least this cost: of concurrent requests with the same one, one
    /// succeeds. A solution that is too cheap is not used up.
    pub async fn consume(&self, proof: &ProofOfWork, at_least_cost: u32) -> Result<(), Error> {
        let now = self.clock.now();
        let refused = |problem| Error::PriceRequired(Price::proof_of_work(at_least_cost, problem));
        let Solved { cost, expires_at } = proof.verify(&self.verifying, now).map_err(refused)?;
        if cost < at_least_cost {
            return Err(refused(ProofProblem::Insufficient));
        }
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
