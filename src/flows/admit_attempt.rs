//! Admits an attempt to use up a code under the limits of the client's address.

use std::time::Duration;

use super::{
    State, admit,
    admit::{Paid, Payment},
    idempotency::Admission,
    pay_for_reserve,
};
use crate::{
    domain::client::Client,
    errors::Error,
    stores::{
        kv::PermitId,
        rate_limits::{Limit, Overuse, Permit, Subject},
    },
};

/// What a request has paid for. A proof of work is accepted once, so it pays for everything that one request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PaidFor {
    /// Nothing yet.
    Nothing,
    /// A further quota of its address.
    Quota,
    /// That, and the reserve of its number.
    Reserve,
}

/// An attempt that the limits of the client's address have admitted.
#[derive(Debug)]
pub(super) struct AdmittedAttempt {
    /// What it has taken of the quota.
    pub(super) permit: Permit,
    /// What it has paid for, here or before.
    pub(super) paid_for: PaidFor,
}

impl Admission for AdmittedAttempt {
    fn permit(&self) -> Option<&Permit> {
        Some(&self.permit)
    }
}

/// Acquires a permit for one attempt. So attempts under way count as well as failures, and many at once cannot exceed the
/// limit. Over the quota the request pays, unless it has paid before.
pub(super) async fn admit_attempt(
    state: &State,
    limit: Limit,
    paid_before: PaidFor,
    payment: &Payment,
    client: &Client,
) -> Result<AdmittedAttempt, Error> {
    let mut paid_for = paid_before;
    let pay = async |overuse: Overuse, _: &Subject| {
        // At the wall nothing helps.
        let cost = overuse.cost()?;
        if paid_for == PaidFor::Nothing {
            paid_for = pay(state, (overuse, cost), payment, client).await?;
        }
        Ok(Paid::Quota)
    };
    let permit = admit::admit_named(state, (limit, PermitId::new()), client, pay).await?;
    Ok(AdmittedAttempt { permit, paid_for })
}

/// Who can pay for the reserve too does so at once: a proof of work and a captcha are good for one request.
async fn pay(
    state: &State,
    (overuse, cost): (Overuse, u32),
    payment: &Payment,
    client: &Client,
) -> Result<PaidFor, Error> {
    if payment.captcha.is_some() && payment.proof_of_work.is_some() {
        let price = (cost.max(pay_for_reserve::COST), Duration::ZERO);
        match pay_for_reserve::pay(state, payment, price, client).await {
            Ok(()) => return Ok(PaidFor::Reserve),
            // The proof may be enough for the address alone.
            Err(Error::PriceRequired(_)) => {}
            Err(error) => return Err(error),
        }
    }
    admit::pay(state, overuse, payment, client).await.map(|()| PaidFor::Quota)
}
