//! Requires a proof of work, or a harder captcha, before a text message.

use futures_util::future::try_join;

use super::{
    State,
    admit::{Usage, usage_of},
    pay_for_reserve,
    sms_code_request::SmsCodeRequest,
};
use crate::{
    domain::{
        captcha::CaptchaMode,
        client::Client,
        mobile::Mobile,
        proof_of_work::{Demand, USUAL_COST},
    },
    errors::{Error, Price, ProofProblem},
    stores::{
        rate_limits::{Limit, Overuse},
        sms_abuse_guard::Level,
    },
};

/// What a request has paid for, if its captcha is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HasPaid {
    /// A message of the usual quotas.
    ForUsual,
    /// A message of the reserve of its number too.
    ForReserve,
}

/// The limits of an address that a page with a captcha and a button to send a code has to do with.
const LIMITS: [Limit; 3] =
    [Limit::SmsPerAddress, Limit::WrongCaptchasPerAddress, Limit::CaptchasPerAddress];

/// Returns what a captcha and a message to this number cost the client beyond the usual captcha. An empty form has no
/// number yet.
pub async fn price_of_message(
    state: &State,
    mobile: Option<&Mobile>,
    client: &Client,
) -> Result<Option<Price>, Error> {
    let level = async {
        match (state.pow_challenges.demand(), state.captcha_mode) {
            (Demand::OnAbuse, _) | (_, CaptchaMode::Auto) => {
                state.sms_abuse_guard.level(mobile, client.address).await
            }
            // The setting decides alone.
            (Demand::Never | Demand::Always, CaptchaMode::Picture) => Ok(Level::Normal),
        }
    };
    let (level, usage) = match try_join(level, usage_of(state, &LIMITS, client)).await {
        // What the setting demands needs no store.
        Err(Error::Store(_)) if state.pow_challenges.demand() == Demand::Always => {
            (Level::Normal, Usage::default())
        }
        read => read?,
    };
    let overuse = usage.overuse;
    // The form computes this proof unasked.
    if replaces_captcha(state, level, overuse) {
        return Ok(None);
    }
    if state.pow_challenges.demand() == Demand::Never {
        return Ok(overuse.map(|_| Price::harder_captcha()));
    }
    let price = |cost| Price::proof_of_work(cost, ProofProblem::Missing);
    Ok(cost(state, level, overuse).map(price))
}

/// Returns the cost of the proof that is needed; `None` if none is.
fn cost(state: &State, level: Level, overuse: Option<Overuse>) -> Option<u32> {
    let of_address = overuse.and_then(|overuse| overuse.cost().ok());
    of_address.or_else(|| is_needed(state, level).then_some(USUAL_COST))
}

/// Returns whether a proof of work is accepted in place of a captcha: with `CAPTCHA=auto`, while neither the abuse guard nor
/// the address asks for more.
fn replaces_captcha(state: &State, level: Level, overuse: Option<Overuse>) -> bool {
    state.captcha_mode == CaptchaMode::Auto && level == Level::Normal && overuse.is_none()
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
    overuse: Option<Overuse>,
) -> Result<HasPaid, Error> {
    if request.captcha.is_none() && !request.needs_no_price {
        return require_proof_alone(state, request, level, overuse).await;
    }
    let needed = cost(state, level, overuse);
    let has_harder = pay_for_reserve::harder(request.captcha.as_ref()).is_some();
    if state.pow_challenges.demand() == Demand::Never && has_harder {
        return Ok(HasPaid::ForReserve);
    }
    if let Some(proof) = &request.proof_of_work
        && has_harder
    {
        let cost = needed.unwrap_or_default().max(pay_for_reserve::COST);
        match state.pow_challenges.consume(proof, cost).await {
            Ok(()) => return Ok(HasPaid::ForReserve),
            Err(error @ Error::Store(_)) => return Err(error),
            // It may still be good for what is needed.
            Err(_) => {}
        }
    }
    let Some(cost) = needed else { return Ok(HasPaid::ForUsual) };
    match &request.proof_of_work {
        Some(proof) => {
            let consumed = state.pow_challenges.consume(proof, cost).await;
            consumed.map(|()| HasPaid::ForUsual).map_err(|refused| match overuse {
                Some(overuse) => overuse.or_wait(refused),
                None => refused,
            })
        }
        None if request
            .captcha
            .as_ref()
            .is_some_and(|captcha| captcha.answer.has_harder_length()) =>
        {
            Ok(HasPaid::ForUsual)
        }
        None => Err(Error::PriceRequired(Price::proof_of_work(cost, ProofProblem::Missing))),
    }
}

/// Checks the proof of work of a request that has no captcha.
async fn require_proof_alone(
    state: &State,
    request: &SmsCodeRequest,
    level: Level,
    overuse: Option<Overuse>,
) -> Result<HasPaid, Error> {
    let proof = |cost| Price::proof_of_work(cost, ProofProblem::Missing);
    if !replaces_captcha(state, level, overuse) {
        let price = cost(state, level, overuse).map(|cost| proof(cost).and_captcha());
        return Err(Error::PriceRequired(price.unwrap_or_else(Price::captcha)));
    }
    match &request.proof_of_work {
        Some(proof) => state.pow_challenges.consume(proof, USUAL_COST).await?,
        None => return Err(Error::PriceRequired(proof(USUAL_COST))),
    }
    Ok(HasPaid::ForUsual)
}
