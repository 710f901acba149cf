//! Rate limits: how often something may be done, over sliding windows.
//!
//! [`Limit`] is the table of all limits. They are exact under concurrent requests, and across instances with Redis.

mod budget;
mod limit;
mod login;
mod quota;
mod request;
mod sms_of_mobile;

use std::{iter::zip, net::IpAddr, slice, sync::Arc, time::Duration};

use futures_util::future::{try_join, try_join_all};
use ipnet::IpNet;

use self::request::PermitRequest;
pub use self::{
    budget::{PastSms, Spender},
    limit::{Limit, LimitRules, LimitSetting, SettingMeaning},
    login::{SignInAttempt, SignInCost},
    quota::{MAX_QUOTAS, Overuse, Subject},
    request::Permit,
    sms_of_mobile::QuotaUse,
};
use super::kv::{Decision, Kv, Memory, OncePer, PermitId};
use crate::{
    domain::{clock::Clock, mobile::Mobile, network::Network},
    errors::Error,
    metrics::Metrics,
};

/// The key of the lock of the instance that removes expired rows.
const CLEANUP_LOCK: &str = "haoma:limit:{housekeeping}";
/// The lock is released after this time if its holder has crashed.
const CLEANUP_LOCK_TTL: Duration = Duration::from_mins(10);

/// Issues permits under the limits that the operator has set.
#[derive(Clone)]
pub struct RateLimiter {
    kv: Kv,
    /// Counts failed sign-ins, under stricter limits, while Redis does not answer (R126).
    fallback: Kv,
    rules: LimitRules,
    /// The networks for which nothing is counted.
    allowed: Arc<[IpNet]>,
    metrics: Metrics,
}

impl RateLimiter {
    /// Returns a limiter over a kv store, which counts nothing for the addresses of `allowed`. The clock is for the memory
    /// that replaces Redis while it does not answer.
    pub fn new(
        (kv, clock): (Kv, Clock),
        rules: LimitRules,
        allowed: Vec<IpNet>,
        metrics: Metrics,
    ) -> Self {
        let fallback = Kv::Memory(Memory::new(clock));
        Self { kv, fallback, rules, allowed: allowed.into(), metrics }
    }

