//! How often something may be done: the subjects, their windows, and giving a place back.

mod budget;
mod login;
pub mod rules;
mod subjects;

use std::{fmt, net::IpAddr, slice, time::Duration};

use futures_util::future::{try_join, try_join_all};

pub use self::{
    budget::{PastSms, Spender},
    login::SignInAttempt,
    rules::LimitRules,
};
use super::kv::{Acquire, Decision, Kv, Memory, PermitId, RateLimit, Window};
use crate::{
    domain::{clock::Clock, mobile::Mobile, network::Network},
    errors::{Error, Limit},
    metrics::Metrics,
};

/// Limits over rolling windows, exact under parallel requests and across instances.
#[derive(Clone)]
pub struct Limits {
    kv: Kv,
    /// Counts failed sign-ins, more strictly, while Redis does not answer (R126).
    spare: Kv,
    rules: LimitRules,
    metrics: Metrics,
}

/// A taken place, in the windows of all that a request was counted under.
#[must_use = "a place that is not wanted is given back"]
pub struct Permit {
    claim: Acquire,
    is_spare: bool,
}

/// Its keys hold numbers, addresses and names (R107).
impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place(***)")
    }
}

impl Limits {
    /// Limits in a store; the clock is for failed sign-ins while Redis does not answer.
    pub fn new(kv: Kv, rules: LimitRules, metrics: Metrics, clock: Clock) -> Self {
        Self { kv, spare: Kv::Memory(Memory::new(clock)), rules, metrics }
    }

    /// The numbers.
    pub fn rules(&self) -> &LimitRules {
        &self.rules
    }

    /// Counts a picture for an address (R10).
    pub async fn captcha_of_address(&self, address: IpAddr) -> Result<(), Error> {
        let claim = subjects::captchas(&self.rules, &Network::of(address));
        self.acquire(claim, |_| Limit::Address).await.map(drop)
    }

    /// Counts a request that texts, for an address; right or wrong, it counts. For whoever has solved no
    /// captcha there is a tenth.
    pub async fn sms_of_address(
        &self,
        address: IpAddr,
        has_captcha: bool,
    ) -> Result<Permit, Error> {
        let claim = subjects::sms_of_address(&self.rules, &Network::of(address), has_captcha);
        self.acquire(claim, |_| Limit::Address).await
    }

    /// Counts a try at an SMS code, for an address; right or wrong, it counts.
    pub async fn code_try_of_address(&self, address: IpAddr) -> Result<Permit, Error> {
        let claim = subjects::code_tries(&self.rules, &Network::of(address));
        self.acquire(claim, |_| Limit::Address).await
    }

    /// Takes a place for an account to be opened from an address.
    pub async fn registration_of_address(&self, address: IpAddr) -> Result<Permit, Error> {
        let claim = subjects::registrations(&self.rules, &Network::of(address));
        self.acquire(claim, |_| Limit::Address).await
    }

    /// Takes a place for a text message to a number: one of many parallel askers gets it.
    pub async fn sms_of_mobile(
        &self,
        mobile: &Mobile,
        message: &PermitId,
    ) -> Result<Permit, Error> {
        let claim = subjects::sms_of_mobile(&self.rules, mobile, message.clone());
        let limit_of = |window| match window {
            0 => Limit::Resend,
            1 | 2 => Limit::Mobile,
            _ => Limit::Prefix,
        };
        self.acquire(claim, limit_of).await
    }

    /// Gives back the place of a message that, as a carrier tells, has not reached its number.
    pub async fn release_sms_of_mobile(
        &self,
        mobile: &Mobile,
        message_id: &str,
    ) -> Result<(), Error> {
        let claim = subjects::sms_of_mobile(&self.rules, mobile, PermitId::named(message_id));
        self.release(&[&Permit { claim, is_spare: false }]).await
    }

    /// How long until a number may be texted again: the truth behind every countdown.
    pub async fn resend_after(&self, mobile: &Mobile) -> Result<Duration, Error> {
        let (key, window) = subjects::resend(&self.rules, mobile);
        Ok(self.kv.waits(&[(&key, window)]).await?.into_iter().next().unwrap_or_default())
    }

    /// The windows of one number, for whoever else counts its messages.
    pub fn windows_of_mobile(&self) -> [(Window, Limit); 3] {
        let [hour, day] = self.rules.sms_of_mobile;
        let resend = Window { span: self.rules.resend, limit: 1 };
        [(resend, Limit::Resend), (hour, Limit::Mobile), (day, Limit::Mobile)]
    }

