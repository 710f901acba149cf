//! Settings of accounts: the password policy, the terms, and the lifetimes of sessions.

use url::Url;

use super::Env;
use crate::{
    domain::{
        account_rules::{AccountRules, PasswordRule, SignUp},
        password::PasswordPolicy,
        terms::{Terms, TermsVersion},
    },
    stores::tables::sessions::{Lifetime, Lifetimes, SessionLimits},
};

/// The iterations that OWASP recommends for PBKDF2-HMAC-SHA256.
const MIN_ITERATIONS: u32 = 600_000;

/// Reads who may get an account, and whether it needs a password.
pub(super) fn account_rules(env: &mut Env) -> AccountRules {
    let sign_up = |text: &str| match text {
        "open" => Some(SignUp::Open),
        "closed" => Some(SignUp::Closed),
        _ => None,
    };
    let password = |text: &str| match text {
        "optional" => Some(PasswordRule::Optional),
        "required" => Some(PasswordRule::Required),
        _ => None,
    };
    let expected = "`optional` or `required`";
    AccountRules {
        sign_up: env.parse("SIGN_UP", "`open` or `closed`", sign_up).unwrap_or(SignUp::Open),
        password: env
            .parse("ACCOUNT_PASSWORD", expected, password)
            .unwrap_or(PasswordRule::Optional),
    }
}

/// Reads the password policy. Two profiles are for operators who have to follow a standard: `nist` is SP 800-63B-4 for
/// a password without a second factor, and `mlps` is GB/T 22239-2019.
pub(super) fn password_policy(env: &mut Env) -> PasswordPolicy {
    let default = PasswordPolicy::default();
    let profile = |text: &str| match text {
        "default" => Some(default),
        "nist" => Some(PasswordPolicy { min_length: 15, ..default }),
        "mlps" => Some(PasswordPolicy { requires_kinds: true, ..default }),
        _ => None,
    };
    let expected = "`default`, `nist` or `mlps`";
    let profile = env.parse("PASSWORD_PROFILE", expected, profile).unwrap_or(default);
    let least = env.number("PASSWORD_MIN_LENGTH", profile.min_length, 8..=64);
    if least < profile.min_length {
        let message = format!("is below the {} of this PASSWORD_PROFILE", profile.min_length);
        env.report("PASSWORD_MIN_LENGTH", message);
    }
    PasswordPolicy { min_length: least, ..profile }
}

pub(super) fn password_iterations(env: &mut Env) -> u32 {
    let iterations = env.number("PASSWORD_ITERATIONS", MIN_ITERATIONS, 1..=10_000_000);
    let allows_weak = env.switch("ALLOW_WEAK_HASHES", false);
    if iterations < MIN_ITERATIONS && !allows_weak {
        let message =
            format!("is below {MIN_ITERATIONS}: only tests may, with ALLOW_WEAK_HASHES=on");
        env.report("PASSWORD_ITERATIONS", message);
    }
    iterations
}

pub(super) fn lifetimes(env: &mut Env) -> Lifetimes {
    const DAY: u64 = 24 * 60 * 60;
    Lifetimes {
        normal: Lifetime {
            idle: env.seconds("SESSION_IDLE_SECONDS", 2 * 60 * 60, 60..=DAY),
            absolute: env.seconds("SESSION_TTL_SECONDS", DAY / 2, 60..=DAY),
        },
        remembered: Lifetime {
            idle: env.seconds("SESSION_REMEMBERED_IDLE_SECONDS", 7 * DAY, 60..=30 * DAY),
            absolute: env.seconds("SESSION_REMEMBERED_TTL_SECONDS", 30 * DAY, 60..=30 * DAY),
        },
    }
}

pub(super) fn session_limits(env: &mut Env) -> SessionLimits {
    SessionLimits {
        sessions: env.number("SESSIONS_PER_ACCOUNT", 10, 1..=100),
        tokens: env.number("TOKENS_PER_ACCOUNT", 20, 1..=100),
    }
}

/// Reads the terms. `TERMS_URL` and `TERMS_VERSION` must be set together: users accept a version, and must be able to read
/// it. The privacy policy may have an address of its own.
pub(super) fn terms(env: &mut Env) -> Option<Terms> {
    let page =
        |text: &str| Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = env.parse("TERMS_URL", "an address like `https://example.com/terms`", page);
    let privacy_url =
        env.parse("PRIVACY_URL", "an address like `https://example.com/privacy`", page);
    let expected = "1 to 32 letters, digits, `.`, `_` or `-`";
    let version = env.parse("TERMS_VERSION", expected, TermsVersion::parse);
    if env.text("TERMS_URL").is_some() && env.text("TERMS_VERSION").is_none() {
        env.report("TERMS_VERSION", "is not set: TERMS_URL needs it");
    }
    if env.text("TERMS_VERSION").is_some() && env.text("TERMS_URL").is_none() {
        env.report("TERMS_URL", "is not set: TERMS_VERSION needs it");
    }
    if env.text("PRIVACY_URL").is_some() && env.text("TERMS_URL").is_none() {
        env.report("TERMS_URL", "is not set: PRIVACY_URL needs it");
    }
    Some(Terms { url: url?, privacy_url, version: version? })
}
