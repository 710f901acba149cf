//! The budget of the whole service: what bounds the bill, and says so before it is used up.

use std::{iter::zip, slice, time::Duration};

use super::{
    first,
    rules::LimitRules,
    subjects::{budget, share, told},
};
use crate::{
    errors::Error,
    metrics::Metrics,
    stores::kv::{Acquire, Decision, Kv, PermitId, RateLimit, Window},
};

/// Parts of a window that are told of, in percent.
const MARKS: [u32; 2] = [50, 80];

/// A message that was sent, or may have been, before the store forgot.
#[derive(Clone, Debug)]
pub struct PastSms {
    /// Its name.
    pub id: String,
    /// Whether it was to register with.
    pub is_registration: bool,
    /// How long ago.
    pub age: Duration,
}

/// Who a message is for, as far as the budget cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spender {
    /// Somebody who may use all of it.
    Anybody,
    /// Somebody who opens an account, and may use only a share.
    Registration,
    /// Somebody who turned out to open one: the message has its place in the whole already.
    Unregistered,
}

/// Takes the places of a claim; `false` when the store has to be told first what was sent before.
pub(super) async fn take(
    (kv, metrics): (&Kv, &Metrics),
    rules: &LimitRules,
    claim: &Acquire,
) -> Result<bool, Error> {
    match first(kv.acquire(slice::from_ref(claim)).await?)? {
        Decision::Granted { used } => {
            for (mark, used) in zip(marks(rules, claim), used) {
                mark.count(metrics, used + 1);
                mark.tell_on_the_way(kv, used + 1).await;
            }
            Ok(true)
        }
        Decision::Refused { window, wait } => {
            if let Some(mark) = marks(rules, claim).into_iter().nth(window) {
                mark.count(metrics, mark.window.limit);
                mark.tell_the_end(kv).await;
            }
            Err(Error::SmsBudgetSpent { retry_after: wait })
        }
        Decision::NotFilled => Ok(false),
    }
}

/// Tells the store what the ledger knows; messages that are in both have the same name.
pub(super) async fn fill(kv: &Kv, rules: &LimitRules, past: &[PastSms]) -> Result<(), Error> {
    let registrations = past.iter().filter(|it| it.is_registration);
    let registrations: Vec<_> = registrations.map(PastSms::named).collect();
    let all: Vec<_> = past.iter().map(PastSms::named).collect();
    kv.fill(&share(rules), &registrations).await?;
    kv.fill(&budget(rules), &all).await
}

impl PastSms {
    fn named(&self) -> (PermitId, Duration) {
        (PermitId::named(&self.id), self.age)
    }
}

/// The windows of a claim, in their order.
fn marks(rules: &LimitRules, claim: &Acquire) -> Vec<Mark> {
    let share = share(rules);
    let of_quota = |it: &RateLimit| -> Vec<Mark> {
        let is_share = *it == share;
        it.windows.iter().map(|window| Mark { window: *window, is_share }).collect()
    };
    claim.quotas.iter().flat_map(of_quota).collect()
}

/// A window that fills up.
struct Mark {
    window: Window,
    is_share: bool,
}

impl Mark {
    fn count(&self, metrics: &Metrics, used: u32) {
        metrics.set_sms_budget(self.scope(), self.name(), (used, self.window.limit));
    }

    /// Of those who come by at once, exactly one makes a count reach a mark.
    async fn tell_on_the_way(&self, kv: &Kv, used: u32) {
        let Self { window: Window { limit, .. }, is_share } = *self;
        for percent in MARKS {
            let mark = (u64::from(limit) * u64::from(percent)).div_ceil(100);
            if !is_share && u64::from(used) == mark && self.is_news(kv, percent).await {
                let window = self.name();
                log::warn!(
                    "event=sms_budget percent={percent} used={used} limit={limit} window={window}"
                );
            }
        }
    }

    async fn tell_the_end(&self, kv: &Kv) {
        let scope = self.scope();
        if self.is_news(kv, if self.is_share { 60 } else { 100 }).await {
            let (limit, window) = (self.window.limit, self.name());
            log::error!("event=sms_budget_spent scope={scope} limit={limit} window={window}");
        }
    }

    /// Once a window; also when the store fails just here, for this must not be missed.
    async fn is_news(&self, kv: &Kv, percent: u32) -> bool {
        match kv.acquire(&[told(self.window, percent)]).await {
            Ok(reserved) => matches!(reserved.first(), Some(Decision::Granted { .. })),
            Err(_) => true,
        }
    }

    fn scope(&self) -> &'static str {
        if self.is_share { "registration" } else { "service" }
    }

    fn name(&self) -> &'static str {
        match self.window.span.as_secs() {
            ..=60 => "minute",
            61..=3_600 => "hour",
            3_601.. => "day",
        }
    }
}
