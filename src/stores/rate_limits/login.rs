//! Failed sign-ins: to one login by strangers, by a device that is known to its account, from an address, and to many
//! logins from one address.
//!
//! A sign-in takes its permits before the password is checked, and returns them if it succeeds, so that concurrent
//! attempts cannot exceed the limits. Over a limit it costs a price; what closes is in `flows/login_throttle.rs`.

use std::{
    iter::{self, zip},
    time::Duration,
};

use futures_util::future::try_join;

use super::{
    Permit,
    limit::{Limit, LimitRules, stricter, times},
    request::PermitRequest,
};
use crate::{
    domain::network::Network,
    errors::{Error, Price, ProofProblem},
    stores::kv::{Acquire, Decision, Kv, PermitId, Window},
};

/// The outcome of a sign-in is known by then: a request takes at most 15 s. Afterwards an attempt counts as failed.
const MAX_ATTEMPT: Duration = Duration::from_secs(30);
/// An address or subnet is refused only at this many times its limit. Below, it pays.
const WALL: u32 = 10;
/// This many times as many attempts as the first window allows failures may be under way at once, or failed and not yet
/// recorded in the database. By so many more can the failures in a row exceed their limit.
const UNRECORDED: u32 = 2;

/// An attempt to sign in that is counted as failed until its outcome is known.
#[derive(Debug)]
pub struct SignInAttempt {
    /// The permit under the limits of the login, or of the device that is known to its account.
    pub of_subject: Permit,
    /// The permit under the limits of the address; `None` for a known device.
    pub of_address: Option<Permit>,
    /// What the attempt costs.
    pub cost: SignInCost,
    /// The failures of the subject within a day, with the attempts that are under way.
    pub failures_of_day: u32,
    /// Whether the next attempt needs a captcha if this one fails.
    pub next_needs_captcha: bool,
}

/// What an attempt to sign in costs beside the password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignInCost {
    /// Whether a captcha has to be solved, because many have failed (R44).
    pub needs_captcha: bool,
    /// Whether that captcha has to be a harder one. Then a proof of work has to stand beside it.
    pub is_harder: bool,
    /// The cost of the proof of work; 0 if none is needed.
    pub proof_of_work: u32,
    /// When the attempt would be free of the harder captcha and of the proof of work, at the latest.
    pub retry_after: Duration,
}

impl SignInAttempt {
    /// Returns all permits of the attempt.
    pub fn permits(&self) -> Vec<&Permit> {
        iter::once(&self.of_subject).chain(&self.of_address).collect()
    }

    /// Returns the part of the permit that counts failures that are not recorded in the database.
    pub(super) fn unrecorded(&self) -> Permit {
        let permit = &self.of_subject;
        let key = permit.keys.iter().rev().nth(1).cloned();
        Permit {
            id: permit.id.clone(),
            keys: key.into_iter().collect(),
            is_fallback: permit.is_fallback,
        }
    }

    /// Returns the part of the permits that counts attempts in progress. It has the last key of each.
    pub(super) fn in_progress(&self) -> Vec<Permit> {
        let part = |permit: &Permit| Permit {
            id: permit.id.clone(),
            keys: permit.keys.last().cloned().into_iter().collect(),
            is_fallback: permit.is_fallback,
        };
        self.permits().into_iter().map(part).collect()
    }
}

impl SignInCost {
    /// Returns the cost where the operator wants no proofs of work: a harder captcha stands in their place.
    #[must_use]
    pub fn without_proof(self) -> Self {
        Self { is_harder: self.is_harder || self.proof_of_work > 0, proof_of_work: 0, ..self }
    }

    /// Returns the cost as the error of an attempt that has not paid it.
    pub fn price(&self, problem: ProofProblem) -> Price {
        let price = match (self.is_harder, self.proof_of_work) {
            (false, 0) => return Price::captcha(),
            (true, 0) => Price::harder_captcha(),
            (true, cost) => Price::proof_of_work(cost, problem).and_harder_captcha(),
            (false, cost) => Price::proof_of_work(cost, problem).and_captcha(),
        };
        if self.retry_after.is_zero() { price } else { price.or_wait(self.retry_after) }
    }
}

