//! A second gate before text messages: a proof of work, or a harder captcha in its place.

use std::net::IpAddr;

use super::{State, sms_code_request::SmsCodeRequest};
use crate::{
    domain::{mobile::Mobile, proof_of_work::Demand},
    errors::{Error, ProofProblem},
    stores::sms_abuse_guard::Level,
};

/// Whether a message to this number, asked for from this address, needs the second gate; a form that
/// nobody has filled in yet has no number.
pub async fn proof_wanted(
    state: &State,
    mobile: Option<&Mobile>,
    address: IpAddr,
) -> Result<bool, Error> {
    let step = match state.pow_challenges.demand() {
        Demand::WhenPumped => state.sms_abuse_guard.level(mobile, address).await?,
        // The ladder has no say in it.
        Demand::Never | Demand::Always => Level::Normal,
    };
    Ok(is_wanted(state, step))
}

fn is_wanted(state: &State, step: Level) -> bool {
    match state.pow_challenges.demand() {
        Demand::Never => false,
        Demand::WhenPumped => step != Level::Normal,
        Demand::Always => true,
    }
}

/// Lets a request through the second gate, or tells what it lacks. The captcha is not touched yet: who
/// was not told that a proof is needed answers the same picture again.
///
/// Browsers without scripts bring none: they are shown harder pictures. An answer as long as those can
/// only be right for one of them, which the captcha's own check then tells.
pub(super) async fn require_proof_of_work(
    state: &State,
    request: &SmsCodeRequest,
    step: Level,
) -> Result<(), Error> {
    if !is_wanted(state, step) {
        return Ok(());
    }
    match &request.proof_of_work {
        Some(proof) => state.pow_challenges.consume(proof).await,
        None if request.captcha.as_ref().is_some_and(|it| it.answer.is_of_harder()) => Ok(()),
        None => Err(Error::ProofOfWork(ProofProblem::Missing)),
    }
}