    /// Takes a place for a text message of the whole service: this bounds the bill (R32). `None`
    /// when the store has forgotten what was sent before; then the budget has to be filled (R43).
    pub async fn sms_of_service(
        &self,
        spender: Spender,
        message: &PermitId,
    ) -> Result<Option<Permit>, Error> {
        let claim = subjects::sms_of_service(&self.rules, spender, message);
        let is_taken = budget::take((&self.kv, &self.metrics), &self.rules, &claim).await?;
        Ok(is_taken.then_some(Permit { claim, is_spare: false }))
    }

    /// Tells the store what was sent before. Messages that it knows already stay as they are.
    pub async fn fill_budget(&self, past: &[PastSms]) -> Result<(), Error> {
        budget::fill(&self.kv, &self.rules, past).await
    }

    /// Takes the one place of whoever keeps house; `None` while another has it. It comes free by itself
    /// ten minutes later, for its holder may have crashed.
    pub async fn cleanup(&self) -> Result<Option<Permit>, Error> {
        let claim = subjects::cleanup();
        match first(self.kv.acquire(slice::from_ref(&claim)).await?)? {
            Decision::Granted { .. } => Ok(Some(Permit { claim, is_spare: false })),
            Decision::Refused { .. } => Ok(None),
            Decision::NotFilled => Err(unfilled(&claim.quotas)),
        }
    }

    /// Takes a place for a failed sign-in of an account from an address, before it is known to be one.
    pub async fn sign_in(&self, subject: &str, address: IpAddr) -> Result<SignInAttempt, Error> {
        let network = Network::of(address);
        match login::take((&self.kv, false), &self.rules, subject, &network).await {
            Err(Error::Store(_)) => {
                let rules = login::without_redis(&self.rules);
                login::take((&self.spare, true), &rules, subject, &network).await
            }
            taken => taken,
        }
    }

    /// The password was right: the account's failures are forgotten, the address's are not
    /// (R36).
    pub async fn reset_failures(&self, attempt: &SignInAttempt) -> Result<(), Error> {
        let home = self.home_of(&attempt.of_account);
        let keys = attempt.of_account.claim.quotas.iter().map(|it| home.remove(&it.key));
        try_join(self.release(&[&attempt.of_address]), try_join_all(keys)).await.map(drop)
    }

    /// The password was wrong: the attempt is a failure from now on, and no longer under way.
    pub async fn fail(&self, attempt: &SignInAttempt) -> Result<(), Error> {
        let [of_account, of_address] = attempt.under_way();
        self.release(&[&of_account, &of_address]).await
    }

    /// It was wrong: notes whose account it was, since somebody may be trying one password on many.
    pub async fn record_failure(&self, subject: &str, address: IpAddr) -> Result<(), Error> {
        let claim = subjects::sprayed(subject, &Network::of(address));
        self.kv.acquire(&[claim]).await.map(drop)
    }

    /// Gives places back.
    pub async fn release(&self, places: &[&Permit]) -> Result<(), Error> {
        for (home, is_spare) in [(&self.kv, false), (&self.spare, true)] {
            let of_home = places.iter().filter(|it| it.is_spare == is_spare);
            let taken: Vec<_> = of_home.flat_map(|it| it.claim.places()).collect();
            if !taken.is_empty() {
                home.release(&taken).await?;
            }
        }
        Ok(())
    }

    fn home_of(&self, place: &Permit) -> &Kv {
        if place.is_spare { &self.spare } else { &self.kv }
    }

    async fn acquire(
        &self,
        claim: Acquire,
        limit_of: impl Fn(usize) -> Limit,
    ) -> Result<Permit, Error> {
        match first(self.kv.acquire(slice::from_ref(&claim)).await?)? {
            Decision::Granted { .. } => Ok(Permit { claim, is_spare: false }),
            Decision::Refused { window, wait } => {
                Err(Error::TooOften { limit: limit_of(window), retry_after: wait })
            }
            Decision::NotFilled => Err(unfilled(&claim.quotas)),
        }
    }
}

/// The answer to the only claim.
fn first(reservations: Vec<Decision>) -> Result<Decision, Error> {
    reservations.into_iter().next().ok_or_else(|| Error::internal("no answer to a claim"))
}

/// Nobody else keeps these: to be asked to fill them is a fault of ours.
fn unfilled(quotas: &[RateLimit]) -> Error {
    Error::internal(format!("{:?} cannot be filled", quotas.first().map(|it| &it.key)))
}
