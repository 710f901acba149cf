//! Admits requests under limits of addresses. Over the quota a request pays by a proof of work, or by a harder captcha.

use super::{
    State,
    consume_captcha::consume_captcha,
    limit_subject::{known_device, subject_of},
};
use crate::{
    domain::{
        captcha::SolvedCaptcha,
        client::Client,
        proof_of_work::{Demand, ProofOfWork, USUAL_COST},
        purpose::Purpose,
    },
    errors::{Error, Price, ProofProblem},
    stores::{
        kv::PermitId,
        rate_limits::{Limit, Overuse, Permit, Subject},
    },
};

/// The limits that a proof of work may be asked for.
const PRICED: [Limit; 5] = [
    Limit::SmsPerAddress,
    Limit::WrongCaptchasPerAddress,
    Limit::CaptchasPerAddress,
    Limit::CodeTriesPerAddress,
    Limit::RegistrationsPerAddress,
];

/// What a request brings to pay with.
#[derive(Clone, Debug, Default)]
pub struct Payment {
    /// A solved captcha. A harder one is accepted in place of a proof of work.
    pub captcha: Option<SolvedCaptcha>,
    /// A proof of work.
    pub proof_of_work: Option<ProofOfWork>,
}

/// What a price opens.
#[derive(Debug)]
pub(super) enum Paid {
    /// The next quota.
    Quota,
    /// Another limit, from which this permit is.
    Elsewhere(Permit),
}

/// Acquires a permit of this name from the limits of the client's address. `pay` is asked for the price of an address that
/// has used its quota up.
pub(super) async fn admit_named(
    state: &State,
    (limit, permit_id): (Limit, PermitId),
    client: &Client,
    pay: impl AsyncFnOnce(Overuse, &Subject) -> Result<Paid, Error>,
) -> Result<Permit, Error> {
    let Some(mut subject) = subject_of(state, client) else { return Ok(Permit::none()) };
    let acquire = async |subject: &Subject, quotas| {
        state.rate_limits.acquire_of(limit, subject, (quotas, permit_id.clone())).await
    };
    let mut overuse = match acquire(&subject, 1).await? {
        Ok(permit) => return Ok(permit),
        Err(overuse) => overuse,
    };
    if let Some(own) = known_device(state, &subject, client).await {
        overuse = match acquire(&own, 1).await? {
            Ok(permit) => return Ok(permit),
            Err(overuse) => overuse,
        };
        subject = own;
    }
    if let Paid::Elsewhere(permit) = pay(overuse, &subject).await? {
        return Ok(permit);
    }
    // Others may have used up what was just paid for.
    acquire(&subject, overuse.opened()).await?.map_err(|more| unpaid(state, &more))
}

/// Uses up a proof of work or a harder captcha.
pub(super) async fn pay(
    state: &State,
    overuse: Overuse,
    payment: &Payment,
    client: &Client,
) -> Result<(), Error> {
    let cost = overuse.cost()?;
    match (&payment.proof_of_work, &payment.captcha) {
        (Some(proof), _) => {
            let consumed = state.pow_challenges.consume(proof, cost).await;
            consumed.map_err(|refused| overuse.or_wait(refused))
        }
        (None, Some(captcha)) if captcha.answer.has_harder_length() => {
            consume_captcha(state, captcha, "price", client).await
        }
        (None, _) => Err(unpaid(state, &overuse)),
    }
}

/// Returns the error for a request that does not pay.
pub(super) fn unpaid(state: &State, overuse: &Overuse) -> Error {
    match state.pow_challenges.demand() {
        Demand::Never => overuse.captcha_error(Price::harder_captcha()),
        Demand::OnAbuse | Demand::Always => overuse.error(ProofProblem::Missing),
    }
}

/// Whose quotas a request counts in, and by how much they are used up.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// `None` if nothing is counted.
    pub subject: Option<Subject>,
    /// `None` if there is room.
    pub overuse: Option<Overuse>,
}

/// Returns how far the client has used these limits up.
pub(super) async fn usage_of(
    state: &State,
    limits: &[Limit],
    client: &Client,
) -> Result<Usage, Error> {
    let Some(mut subject) = subject_of(state, client) else { return Ok(Usage::default()) };
    let mut overuse = state.rate_limits.overuse(limits, &subject).await?;
    if overuse.is_some()
        && let Some(own) = known_device(state, &subject, client).await
    {
        overuse = state.rate_limits.overuse(limits, &own).await?;
        subject = own;
    }
    Ok(Usage { subject: Some(subject), overuse })
}

/// Returns the cost of the proof of work that a form with a code for this purpose has to be submitted with; `None` within
/// the quotas.
pub async fn submission_cost(
    state: &State,
    purpose: Purpose,
    client: &Client,
) -> Result<Option<u32>, Error> {
    let limits: &[Limit] = match purpose {
        Purpose::Register => &[Limit::CodeTriesPerAddress, Limit::RegistrationsPerAddress],
        Purpose::Login | Purpose::Reset | Purpose::Rebind => &[Limit::CodeTriesPerAddress],
    };
    let usage = usage_of(state, limits, client).await?;
    Ok(usage.overuse.and_then(|overuse| overuse.cost().ok()))
}

/// Returns the cost of a proof of work that is accepted for everything that this client may ask for: 1 within its quotas.
/// At a wall no proof helps, so it is 1 there too.
pub async fn current_cost(state: &State, client: &Client) -> Result<u32, Error> {
    let usage = usage_of(state, &PRICED, client).await?;
    Ok(usage.overuse.and_then(|overuse| overuse.cost().ok()).unwrap_or(USUAL_COST))
}