/// Acquires a permit for the subject and one for the address, or none, in one round trip.
///
/// An address from which sign-ins to many logins have failed pays from a quarter of its limit on (R45).
pub(super) async fn acquire(
    (kv, is_fallback): (&Kv, bool),
    rules: &LimitRules,
    subject: &str,
    network: Option<&Network>,
) -> Result<SignInAttempt, Error> {
    let of_address = network.map(|network| request_of_address(rules, network));
    let requests: Vec<_> =
        iter::once(request_of_subject(rules, subject)).chain(of_address).collect();
    // Sent at once: one round trip.
    let (decisions, waits) =
        try_join(kv.acquire(&requests), Waits::read(kv, rules, subject, network)).await?;
    let decided = decide(rules, &decisions, &waits, network);
    let (cost, next_needs_captcha, failures_of_day) = match decided {
        Ok(decided) => decided,
        Err(refused) => {
            release_granted(kv, &requests, &decisions).await?;
            return Err(refused);
        }
    };
    let mut permits = requests.into_iter().map(|request| Permit::new(request, is_fallback));
    let of_subject = permits.next().ok_or_else(|| Error::internal("no permit"))?;
    let of_address = permits.next();
    Ok(SignInAttempt { of_subject, of_address, cost, failures_of_day, next_needs_captcha })
}

/// Returns the request that counts a login among those that sign-ins from an address failed for. The permit has the name
/// of the login, so that each login counts once.
pub(super) fn failed_login(rules: &LimitRules, login: &str, network: &Network) -> Acquire {
    let request = PermitRequest::for_address(rules, Limit::FailedAccountsPerAddress, network);
    Acquire { permit_id: PermitId::named(login), ..request.acquire }
}

/// The windows of a subject without the longest, which demand a price and refuse nothing.
fn quotas(rules: &LimitRules) -> Vec<Window> {
    let mut windows = rules.windows(Limit::FailedSignInsPerAccount);
    windows.pop();
    windows
}

fn request_of_subject(rules: &LimitRules, subject: &str) -> Acquire {
    let limit = Limit::FailedSignInsPerAccount;
    let key = limit.key_of_account(subject);
    let (unrecorded, in_progress) = (format!("{key}:unrecorded"), format!("{key}:under-way"));
    let windows = rules.windows(limit);
    let most = windows.first().map_or(1, |window| window.limit.saturating_mul(UNRECORDED));
    let counted = quotas(rules).into_iter().map(|window| Window { limit: u32::MAX, ..window });
    let counted = counted.chain(windows.last().copied()).collect();
    PermitRequest::new(PermitId::new())
        .under(limit, key, counted)
        .under(limit, unrecorded, vec![Window { span: MAX_ATTEMPT, limit: most }])
        .under(limit, in_progress, vec![Window { span: MAX_ATTEMPT, limit: u32::MAX }])
        .acquire
}

fn request_of_address(rules: &LimitRules, network: &Network) -> Acquire {
    let limit = Limit::FailedSignInsPerAddress;
    let in_progress = format!("{}:under-way", limit.key_of_address(network));
    let wall =
        |windows: Vec<Window>| windows.into_iter().map(|window| times(window, WALL)).collect();
    let windows = (wall(rules.windows(limit)), wall(rules.windows_of_subnet(limit)));
    PermitRequest::new(PermitId::new())
        .under_address(limit, network, windows)
        .under(limit, in_progress, vec![Window { span: MAX_ATTEMPT, limit: u32::MAX }])
        .acquire
}

/// Returns the cost, whether the next attempt needs a captcha, and the failures of the day; or the error if the sign-in
/// is refused.
fn decide(
    rules: &LimitRules,
    decisions: &[Decision],
    waits: &Waits,
    network: Option<&Network>,
) -> Result<(SignInCost, bool, u32), Error> {
    let mut used = Vec::new();
    let limits = [Limit::FailedSignInsPerAccount, Limit::FailedSignInsPerAddress];
    let quotas = quotas(rules);
    for (decision, limit) in zip(decisions, limits) {
        match decision {
            Decision::Granted { used: in_windows } => used.push(in_windows.as_slice()),
            // Too many attempts are under way, which is over in a moment.
            Decision::Refused { window, wait, .. }
                if limit == Limit::FailedSignInsPerAccount && *window > quotas.len() =>
            {
                let (needs_captcha, is_harder) = (true, true);
                let cost =
                    SignInCost { needs_captcha, is_harder, proof_of_work: 1, retry_after: *wait };
                return Err(Error::PriceRequired(cost.price(ProofProblem::Missing)));
            }
            Decision::Refused { wait, .. } => return Err(limit.error(*wait)),
            Decision::NotFilled => return Err(Error::internal("sign-ins cannot be filled")),
        }
    }
    let (of_subject, of_address) = match *used.as_slice() {
        [of_subject] => (of_subject, None),
        [of_subject, of_address] => (of_subject, Some(of_address)),
        _ => return Err(Error::internal("no decision")),
    };
    let [in_quotas @ .., of_day, _, in_progress] = of_subject else {
        return Err(Error::internal("no decision"));
    };
    let is_harder = zip(in_quotas, &quotas).any(|(used, window)| *used >= window.limit);
    let failed = of_day.saturating_sub(*in_progress);
    let address = match (of_address, network) {
        (Some(used), Some(network)) => address_cost(rules, used, waits, network)?,
        (_, _) => AddressCost::default(),
    };
    let needs_captcha = |more: u32| {
        failed + more >= rules.failures_before_captcha()
            || address.proof_of_work > 0
            || address.is_suspected
            || address.half.is_some_and(|half| address.failed + more >= half)
    };
    let cost = SignInCost {
        needs_captcha: is_harder || needs_captcha(0),
        is_harder,
        proof_of_work: address.proof_of_work.max(u32::from(is_harder)),
        retry_after: waits.of_quotas.max(address.wait),
    };
    Ok((cost, is_harder || needs_captcha(1), *of_day))
}

