//! How long codes live, and how often what may be done.

use std::time::Duration;

use super::Env;
use crate::stores::{
    codes::CodeRules,
    kv::Window,
    rate_limits::{
        LimitRules,
        rules::{DAY, HOUR, MINUTE, TEN_MINUTES},
    },
    sms_abuse_guard::SmsAbuseRules,
};

/// The most that any limit but the whole service's can be: none, in effect.
const MOST: u32 = 1_000_000;

pub(super) fn codes(env: &mut Env) -> CodeRules {
    let wrong_codes = env.number("SMS_CODE_TRIES_PER_MOBILE_DAY", 10, 5..=50);
    CodeRules {
        captcha_ttl: env.seconds("CAPTCHA_TTL_SECONDS", 180, 30..=300),
        sms_code_ttl: env.seconds("SMS_CODE_TTL_SECONDS", 300, 60..=600),
        sms_code_tries: env.number("SMS_CODE_TRIES", 5, 1..=10),
        wrong_codes_of_mobile: Window { span: DAY, limit: wrong_codes },
    }
}

pub(super) fn limits(env: &mut Env) -> LimitRules {
    let mut a = |name, span, limit| window(env, name, span, limit);
    let sms_of_prefix = a("SMS_PER_PREFIX_HOUR", HOUR, 30);
    let sms_of_address = [
        a("SMS_PER_ADDRESS_10_MINUTES", TEN_MINUTES, 10),
        a("SMS_PER_ADDRESS_HOUR", HOUR, 30),
        a("SMS_PER_ADDRESS_DAY", DAY, 100),
    ];
    let sms_of_subnet = [
        a("SMS_PER_SUBNET_10_MINUTES", TEN_MINUTES, 50),
        a("SMS_PER_SUBNET_HOUR", HOUR, 200),
        a("SMS_PER_SUBNET_DAY", DAY, 500),
    ];
    let captchas_of_address =
        [a("CAPTCHAS_PER_ADDRESS_MINUTE", MINUTE, 10), a("CAPTCHAS_PER_ADDRESS_HOUR", HOUR, 60)];
    let code_tries_of_address = a("SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES", TEN_MINUTES, 30);
    let registrations_of_address = [
        a("REGISTRATIONS_PER_ADDRESS_HOUR", HOUR, 30),
        a("REGISTRATIONS_PER_ADDRESS_DAY", DAY, 100),
    ];
    let failures = env.number("SIGN_IN_FAILURES", 10, 3..=100);
    let of_address = env.number("SIGN_IN_FAILURES_PER_ADDRESS", 20, 3..=MOST);
    LimitRules {
        resend: env.seconds("SMS_RESEND_SECONDS", 60, 1..=600),
        sms_of_mobile: [
            Window { span: HOUR, limit: env.number("SMS_PER_MOBILE_HOUR", 5, 1..=1_000) },
            Window { span: DAY, limit: env.number("SMS_PER_MOBILE_DAY", 10, 1..=1_000) },
        ],
        sms_of_prefix,
        sms_of_address,
        sms_of_subnet,
        sms_of_service: [
            Window { span: MINUTE, limit: env.number("SMS_PER_MINUTE", 60, 0..=MOST) },
            Window { span: HOUR, limit: env.number("SMS_PER_HOUR", 1_000, 0..=10 * MOST) },
            Window { span: DAY, limit: env.number("SMS_PER_DAY", 5_000, 0..=100 * MOST) },
        ],
        captchas_of_address,
        code_tries_of_address,
        registrations_of_address,
        sign_in_failures_before_captcha: env.number("SIGN_IN_FAILURES_BEFORE_CAPTCHA", 3, 1..=10),
        sign_in_failures: [
            Window { span: TEN_MINUTES / 2, limit: failures },
            Window { span: HOUR, limit: 2 * failures },
            Window { span: DAY, limit: 11 * failures },
        ],
        sign_in_failures_of_address: [
            Window { span: TEN_MINUTES, limit: of_address },
            Window { span: HOUR, limit: 5 * of_address },
        ],
    }
}

pub(super) fn ladder(env: &mut Env) -> SmsAbuseRules {
    SmsAbuseRules {
        percent: env.number("SMS_VERIFIED_PERCENT", 30, 0..=90),
        patience: env.seconds("SMS_VERIFIED_AFTER_SECONDS", 120, 0..=600),
        harder: HOUR,
        pause: TEN_MINUTES,
    }
}

/// Six months are the least that Chinese rules ask for (R108).
pub(super) fn ledger_kept(env: &mut Env) -> Duration {
    DAY * env.number("SMS_LEDGER_DAYS", 183, 183..=3_650)
}

fn window(env: &mut Env, name: &'static str, span: Duration, limit: u32) -> Window {
    Window { span, limit: env.number(name, limit, 1..=MOST) }
}
