//! Rate limits: how often something may be done, over sliding windows.
//!
//! [`Limit`] is the table of all limits. They are exact under concurrent requests, and across instances with Redis.

mod budget;
mod limit;
mod login;
mod request;
mod sms_of_mobile;

use std::{net::IpAddr, slice, time::Duration};

use futures_util::future::{try_join, try_join_all};

pub use self::{
    budget::{PastSms, Spender},
    limit::{Limit, LimitRules, LimitSetting, SettingMeaning},
    login::{SignInAttempt, SignInCost},
    request::Permit,
    sms_of_mobile::SmsSender,
};
use self::{limit::without_captcha, request::PermitRequest};
use super::kv::{Decision, Kv, Memory, OncePer, PermitId, Window};
use crate::{
    domain::{clock::Clock, network::Network},
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
    metrics: Metrics,
}

impl RateLimiter {
    /// Returns a limiter over a kv store. The clock is for the memory that replaces Redis while it does not answer.
    pub fn new(kv: Kv, rules: LimitRules, metrics: Metrics, clock: Clock) -> Self {
        Self { kv, fallback: Kv::Memory(Memory::new(clock)), rules, metrics }
    }

    /// Counts a captcha for an address (R10).
    pub async fn captcha_of_address(&self, address: IpAddr) -> Result<(), Error> {
        self.acquire_for_address(Limit::CaptchasPerAddress, address).await.map(drop)
    }

    /// Counts a request for an SMS code from an address, whether it succeeds or not. Requests without a captcha have a
    /// tenth of the limit.
    pub async fn sms_of_address(
        &self,
        address: IpAddr,
        has_captcha: bool,
    ) -> Result<Permit, Error> {
        let (limit, network) = (Limit::SmsPerAddress, Network::of(address));
        let part = |windows: Vec<Window>| -> Vec<Window> {
            let part = |window| if has_captcha { window } else { without_captcha(window) };
            windows.into_iter().map(part).collect()
        };
        let windows = (part(self.rules.windows(limit)), part(self.rules.windows_of_subnet(limit)));
        let request = PermitRequest::new(PermitId::new()).under_address(limit, &network, windows);
        self.acquire(request).await
    }

    /// Counts a try at an SMS code from an address, right or wrong.
    pub async fn code_try_of_address(&self, address: IpAddr) -> Result<Permit, Error> {
        self.acquire_for_address(Limit::CodeTriesPerAddress, address).await
    }

    /// Acquires a permit to register an account from an address.
    pub async fn registration_of_address(&self, address: IpAddr) -> Result<Permit, Error> {
        self.acquire_for_address(Limit::RegistrationsPerAddress, address).await
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

    async fn acquire_for_address(&self, limit: Limit, address: IpAddr) -> Result<Permit, Error> {
        let network = Network::of(address);
        self.acquire(PermitRequest::for_address(&self.rules, limit, &network)).await
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
