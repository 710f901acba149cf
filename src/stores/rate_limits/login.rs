//! Failed sign-ins: to an account, from an address, and to many accounts from one address.
//!
//! A sign-in takes its permits before the password is checked, and returns them if it succeeds, so that concurrent
//! attempts cannot exceed the limits.

use std::{iter::zip, time::Duration};

use futures_util::future::try_join;

use super::{
    Permit,
    limit::{Limit, LimitRules, stricter},
    request::PermitRequest,
};
use crate::{
    domain::network::Network,
    errors::Error,
    stores::kv::{Acquire, Decision, Kv, PermitId, Window},
};

/// The outcome of a sign-in is known by then: a request takes at most 15 s. Afterwards an attempt counts as failed.
const MAX_ATTEMPT: Duration = Duration::from_secs(30);

/// Counts attempts in progress. It has no limit of its own, because every attempt also takes a permit of the failures.
const IN_PROGRESS: Window = Window { span: MAX_ATTEMPT, limit: u32::MAX };

/// An attempt to sign in that is counted as failed until its outcome is known.
#[derive(Debug)]
pub struct SignInAttempt {
    /// The permit under the limit of the account.
    pub of_account: Permit,
    /// The permit under the limits of the address.
    pub of_address: Permit,
    /// Whether this attempt needs a captcha, because many have failed (R44).
    pub needs_captcha: bool,
    /// Whether the next attempt needs a captcha if this one fails.
    pub next_needs_captcha: bool,
}

impl SignInAttempt {
    /// Returns all permits of the attempt.
    pub fn permits(&self) -> [&Permit; 2] {
        [&self.of_account, &self.of_address]
    }

    /// Returns the part of the permits that counts attempts in progress. It has the last key of each.
    pub(super) fn in_progress(&self) -> [Permit; 2] {
        self.permits().map(|permit| Permit {
            id: permit.id.clone(),
            keys: permit.keys.last().cloned().into_iter().collect(),
            is_fallback: permit.is_fallback,
        })
    }
}

/// Acquires a permit for the account and one for the address, or none, in one round trip.
///
/// An address from which sign-ins to many accounts have failed has a quarter of the limit (R45).
pub(super) async fn acquire(
    (kv, is_fallback): (&Kv, bool),
    rules: &LimitRules,
    account: &str,
    network: &Network,
) -> Result<SignInAttempt, Error> {
    let requests = [request_of_account(rules, account), request_of_address(rules, network)];
    // Sent at once: one round trip.
    let (decisions, suspicions) =
        try_join(kv.acquire(&requests), suspicions(kv, rules, network)).await?;
    let failures = match decide(&requests, &decisions, &suspicions) {
        Ok(failures) => failures,
        Err(refused) => {
            release_granted(kv, &requests, &decisions).await?;
            return Err(refused);
        }
    };
    let of_address = rules.windows(Limit::FailedSignInsPerAddress);
    let half = of_address.first().map(|window| window.limit.div_ceil(2));
    let needs_captcha = |more: u32| {
        failures.of_account + more >= rules.failures_before_captcha()
            || half.is_some_and(|half| failures.of_address + more >= half)
    };
    let (needs_captcha, next_needs_captcha) = (needs_captcha(0), needs_captcha(1));
    let [of_account, of_address] = requests.map(|request| Permit::new(request, is_fallback));
    Ok(SignInAttempt { of_account, of_address, needs_captcha, next_needs_captcha })
}

/// Returns the request that counts an account among those that sign-ins from an address failed for. The permit has the
/// account's name, so that each account counts once.
pub(super) fn failed_account(rules: &LimitRules, account: &str, network: &Network) -> Acquire {
    let request = PermitRequest::for_address(rules, Limit::FailedAccountsPerAddress, network);
    Acquire { permit_id: PermitId::named(account), ..request.acquire }
}