/// What the failures of an address and its subnet amount to.
#[derive(Default)]
struct AddressCost {
    /// Failures in the shortest window, without attempts that are under way.
    failed: u32,
    /// Half of the limit of that window, from which on a captcha is needed.
    half: Option<u32>,
    proof_of_work: u32,
    /// The span of the longest window that is used up: by then its failures are over.
    wait: Duration,
    is_suspected: bool,
}

/// The work doubles with each further quota that is used up.
fn address_cost(
    rules: &LimitRules,
    used: &[u32],
    waits: &Waits,
    network: &Network,
) -> Result<AddressCost, Error> {
    let of_person = rules.windows(Limit::FailedSignInsPerAddress);
    let of_subnet = rules.windows_of_subnet(Limit::FailedSignInsPerAddress).into_iter();
    let of_subnet: Vec<_> = of_subnet.map(|window| times(window, network.quota_factor())).collect();
    let half = of_person.first().map(|window| window.limit.div_ceil(2));
    let (Some((in_progress, used)), failed) = (used.split_last(), used.first().copied()) else {
        return Err(Error::internal("no decision"));
    };
    let (by_person, by_subnet) = used.split_at_checked(of_person.len()).unwrap_or_default();
    let ranges = [(by_person, &of_person), (by_subnet, &of_subnet)];
    let (mut quotas_used, mut wait) = (0, Duration::ZERO);
    for ((used, windows), suspicion) in zip(ranges, &waits.of_suspicion) {
        for (used, window) in zip(used, windows) {
            let used_up = used / window.limit.max(1);
            quotas_used = quotas_used.max(used_up);
            if used_up > 0 {
                wait = wait.max(window.span);
            }
            if !suspicion.is_zero() && *used >= stricter(*window).limit {
                quotas_used = quotas_used.max(1);
                wait = wait.max(*suspicion);
            }
        }
    }
    let proof_of_work = if quotas_used == 0 { 0 } else { 1 << (quotas_used - 1).min(WALL) };
    Ok(AddressCost {
        failed: failed.unwrap_or_default().saturating_sub(*in_progress),
        half,
        proof_of_work,
        wait,
        is_suspected: waits.of_suspicion.iter().any(|wait| !wait.is_zero()),
    })
}

/// How long windows stay full.
struct Waits {
    /// Until the subject is under its quotas again.
    of_quotas: Duration,
    /// How long the address and its subnet stay suspected of password spraying, zero if they are not.
    of_suspicion: Vec<Duration>,
}

impl Waits {
    /// Reads them. The first suspicion within the window is logged.
    async fn read(
        kv: &Kv,
        rules: &LimitRules,
        subject: &str,
        network: Option<&Network>,
    ) -> Result<Self, Error> {
        let key = Limit::FailedSignInsPerAccount.key_of_account(subject);
        let of_subject = quotas(rules).into_iter().map(|window| (key.as_str(), window));
        let limits = network.map(|network| {
            PermitRequest::for_address(rules, Limit::FailedAccountsPerAddress, network)
        });
        let limits = limits.map(|request| request.acquire.limits).unwrap_or_default();
        let of_networks: Vec<_> = limits
            .iter()
            .filter_map(|limit| Some((&*limit.key, *limit.windows.first()?)))
            .collect();
        let windows: Vec<_> = of_subject.chain(of_networks.iter().copied()).collect();
        let mut waits = kv.waits(&windows).await?;
        let of_suspicion = waits.split_off(windows.len() - of_networks.len());
        let names = network.map(|network| [network.client_range(), network.subnet()]);
        for (((key, window), wait), name) in
            zip(zip(&of_networks, &of_suspicion), names.into_iter().flatten())
        {
            if !wait.is_zero() && kv.once_per(&format!("{key}:told"), window.span).await?.is_first()
            {
                let accounts = window.limit;
                log::error!("event=password_spraying network={name} accounts={accounts}");
            }
        }
        Ok(Self { of_quotas: waits.into_iter().max().unwrap_or_default(), of_suspicion })
    }
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
