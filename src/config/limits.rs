//! The variables of rate limits, of codes, and of the guard against SMS abuse.

use std::time::Duration;

use ipnet::IpNet;

use super::{Env, http::networks};
use crate::{
    domain::{captcha::CaptchaMode, proof_of_work::Demand},
    stores::{
        codes::CodeRules,
        rate_limits::{LimitRules, LimitSetting},
        sms_abuse_guard::SmsAbuseRules,
    },
};

const DAY: Duration = Duration::from_hours(24);

pub(super) fn limits(env: &mut Env) -> LimitRules {
    let value = |setting: &LimitSetting| {
        env.number(setting.variable, setting.default, setting.range.clone())
    };
    LimitRules::new(value)
}

pub(super) fn address_allow(env: &mut Env) -> Vec<IpNet> {
    let expected = "a list like `203.0.113.0/24,2001:db8::/32`";
    env.parse("ADDRESS_ALLOW", expected, networks).unwrap_or_default()
}

pub(super) fn captcha_mode(env: &mut Env, demand: Demand) -> CaptchaMode {
    let parse = |text: &str| match text {
        "picture" => Some(CaptchaMode::Picture),
        "auto" => Some(CaptchaMode::Auto),
        _ => None,
    };
    let mode = env.parse("CAPTCHA", "`picture` or `auto`", parse).unwrap_or(CaptchaMode::Picture);
    if mode == CaptchaMode::Auto && demand == Demand::Never {
        env.report("CAPTCHA", "`auto` needs proofs of work, which `POW=off` turns off");
    }
    mode
}

pub(super) fn captcha_ttl(env: &mut Env) -> Duration {
    env.seconds("CAPTCHA_TTL_SECONDS", 180, 30..=300)
}

pub(super) fn codes(env: &mut Env, limits: &LimitRules) -> CodeRules {
    CodeRules {
        ttl: env.seconds("SMS_CODE_TTL_SECONDS", 300, 60..=600),
        max_tries: env.number("SMS_CODE_TRIES", 5, 1..=10),
        wrong_codes_of_mobile: limits.wrong_codes_of_mobile(),
        wrong_codes_of_reserve: limits.wrong_codes_of_reserve(),
    }
}

pub(super) fn sms_abuse(env: &mut Env) -> SmsAbuseRules {
    SmsAbuseRules {
        min_verified_percent: env.number("SMS_VERIFIED_PERCENT", 30, 0..=90),
        time_to_verify: env.seconds("SMS_VERIFIED_AFTER_SECONDS", 120, 0..=600),
        harder_for: Duration::from_hours(1),
        paused_for: Duration::from_mins(10),
    }
}

/// Chinese rules require the SMS log to reach back at least six months (R108).
pub(super) fn sms_log_retention(env: &mut Env) -> Duration {
    DAY * env.number("SMS_LEDGER_DAYS", 183, 183..=3_650)
}