fn request_of_account(rules: &LimitRules, account: &str) -> Acquire {
    let limit = Limit::FailedSignInsPerAccount;
    let key = limit.key_of_account(account);
    let in_progress = format!("{key}:under-way");
    PermitRequest::new(PermitId::new())
        .under(limit, key, rules.windows(limit))
        .under(limit, in_progress, vec![IN_PROGRESS])
        .acquire
}

fn request_of_address(rules: &LimitRules, network: &Network) -> Acquire {
    let limit = Limit::FailedSignInsPerAddress;
    let in_progress = format!("{}:under-way", limit.key_of_address(network));
    PermitRequest::for_address(rules, limit, network)
        .under(limit, in_progress, vec![IN_PROGRESS])
        .acquire
}

/// The failures in the longest window of the account and in the shortest of the address. Attempts in progress are left
/// out: a right password that is still being checked is no failure.
struct Failures {
    of_account: u32,
    of_address: u32,
}

/// Returns the number of failures, or the error if the sign-in is refused.
fn decide(
    requests: &[Acquire; 2],
    decisions: &[Decision],
    suspicions: &[Duration],
) -> Result<Failures, Error> {
    let mut used = Vec::new();
    let limits = [Limit::FailedSignInsPerAccount, Limit::FailedSignInsPerAddress];
    for (decision, limit) in zip(decisions, limits) {
        match decision {
            Decision::Granted { used: in_windows } => used.push(in_windows.as_slice()),
            Decision::Refused { wait, .. } => return Err(limit.error(*wait)),
            Decision::NotFilled => return Err(Error::internal("sign-ins cannot be filled")),
        }
    }
    let (&[of_account, of_address], [_, address]) = (used.as_slice(), requests) else {
        return Err(Error::internal("no decision"));
    };
    let mut rest = of_address;
    for (limit, suspicion) in zip(&address.limits, suspicions) {
        let (own, others) = rest.split_at_checked(limit.windows.len()).unwrap_or_default();
        rest = others;
        let is_over =
            zip(own, &limit.windows).any(|(used, window)| *used >= stricter(*window).limit);
        if is_over && !suspicion.is_zero() {
            return Err(Limit::FailedSignInsPerAddress.error(*suspicion));
        }
    }
    let (Some((account_in_progress, of_account)), Some((address_in_progress, of_address))) =
        (of_account.split_last(), of_address.split_last())
    else {
        return Err(Error::internal("no decision"));
    };
    let failed = |used: Option<&u32>, in_progress: &u32| {
        used.copied().unwrap_or_default().saturating_sub(*in_progress)
    };
    Ok(Failures {
        of_account: failed(of_account.last(), account_in_progress),
        of_address: failed(of_address.first(), address_in_progress),
    })
}

/// Returns how long the address and its subnet stay suspected of password spraying, zero if they are not. The first
/// suspicion within the window is logged.
async fn suspicions(
    kv: &Kv,
    rules: &LimitRules,
    network: &Network,
) -> Result<Vec<Duration>, Error> {
    let limits = PermitRequest::for_address(rules, Limit::FailedAccountsPerAddress, network);
    let limits = limits.acquire.limits;
    let windows =
        limits.iter().filter_map(|limit| Some((limit.key.as_str(), *limit.windows.first()?)));
    let windows: Vec<_> = windows.collect();
    let waits = kv.waits(&windows).await?;
    let names = [network.person(), network.subnet()];
    for (((key, window), wait), name) in zip(zip(&windows, &waits), names) {
        if !wait.is_zero() && kv.once_per(&format!("{key}:told"), window.span).await?.is_first() {
            let accounts = window.limit;
            log::error!("event=password_spraying network={name} accounts={accounts}");
        }
    }
    Ok(waits)
}

async fn release_granted(
    kv: &Kv,
    requests: &[Acquire],
    decisions: &[Decision],
) -> Result<(), Error> {
    let granted = zip(requests, decisions)
        .filter(|(_, decision)| matches!(decision, Decision::Granted { .. }))
        .flat_map(|(request, _)| request.permits());
    let granted: Vec<_> = granted.collect();
    if granted.is_empty() { Ok(()) } else { kv.release(&granted).await }
}
