//! Whose events are counted under which key, and in which windows.

use std::time::Duration;

use super::{
    Spender,
    rules::{HOUR, LimitRules, TEN_MINUTES, of_registration, of_subnet, times, without_captcha},
};
use crate::{
    domain::{mobile::Mobile, network::Network},
    stores::kv::{Acquire, PermitId, RateLimit, Window},
};

/// Accounts that fail from one address within an hour when passwords are being sprayed (R45).
const SPRAYED_ACCOUNTS: u32 = 15;

/// By then the outcome of a sign-in is known: a request takes at most 15 s. After that an attempt counts as failed.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(30);

/// What a person's range and its neighbourhood do; both keys share the neighbourhood's slot.
fn of_network(deed: &str, network: &Network, person: &[Window], subnet: &[Window]) -> Acquire {
    let slot = format!("haoma:limit:{{{}}}:{deed}", network.subnet());
    let subnet: Vec<_> = subnet.iter().map(|it| times(*it, network.size())).collect();
    let of_person = RateLimit::new(format!("{slot}:{}", network.person()), person);
    Acquire { ticket: PermitId::new(), quotas: vec![of_person, RateLimit::new(slot, subnet)] }
}

fn of_address(deed: &str, network: &Network, person: &[Window]) -> Acquire {
    let subnet: Vec<_> = person.iter().copied().map(of_subnet).collect();
    of_network(deed, network, person, &subnet)
}

pub(super) fn captchas(rules: &LimitRules, network: &Network) -> Acquire {
    of_address("captcha", network, &rules.captchas_of_address)
}

pub(super) fn sms_of_address(rules: &LimitRules, network: &Network, has_captcha: bool) -> Acquire {
    let part = |it| if has_captcha { it } else { without_captcha(it) };
    let (person, subnet) = (rules.sms_of_address.map(part), rules.sms_of_subnet.map(part));
    of_network("sms", network, &person, &subnet)
}

pub(super) fn code_tries(rules: &LimitRules, network: &Network) -> Acquire {
    of_address("code", network, &[rules.code_tries_of_address])
}

pub(super) fn registrations(rules: &LimitRules, network: &Network) -> Acquire {
    of_address("register", network, &rules.registrations_of_address)
}

pub(super) fn sign_ins_of_address(rules: &LimitRules, network: &Network) -> Acquire {
    with_under_way(of_address("sign-in", network, &rules.sign_in_failures_of_address))
}

pub(super) fn sign_ins_of_account(rules: &LimitRules, subject: &str) -> Acquire {
    let key = format!("haoma:limit:{{sign-in:{subject}}}");
    with_under_way(Acquire {
        ticket: PermitId::new(),
        quotas: vec![RateLimit::new(key, rules.sign_in_failures)],
    })
}

/// Counts an attempt also among those whose outcome is not known yet, beside the claim's first key and last in it.
///
/// It bounds nothing by itself, since an attempt takes a place in every window of failures before it is known to be one.
fn with_under_way(Acquire { ticket, mut quotas }: Acquire) -> Acquire {
    let of_first = quotas.first().map(|first| format!("{}:under-way", first.key));
    let window = Window { span: LONGEST_ATTEMPT, limit: u32::MAX };
    quotas.extend(of_first.map(|key| RateLimit::new(key, [window])));
    Acquire { ticket, quotas }
}

/// The part of a sign-in's claim that is given back as soon as the outcome is known.
pub(super) fn under_way(claim: &Acquire) -> Acquire {
    Acquire {
        ticket: claim.ticket.clone(),
        quotas: claim.quotas.last().cloned().into_iter().collect(),
    }
}

/// The different accounts that have failed from an address.
pub(super) fn sprayed(subject: &str, network: &Network) -> Acquire {
    let window = Window { span: HOUR, limit: SPRAYED_ACCOUNTS };
    Acquire { ticket: PermitId::named(subject), ..of_address("sprayed", network, &[window]) }
}

/// Taken by the first who tells that passwords are being sprayed.
pub(super) fn alarmed(sprayed: &RateLimit) -> Acquire {
    let once = Window { span: HOUR, limit: 1 };
    let key = format!("{}:told", sprayed.key);
    Acquire { ticket: PermitId::new(), quotas: vec![RateLimit::new(key, [once])] }
}

/// Where the messages to a number are counted, and the window of the next one.
pub(super) fn resend(rules: &LimitRules, mobile: &Mobile) -> (String, Window) {
    let slot = mobile.prefix();
    let key = format!("haoma:limit:{{sms-mobile:{slot}}}:{}", mobile.as_str());
    (key, Window { span: rules.resend, limit: 1 })
}

/// A number and its prefix; both keys share the prefix's slot.
pub(super) fn sms_of_mobile(rules: &LimitRules, mobile: &Mobile, ticket: PermitId) -> Acquire {
    let (key, resend) = resend(rules, mobile);
    let [hour, day] = rules.sms_of_mobile;
    let of_mobile = RateLimit::new(key, [resend, hour, day]);
    let key = format!("haoma:limit:{{sms-mobile:{}}}", mobile.prefix());
    Acquire { ticket, quotas: vec![of_mobile, RateLimit::new(key, [rules.sms_of_prefix])] }
}

/// What a message takes of the budget.
pub(super) fn sms_of_service(rules: &LimitRules, spender: Spender, message: &PermitId) -> Acquire {
    let quotas = match spender {
        Spender::Anybody => vec![budget(rules)],
        Spender::Registration => vec![budget(rules), share(rules)],
        Spender::Unregistered => vec![share(rules)],
    };
    Acquire { ticket: message.clone(), quotas }
}

/// The budget; its truth is the ledger, so it is believed only once it was filled from there.
pub(super) fn budget(rules: &LimitRules) -> RateLimit {
    let quota = RateLimit::new("haoma:limit:{sms-service}", rules.sms_of_service);
    RateLimit { must_be_filled: true, ..quota }
}

/// What those without an account may use of it.
pub(super) fn share(rules: &LimitRules) -> RateLimit {
    let windows = rules.sms_of_service.map(of_registration);
    let quota = RateLimit::new("haoma:limit:{sms-service}:register", windows);
    RateLimit { must_be_filled: true, ..quota }
}

/// Taken by the first who tells of a mark in the budget, for as long as its window is.
pub(super) fn told(window: Window, percent: u32) -> Acquire {
    let key = format!("haoma:limit:{{sms-service}}:told:{}:{percent}", window.span.as_secs());
    let once = Window { span: window.span, limit: 1 };
    Acquire { ticket: PermitId::new(), quotas: vec![RateLimit::new(key, [once])] }
}

/// Taken by whoever keeps house.
pub(super) fn cleanup() -> Acquire {
    let one = Window { span: TEN_MINUTES, limit: 1 };
    let quotas = vec![RateLimit::new("haoma:limit:{housekeeping}", [one])];
    Acquire { ticket: PermitId::new(), quotas }
}
