//! The budget of SMS messages of the whole service. It bounds the bill, and is announced in the log before it is spent.

use std::{iter::zip, time::Duration};

use super::{
    decide,
    limit::{Limit, LimitRules},
    request::PermitRequest,
};
use crate::{
    errors::Error,
    metrics::Metrics,
    stores::kv::{Decision, Kv, OncePer, PermitId, RateLimit, Window},
};

/// The used parts of a window that are announced, in percent.
const ANNOUNCED_PERCENTS: [u32; 2] = [50, 80];

/// A message that was sent, or may have been sent, according to the database.
#[derive(Clone, Debug)]
pub struct PastSms {
    /// The message's identifier, which is also the identifier of its permit.
    pub id: String,
    /// Whether its purpose was a registration.
    pub is_registration: bool,
    /// The time since it was sent.
    pub age: Duration,
}

/// The part of the budget from which a message is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spender {
    /// The whole budget.
    Anybody,
    /// The share of registrations, as part of the whole budget.
    Registration,
    /// Only the share of registrations: the message already has a permit from the whole budget, and its recipient turned
    /// out to have no account.
    Unregistered,
}

/// Returns the request for a permit from the budget. The database knows the messages too, so the kv store is trusted only
/// after it was filled from there.
pub(super) fn request(
    rules: &LimitRules,
    spender: Spender,
    message_id: &PermitId,
) -> PermitRequest {
    let limits: &[Limit] = match spender {
        Spender::Anybody => &[Limit::SmsBudget],
        Spender::Registration => &[Limit::SmsBudget, Limit::RegistrationBudget],
        Spender::Unregistered => &[Limit::RegistrationBudget],
    };
    let add = |request: PermitRequest, limit: &Limit| {
        request.under(*limit, limit.key_of_service(), rules.windows(*limit))
    };
    limits.iter().fold(PermitRequest::new(message_id.clone()), add).must_be_filled()
}

/// Acquires a permit. `false` if the budget has to be filled first.
pub(super) async fn acquire(
    (kv, metrics): (&Kv, &Metrics),
    request: &PermitRequest,
) -> Result<bool, Error> {
    match decide(kv, request).await? {
        Decision::Granted { used } => {
            for (window, used) in zip(windows_of(request), used) {
                window.set_metric(metrics, used + 1);
                window.announce_percent(kv, used + 1).await;
            }
            Ok(true)
        }
        Decision::Refused { window, wait } => {
            if let Some(full) = windows_of(request).nth(window) {
                full.set_metric(metrics, full.window.limit);
                full.announce_spent(kv).await;
            }
            Err(request.error(window, wait))
        }
        Decision::NotFilled => Ok(false),
    }
}

/// Adds past messages to the budget and to the share of registrations.
pub(super) async fn fill(kv: &Kv, rules: &LimitRules, past: &[PastSms]) -> Result<(), Error> {
    let registrations = past.iter().filter(|message| message.is_registration);
    let registrations: Vec<_> = registrations.map(PastSms::permit_id_and_age).collect();
    let all: Vec<_> = past.iter().map(PastSms::permit_id_and_age).collect();
    let limit = |limit: Limit| RateLimit::new(limit.key_of_service(), rules.windows(limit));
    kv.fill(&limit(Limit::RegistrationBudget), &registrations).await?;
    kv.fill(&limit(Limit::SmsBudget), &all).await
}

impl PastSms {
    fn permit_id_and_age(&self) -> (PermitId, Duration) {
        (PermitId::named(&self.id), self.age)
    }
}

/// The windows of a request, in their order.
fn windows_of(request: &PermitRequest) -> impl Iterator<Item = BudgetWindow> {
    let windows = request.acquire.limits.iter().flat_map(|limit| &limit.windows);
    zip(windows, &request.limits).map(|(window, limit)| BudgetWindow {
        window: *window,
        is_registration_share: *limit == Limit::RegistrationBudget,
    })
}

/// A window of the budget, or of the share of registrations.
struct BudgetWindow {
    window: Window,
    is_registration_share: bool,
}

impl BudgetWindow {
    fn set_metric(&self, metrics: &Metrics, used: u32) {
        metrics.set_sms_budget(self.scope(), self.name(), (used, self.window.limit));
    }

    /// Announces that half of the window, or 80 % of it, is used. Of concurrent requests one reaches exactly that count.
    async fn announce_percent(&self, kv: &Kv, used: u32) {
        let limit = self.window.limit;
        for percent in ANNOUNCED_PERCENTS {
            let threshold = (u64::from(limit) * u64::from(percent)).div_ceil(100);
            if !self.is_registration_share
                && u64::from(used) == threshold
                && self.is_first_announcement(kv, percent).await
            {
                let window = self.name();
                log::warn!(
                    "event=sms_budget percent={percent} used={used} limit={limit} window={window}"
                );
            }
        }
    }

    async fn announce_spent(&self, kv: &Kv) {
        let scope = self.scope();
        let percent = if self.is_registration_share { 60 } else { 100 };
        if self.is_first_announcement(kv, percent).await {
            let (limit, window) = (self.window.limit, self.name());
            log::error!("event=sms_budget_spent scope={scope} limit={limit} window={window}");
        }
    }

    /// Whether this is the first announcement within the window's span. If the kv store fails it is announced again, because
    /// it must not be missed.
    async fn is_first_announcement(&self, kv: &Kv, percent: u32) -> bool {
        let span = self.window.span;
        let key = format!("haoma:limit:{{sms-service}}:told:{}:{percent}", span.as_secs());
        kv.once_per(&key, span).await.as_ref().map_or(true, OncePer::is_first)
    }

    fn scope(&self) -> &'static str {
        if self.is_registration_share { "registration" } else { "service" }
    }

    fn name(&self) -> &'static str {
        match self.window.span.as_secs() {
            ..=60 => "minute",
            61..=3_600 => "hour",
            3_601.. => "day",
        }
    }
}
