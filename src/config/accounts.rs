//! What accounts are asked for: passwords, consent, and how long sessions live.

use url::Url;

use super::Env;
use crate::{
    domain::{
        password::PasswordPolicy,
        terms::{Terms, TermsVersion},
    },
    stores::tables::sessions::{Lifetime, Lifetimes, SessionLimits},
};

/// OWASP's figure for PBKDF2-HMAC-SHA256.
const ITERATIONS: u32 = 600_000;

/// Profiles for operators who are bound by a rule: `nist` is SP 800-63B-4 for a password that stands
/// alone, `mlps` GB/T 22239-2019.
pub(super) fn password_policy(env: &mut Env) -> PasswordPolicy {
    let usual = PasswordPolicy::default();
    let profile = |text: &str| match text {
        "default" => Some(usual),
        "nist" => Some(PasswordPolicy { least: 15, ..usual }),
        "mlps" => Some(PasswordPolicy { asks_for_kinds: true, ..usual }),
        _ => None,
    };
    let expected = "`default`, `nist` or `mlps`";
    let profile = env.parse("PASSWORD_PROFILE", expected, profile).unwrap_or(usual);
    let least = env.number("PASSWORD_MIN_LENGTH", profile.least, 8..=64);
    if least < profile.least {
        let sentence = format!("is below the {} of this PASSWORD_PROFILE", profile.least);
        env.report("PASSWORD_MIN_LENGTH", sentence);
    }
    PasswordPolicy { least, ..profile }
}

pub(super) fn password_iterations(env: &mut Env) -> u32 {
    let iterations = env.number("PASSWORD_ITERATIONS", ITERATIONS, 1..=10_000_000);
    let weak_allowed = env.switch("ALLOW_WEAK_HASHES", false);
    if iterations < ITERATIONS && !weak_allowed {
        let sentence = format!("is below {ITERATIONS}: only tests may, with ALLOW_WEAK_HASHES=on");
        env.report("PASSWORD_ITERATIONS", sentence);
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

/// One without the other would be a consent to nothing in particular, or to what nobody can read.
pub(super) fn terms(env: &mut Env) -> Option<Terms> {
    let expected = "an address like `https://example.com/terms`";
    let url = env.parse("TERMS_URL", expected, |it| {
        Url::parse(it).ok().filter(|it| matches!(it.scheme(), "http" | "https"))
    });
    let expected = "1 to 32 letters, digits, `.`, `_` or `-`";
    let version = env.parse("TERMS_VERSION", expected, TermsVersion::parse);
    if env.text("TERMS_URL").is_some() && env.text("TERMS_VERSION").is_none() {
        env.report("TERMS_VERSION", "is not set: TERMS_URL needs it");
    }
    if env.text("TERMS_VERSION").is_some() && env.text("TERMS_URL").is_none() {
        env.report("TERMS_URL", "is not set: TERMS_VERSION needs it");
    }
    Some(Terms { url: url?, version: version? })
}
