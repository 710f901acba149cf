//! The budget of SMS messages of the whole service. It bounds the bill, and is announced in the log before it is spent.
//!
//! The last third of each window is kept for subnets that had no message in it yet, so that nobody can use up what others
//! need.

use std::{collections::BTreeMap, iter::zip, net::IpAddr, time::Duration};

use futures_util::future::try_join_all;

use super::{
    decide,
    limit::{Limit, LimitRules},
    request::{Permit, PermitRequest},
};
use crate::{
    domain::network::Network,
    errors::Error,
    metrics::Metrics,
    stores::kv::{Decision, Kv, OncePer, PermitId, RateLimit, Window},
};

/// The used parts of a window that are announced, in percent.
const ANNOUNCED_PERCENTS: [u32; 2] = [50, 80];
/// The key of the messages of a subnet begins with this. It has the slot of the budget.
const SUBNET_KEY: &str = "haoma:limit:{sms-service}:from:";
/// The window in which [`Level::Strict`](crate::stores::sms_abuse_guard::Level::Strict) bounds codes.
const HOUR: Duration = Duration::from_hours(1);

/// A message that was sent, or may have been sent, according to the database.
#[derive(Clone, Debug)]
pub struct PastSms {
    /// The message's identifier, which is also the identifier of its permit.
    pub id: String,
    /// Whether its purpose was a registration.
    pub is_registration: bool,
    /// The address that requested it. `None` for a notice, which nobody has requested.
    pub address: Option<IpAddr>,
    /// The time since it was sent.
    pub age: Duration,
}

/// The part of the budget from which a message is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spender {
    /// The whole budget.
    Anybody,
    /// The share of registrations, as part of the whole budget.
    Registration {
        /// The number of codes that strangers are sent in an hour, while the SMS abuse guard bounds it.
        codes_per_hour: Option<u32>,
    },
    /// Only the share of registrations: the message already has a permit from the whole budget, and its recipient turned
    /// out to have no account.
    Unregistered,
}

/// Returns the request for a permit from the budget. The database knows the messages too, so the kv store is trusted only
/// after it was filled from there. `address` is the one that requests the message.
pub(super) fn request(
    rules: &LimitRules,
    spender: Spender,
    message_id: &PermitId,
    address: Option<IpAddr>,
) -> PermitRequest {
    let (limits, codes_per_hour): (&[Limit], _) = match spender {
        Spender::Anybody => (&[Limit::SmsBudget], None),
        Spender::Registration { codes_per_hour } => {
            (&[Limit::SmsBudget, Limit::RegistrationBudget], codes_per_hour)
        }
        Spender::Unregistered => (&[Limit::RegistrationBudget], None),
    };
    let add = |request: PermitRequest, limit: &Limit| {
        request.under(*limit, limit.key_of_service(), rules.windows(*limit))
    };
    let request = limits.iter().fold(PermitRequest::new(message_id.clone()), add).must_be_filled();
    let request = codes_per_hour.into_iter().fold(request, under_strict_bound);
    request.asked_by(address.map(key_of_subnet).as_deref())
}

/// Returns the request for a permit under the bound of the SMS abuse guard alone.
pub(super) fn strict_request(
    codes_per_hour: u32,
    message_id: &PermitId,
    address: IpAddr,
) -> PermitRequest {
    let request = under_strict_bound(PermitRequest::new(message_id.clone()), codes_per_hour);
    request.asked_by(Some(&key_of_subnet(address)))
}

/// Adds the bound of the SMS abuse guard, as the last limit.
fn under_strict_bound(request: PermitRequest, codes_per_hour: u32) -> PermitRequest {
    let (limit, window) = (Limit::CodesToStrangers, Window { span: HOUR, limit: codes_per_hour });
    request.under(limit, limit.key_of_service(), vec![window])
}

fn key_of_subnet(address: IpAddr) -> String {
    format!("{SUBNET_KEY}{}", Network::of(address).subnet())
}

/// Returns the part of the permit that is released if the message turns out not to be sent, although its client was told
/// so. The client's subnet keeps it, so that the next answer does not tell whether a message was sent.
pub(super) fn without_subnet(permit: &Permit) -> Permit {
    let keys = permit.keys.iter().filter(|key| !key.starts_with(SUBNET_KEY)).cloned().collect();
    Permit { id: permit.id.clone(), keys, is_fallback: permit.is_fallback }
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
        Decision::Refused { window, used, wait } => {
            let used = used.get(window).copied().unwrap_or_default();
            if let Some(full) = windows_of(request).nth(window) {
                full.set_metric(metrics, used);
                full.announce_refusal(kv, used).await;
            }
            Err(request.error(window, wait))
        }
        Decision::NotFilled => Ok(false),
    }
}

/// Adds past messages to the subnets that requested them, to the share of registrations and to the budget. The budget
/// counts as filled when its own key is, so it comes last.
pub(super) async fn fill(kv: &Kv, rules: &LimitRules, past: &[PastSms]) -> Result<(), Error> {
    let registrations = past.iter().filter(|message| message.is_registration);
    let registrations: Vec<_> = registrations.map(PastSms::permit_id_and_age).collect();
    let all: Vec<_> = past.iter().map(PastSms::permit_id_and_age).collect();
    let mut by_subnet: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for message in past {
        let Some(address) = message.address else { continue };
        let of_subnet = by_subnet.entry(key_of_subnet(address)).or_default();
        of_subnet.push(message.permit_id_and_age());
    }
    let limit = |key: String, limit: Limit| RateLimit::new(key, rules.windows(limit));
    let of_service = |it: Limit| limit(it.key_of_service(), it);
    let fill_subnet = async |(key, past): (&String, &Vec<_>)| {
        kv.fill(&limit(key.clone(), Limit::SmsBudget), past).await
    };
    try_join_all(by_subnet.iter().map(fill_subnet)).await?;
    kv.fill(&of_service(Limit::RegistrationBudget), &registrations).await?;
    kv.fill(&of_service(Limit::SmsBudget), &all).await
}

impl PastSms {
    fn permit_id_and_age(&self) -> (PermitId, Duration) {
        (PermitId::named(&self.id), self.age)
    }
}

/// The windows of a request that belong to the budget, in their order.
fn windows_of(request: &PermitRequest) -> impl Iterator<Item = BudgetWindow> {
    let windows = request.acquire.limits.iter().flat_map(|limit| &limit.windows);
    let of_budget =
        zip(windows, &request.limits).take_while(|(_, limit)| **limit != Limit::CodesToStrangers);
    of_budget.map(|(window, limit)| BudgetWindow {
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

    /// Announces that the window is spent, or that only the part of it is left that is kept for other subnets.
    async fn announce_refusal(&self, kv: &Kv, used: u32) {
        let (scope, limit, window) = (self.scope(), self.window.limit, self.name());
        let spent = if self.is_registration_share { 60 } else { 100 };
        if used < limit {
            if self.is_first_announcement(kv, spent - 1).await {
                log::warn!(
                    "event=sms_budget_reserved scope={scope} used={used} limit={limit} window={window}"
                );
            }
        } else if self.is_first_announcement(kv, spent).await {
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