    /// Whether the operator has named the network of this address, so that nothing is counted for it.
    pub fn is_allowed(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|network| network.contains(&address))
    }

    /// Acquires a permit from so many quotas of a limit, or tells by how much they are used up.
    pub async fn acquire_of(
        &self,
        limit: Limit,
        subject: &Subject,
        (quotas, permit_id): (u32, PermitId),
    ) -> Result<Result<Permit, Overuse>, Error> {
        let counted = (quotas, permit_id);
        let request = PermitRequest::for_subject(&self.rules, limit, subject, counted);
        match decide(&self.kv, &request).await? {
            Decision::Granted { .. } => Ok(Ok(request.into_permit())),
            Decision::Refused { wait, used, .. } => {
                let overuse = request.overuse(quotas, &used, wait);
                let overuse = overuse.ok_or_else(|| Error::internal("an unknown window"))?;
                Ok(Err(self.with_wait_at_wall(overuse, subject).await?))
            }
            Decision::NotFilled => Err(Error::internal("a limit that cannot be filled")),
        }
    }

    /// Returns which of these limits has its quota used up most often, in one round trip; `None` if all have room.
    pub async fn overuse(
        &self,
        limits: &[Limit],
        subject: &Subject,
    ) -> Result<Option<Overuse>, Error> {
        let request = |limit: &Limit| {
            PermitRequest::for_subject(&self.rules, *limit, subject, (1, PermitId::new()))
        };
        let requests: Vec<_> = limits.iter().map(request).collect();
        let acquires: Vec<_> = requests.iter().map(|request| request.acquire.clone()).collect();
        let decisions = self.kv.check(&acquires).await?;
        let overuses = zip(&requests, decisions).filter_map(|(request, decision)| match decision {
            Decision::Refused { wait, used, .. } => request.overuse(1, &used, wait),
            Decision::Granted { .. } | Decision::NotFilled => None,
        });
        match overuses.max_by_key(|overuse| (overuse.quotas, overuse.wait)) {
            Some(overuse) => self.with_wait_at_wall(overuse, subject).await.map(Some),
            None => Ok(None),
        }
    }

    /// At the wall, time counts until there is room below it.
    async fn with_wait_at_wall(
        &self,
        overuse: Overuse,
        subject: &Subject,
    ) -> Result<Overuse, Error> {
        if !overuse.is_at_wall() {
            return Ok(overuse);
        }
        let counted = (MAX_QUOTAS, PermitId::new());
        let request = PermitRequest::for_subject(&self.rules, overuse.limit, subject, counted);
        let decisions = self.kv.check(&[request.acquire]).await?;
        match decisions.first() {
            Some(Decision::Refused { wait, .. }) => Ok(Overuse { wait: *wait, ..overuse }),
            Some(Decision::Granted { .. } | Decision::NotFilled) | None => Ok(overuse),
        }
    }

    /// Releases the permit of a picture that was answered rightly.
    pub async fn release_captcha(&self, picture: &str, subjects: &[Subject]) -> Result<(), Error> {
        self.release_named(Limit::CaptchasPerAddress, picture, subjects).await
    }

    /// Releases the permits that a message has from these subjects, and from the prefix of its number.
    pub async fn release_sms(
        &self,
        mobile: &Mobile,
        message_id: &str,
        subjects: &[Subject],
    ) -> Result<(), Error> {
        let of_prefix = self.release_sms_of_prefix(mobile, message_id);
        let of_subjects = self.release_named(Limit::SmsPerAddress, message_id, subjects);
        try_join(of_prefix, of_subjects).await.map(drop)
    }

    /// Releases the permit that a message has from the prefix of its number, and keeps that of the number.
    pub async fn release_sms_of_prefix(
        &self,
        mobile: &Mobile,
        message_id: &str,
    ) -> Result<(), Error> {
        let id = PermitId::named(message_id);
        self.kv.release(&[(&Limit::SmsPerPrefix.key_of_prefix(mobile), &id)]).await
    }

    async fn release_named(
        &self,
        limit: Limit,
        name: &str,
        subjects: &[Subject],
    ) -> Result<(), Error> {
        let keys: Vec<_> = subjects.iter().flat_map(|subject| subject.keys(limit)).collect();
        let id = PermitId::named(name);
        let permits: Vec<_> = keys.iter().map(|key| (key.as_str(), &id)).collect();
        self.kv.release(&permits).await
    }

    /// Acquires a permit from the budget of the whole service, which bounds the bill (R32). `None` if the kv store has lost
    /// its data: then the budget has to be filled from the database (R43). `address` is the one that requests the message,
    /// `None` if nobody does.
    pub async fn sms_of_service(
        &self,
        spender: Spender,
        message_id: &PermitId,
        address: Option<IpAddr>,
    ) -> Result<Option<Permit>, Error> {
        let request = budget::request(&self.rules, spender, message_id, address);
        let is_granted = budget::acquire((&self.kv, &self.metrics), &request).await?;
        Ok(is_granted.then(|| request.into_permit()))
    }

    /// Acquires a permit for a code to a stranger, while the SMS abuse guard bounds their number.
    pub async fn code_to_stranger(
        &self,
        codes_per_hour: u32,
        message_id: &PermitId,
        address: IpAddr,
    ) -> Result<Permit, Error> {
        self.acquire(budget::strict_request(codes_per_hour, message_id, address)).await
    }

    /// Returns a message to the budget that was announced and is not sent. Its subnet keeps it, so that nothing tells
    /// whether it was sent.
    pub async fn release_unsent(&self, permit: &Permit) -> Result<(), Error> {
        self.release(&[&budget::without_subnet(permit)]).await
    }

    /// Returns the number of messages in the largest window of the budget: so many have to be known to fill it.
    pub fn largest_budget(&self) -> u32 {
        let windows = self.rules.windows(Limit::SmsBudget);
        windows.iter().map(|window| window.limit).max().unwrap_or_default()
    }

    /// Adds messages from the database to the budget. Messages that it has already stay as they are.
    pub async fn fill_budget(&self, past: &[PastSms]) -> Result<(), Error> {
        budget::fill(&self.kv, &self.rules, past).await
    }

    /// Locks the removal of expired rows, so that one instance at a time does it. `None` if another one has the lock.
    pub async fn lock_cleanup(&self) -> Result<Option<Permit>, Error> {
        let keys = vec![CLEANUP_LOCK.to_owned()];
        match self.kv.once_per(CLEANUP_LOCK, CLEANUP_LOCK_TTL).await? {
            OncePer::First(id) => Ok(Some(Permit { id, keys, is_fallback: false })),
            OncePer::Repeated { .. } => Ok(None),
        }
    }

    /// Counts a sign-in as failed before the password is checked. The caller tells later that it has not failed.
    ///
    /// `subject` is whose failures are counted: a login, or a device that is known to an account. A known device has no
    /// `address`, so that what others do at its address does not concern it.
    pub async fn sign_in(
        &self,
        subject: &str,
        address: Option<IpAddr>,
    ) -> Result<SignInAttempt, Error> {
        let network = address.map(Network::of);
        let network = network.as_ref();
        match login::acquire((&self.kv, false), &self.rules, subject, network).await {
            Err(Error::Store(_)) => {
                let rules = self.rules.stricter_for_sign_ins();
                login::acquire((&self.fallback, true), &rules, subject, network).await
            }
            decided => decided,
        }
    }

    /// Removes the failures of the subject, because the password was right. Those of the address stay, except for this
    /// attempt (R36).
    pub async fn reset_failures(&self, attempt: &SignInAttempt) -> Result<(), Error> {
        let backend = self.backend_of(&attempt.of_subject);
        let removals = attempt.of_subject.keys.iter().map(|key| backend.remove(key));
        let of_address: Vec<_> = attempt.of_address.iter().collect();
        try_join(self.release(&of_address), try_join_all(removals)).await.map(drop)
    }

    /// Ends an attempt whose password was wrong. It stays counted as failed.
    pub async fn fail(&self, attempt: &SignInAttempt) -> Result<(), Error> {
        let in_progress = attempt.in_progress();
        self.release(&in_progress.iter().collect::<Vec<_>>()).await
    }

    /// Ends a failed attempt for good: whatever counts it elsewhere has done so.
    pub async fn failure_recorded(&self, attempt: &SignInAttempt) -> Result<(), Error> {
        self.release(&[&attempt.unrecorded()]).await
    }

    /// Counts the logins that sign-ins from an address failed for, to detect one password being tried on many.
    pub async fn record_failure(&self, login: &str, address: IpAddr) -> Result<(), Error> {
        let acquire = login::failed_login(&self.rules, login, &Network::of(address));
        self.kv.acquire(&[acquire]).await.map(drop)
    }

    /// Releases permits.
    pub async fn release(&self, permits: &[&Permit]) -> Result<(), Error> {
        for (backend, is_fallback) in [(&self.kv, false), (&self.fallback, true)] {
            let permits = permits.iter().filter(|permit| permit.is_fallback == is_fallback);
            let released: Vec<_> = permits.flat_map(|permit| permit.entries()).collect();
            if !released.is_empty() {
                backend.release(&released).await?;
            }
        }
        Ok(())
    }

    fn backend_of(&self, permit: &Permit) -> &Kv {
        if permit.is_fallback { &self.fallback } else { &self.kv }
    }

    async fn acquire(&self, request: PermitRequest) -> Result<Permit, Error> {
        match decide(&self.kv, &request).await? {
            Decision::Granted { .. } => Ok(request.into_permit()),
            Decision::Refused { window, wait, .. } => Err(request.error(window, wait)),
            // Only the budget must be filled.
            Decision::NotFilled => Err(Error::internal("a limit that cannot be filled")),
        }
    }
}

async fn decide(kv: &Kv, request: &PermitRequest) -> Result<Decision, Error> {
    let decisions = kv.acquire(slice::from_ref(&request.acquire)).await?;
    decisions.into_iter().next().ok_or_else(|| Error::internal("no decision"))
}
