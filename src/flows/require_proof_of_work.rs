//! Requires a proof of work, or a harder captcha, before a text message.

use std::net::IpAddr;

use super::{State, sms_code_request::SmsCodeRequest};
use crate::{
    domain::{
        mobile::Mobile,
        proof_of_work::{Demand, USUAL_COST},
    },
    errors::{Error, Price, ProofProblem},
    stores::sms_abuse_guard::Level,
};

/// Returns whether a message to this number, requested from this address, needs a proof of work. An empty form has no
/// number yet.
pub async fn needs_proof_of_work(
    state: &State,
    mobile: Option<&Mobile>,
    address: IpAddr,
) -> Result<bool, Error> {
    let level = match state.pow_challenges.demand() {
        Demand::OnAbuse => state.sms_abuse_guard.level(mobile, address).await?,
        // The setting decides alone.
        Demand::Never | Demand::Always => Level::Normal,
    };
    Ok(is_needed(state, level))
}

fn is_needed(state: &State, level: Level) -> bool {
    match state.pow_challenges.demand() {
        Demand::Never => false,
        Demand::OnAbuse => level != Level::Normal,
        Demand::Always => true,
    }
}

/// Checks the proof of work of a request, if one is needed. The captcha is not used up here: a client that did not know
/// that a proof is needed sends the same answer again.
///
/// Browsers without scripts send none and are shown harder captchas. An answer of that length can only be right for a
/// harder captcha, which the check of the captcha then confirms.
pub(super) async fn require_proof_of_work(
    state: &State,
    request: &SmsCodeRequest,
    level: Level,
) -> Result<(), Error> {
    if !is_needed(state, level) {
        return Ok(());
    }
    match &request.proof_of_work {
        Some(proof) => state.pow_challenges.consume(proof, USUAL_COST).await,
        None if request
            .captcha
            .as_ref()
            .is_some_and(|captcha| captcha.answer.has_harder_length()) =>
        {
            Ok(())
        }
        None => Err(Error::PriceRequired(Price::proof_of_work(USUAL_COST, ProofProblem::Missing))),
    }
}
