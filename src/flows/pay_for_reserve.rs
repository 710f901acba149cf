//! The price of the reserve: the last messages and tries of a number, when strangers have used up all others.
//!
//! An owner on a new device is a stranger too. Six letters and a proof of work are little for one person, and much for
//! somebody who wants to use up the reserves of many numbers.

use std::time::Duration;

use super::{State, admit::Payment, consume_captcha::consume_captcha};
use crate::{
    domain::{captcha::SolvedCaptcha, client::Client, proof_of_work::Demand},
    errors::{Error, Price, ProofProblem},
};

/// The cost of the proof of work, in multiples of the usual amount.
pub(super) const COST: u32 = 16;

/// Uses up a harder captcha and a proof of work of at least this cost.
///
/// The proof is checked first: the captcha of a request that is refused for want of a proof can be used again.
pub(super) async fn pay(
    state: &State,
    payment: &Payment,
    (cost, wait): (u32, Duration),
    client: &Client,
) -> Result<(), Error> {
    let captcha = harder(payment.captcha.as_ref());
    let captcha = captcha.ok_or_else(|| unpaid(state, ProofProblem::Missing, wait))?;
    if state.pow_challenges.demand() != Demand::Never {
        let Some(proof) = &payment.proof_of_work else {
            return Err(unpaid(state, ProofProblem::Missing, wait));
        };
        let used = state.pow_challenges.consume(proof, cost).await;
        used.map_err(|error| with_captcha(state, error, wait))?;
    }
    consume_captcha(state, captcha, "reserve", client).await
}

/// Returns the captcha if it can be a harder one.
pub(super) fn harder(captcha: Option<&SolvedCaptcha>) -> Option<&SolvedCaptcha> {
    captcha.filter(|captcha| captcha.answer.has_harder_length())
}

/// Returns the error for a request that does not pay. `wait` is the time until it may succeed without.
pub(super) fn unpaid(state: &State, problem: ProofProblem, wait: Duration) -> Error {
    let price = match state.pow_challenges.demand() {
        Demand::Never => Price::harder_captcha(),
        Demand::OnAbuse | Demand::Always => {
            Price::proof_of_work(COST, problem).and_harder_captcha()
        }
    };
    Error::PriceRequired(price.or_wait(wait))
}

/// Demands the captcha together with a better proof of work.
fn with_captcha(state: &State, error: Error, wait: Duration) -> Error {
    if let Error::PriceRequired(price) = &error
        && let Some(proof) = price.required_proof()
    {
        return unpaid(state, proof.problem, wait);
    }
    error
}
