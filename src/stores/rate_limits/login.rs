//! Failed sign-ins: of an account, from an address, and of many accounts from one address.

use std::{iter::zip, time::Duration};

use futures_util::future::try_join;

use super::{
    Permit,
    rules::{LimitRules, stricter},
    subjects::{alarmed, sign_ins_of_account, sign_ins_of_address, sprayed, under_way},
};
use crate::{
    domain::network::Network,
    errors::{Error, Limit},
    stores::kv::{Acquire, Decision, Kv, RateLimit},
};

/// A counted attempt, until it is known whether it failed.
#[derive(Debug)]
pub struct SignInAttempt {
    /// In the windows of the account.
    pub of_account: Permit,
    /// In those of the address.
    pub of_address: Permit,
    /// Whether so many have failed that this attempt needs a captcha (R44).
    pub needs_captcha: bool,
    /// Whether the next one will, if this one fails.
    pub next_needs_captcha: bool,
}

impl SignInAttempt {
    /// What it has taken.
    pub fn places(&self) -> [&Permit; 2] {
        [&self.of_account, &self.of_address]
    }

    /// What it has taken only until its outcome is known.
    pub(super) fn under_way(&self) -> [Permit; 2] {
        self.places()
            .map(|place| Permit { claim: under_way(&place.claim), is_spare: place.is_spare })
    }
}

/// Takes a place for the account and one for the address, or none; both in one round trip.
///
/// An address from which many accounts have failed may fail a quarter as often (R45).
pub(super) async fn take(
    (kv, is_spare): (&Kv, bool),
    rules: &LimitRules,
    subject: &str,
    network: &Network,
) -> Result<SignInAttempt, Error> {
    let claims = [sign_ins_of_account(rules, subject), sign_ins_of_address(rules, network)];
    // At once: one round trip.
    let (reserved, sprays) = try_join(kv.acquire(&claims), sprays(kv, network)).await?;
    let used = match judge(&claims, &reserved, &sprays) {
        Ok(used) => used,
        Err(refused) => {
            give_back(kv, &claims, &reserved).await?;
            return Err(refused);
        }
    };
    let half = rules.sign_in_failures_of_address.first().map(|it| it.limit.div_ceil(2));
    let needs_captcha = |more: u32| {
        used.of_account + more >= rules.sign_in_failures_before_captcha
            || half.is_some_and(|half| used.of_address + more >= half)
    };
    let (needs_captcha, next_needs_captcha) = (needs_captcha(0), needs_captcha(1));
    let [of_account, of_address] = claims.map(|claim| Permit { claim, is_spare });
    Ok(SignInAttempt { of_account, of_address, needs_captcha, next_needs_captcha })
}

/// The rules while Redis does not answer.
pub(super) fn without_redis(rules: &LimitRules) -> LimitRules {
    LimitRules {
        sign_in_failures: rules.sign_in_failures.map(stricter),
        sign_in_failures_of_address: rules.sign_in_failures_of_address.map(stricter),
        ..*rules
    }
}

/// Failures in the longest window of the account and the shortest of the address, without the attempts that are under way:
/// a right password that is still being checked is no failure.
struct Used {
    of_account: u32,
    of_address: u32,
}

fn judge(
    claims: &[Acquire; 2],
    reserved: &[Decision],
    sprays: &[(RateLimit, Duration)],
) -> Result<Used, Error> {
    let mut used = Vec::new();
    for (reservation, limit) in zip(reserved, [Limit::SignIn, Limit::Address]) {
        match reservation {
            Decision::Granted { used: windows } => used.push(windows.as_slice()),
            Decision::Refused { wait, .. } => {
                return Err(Error::TooOften { limit, retry_after: *wait });
            }
            Decision::NotFilled => return Err(Error::internal("sign-ins cannot be filled")),
        }
    }
    let (&[of_account, of_address], [_, address]) = (used.as_slice(), claims) else {
        return Err(Error::internal("no answer to a claim"));
    };
    let mut rest = of_address;
    for (quota, (_, wait)) in zip(&address.quotas, sprays) {
        let (mine, others) = rest.split_at_checked(quota.windows.len()).unwrap_or_default();
        rest = others;
        let is_over = zip(mine, &quota.windows).any(|(used, it)| *used >= stricter(*it).limit);
        if is_over && !wait.is_zero() {
            return Err(Error::TooOften { limit: Limit::Address, retry_after: *wait });
        }
    }
    let (Some((account_under_way, of_account)), Some((address_under_way, of_address))) =
        (of_account.split_last(), of_address.split_last())
    else {
        return Err(Error::internal("no answer to a claim"));
    };
    let failed = |used: Option<&u32>, under_way: &u32| {
        used.copied().unwrap_or_default().saturating_sub(*under_way)
    };
    Ok(Used {
        of_account: failed(of_account.last(), account_under_way),
        of_address: failed(of_address.first(), address_under_way),
    })
}

/// How long the person's range and its neighbourhood stay under suspicion; told once.
async fn sprays(kv: &Kv, network: &Network) -> Result<Vec<(RateLimit, Duration)>, Error> {
    let quotas = sprayed("", network).quotas;
    let windows = quotas.iter().filter_map(|it| Some((it.key.as_str(), *it.windows.first()?)));
    let waits = kv.waits(&windows.collect::<Vec<_>>()).await?;
    let sprays: Vec<_> = zip(quotas, waits).collect();
    for (quota, _) in sprays.iter().filter(|(_, wait)| !wait.is_zero()) {
        let told = kv.acquire(&[alarmed(quota)]).await?;
        if matches!(told.first(), Some(Decision::Granted { .. })) {
            let accounts = quota.windows.first().map_or(0, |it| it.limit);
            let network = quota.key.rsplit(':').next().unwrap_or_default();
            log::error!("event=password_spraying network={network} accounts={accounts}");
        }
    }
    Ok(sprays)
}

async fn give_back(kv: &Kv, claims: &[Acquire], reserved: &[Decision]) -> Result<(), Error> {
    let granted = zip(claims, reserved)
        .filter(|(_, it)| matches!(it, Decision::Granted { .. }))
        .flat_map(|(claim, _)| claim.places());
    let granted: Vec<_> = granted.collect();
    if granted.is_empty() { Ok(()) } else { kv.release(&granted).await }
}
