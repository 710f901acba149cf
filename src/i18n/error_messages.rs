//! What a failure is called to people.

use std::{collections::BTreeMap, time::Duration};

use fluent_bundle::FluentArgs;

use super::catalog::{Catalog, Language};
use crate::errors::{Error, FieldProblem, Limit, Problem, ProofProblem};

/// The sentence for a failure: what happened and what to do next.
pub fn error_message(words: &Catalog, language: Language, error: &Error) -> String {
    let (key, args) = key_of(error);
    words.translate(language, key, &args.into_iter().collect::<FluentArgs<'_>>())
}

/// The one word for a failure, in the log, in metrics and on the wire: `wrong-login`, `too-often-resend`. It is part of the
/// contract (`docs/api.md`), and tells no more than the sentence, whose key it is.
pub fn error_name(error: &Error) -> &'static str {
    let (key, _) = key_of(error);
    key.split_once('-').map_or(key, |(_, name)| name)
}

/// The sentences for fields, by field.
pub fn field_messages(
    words: &Catalog,
    language: Language,
    problems: &[FieldProblem],
) -> BTreeMap<String, String> {
    let say = |it: &FieldProblem| problem_message(words, language, it.problem);
    problems.iter().map(|it| (it.field.clone(), say(it))).collect()
}

/// The words for fields, by field.
pub fn field_reasons(problems: &[FieldProblem]) -> BTreeMap<&str, &'static str> {
    problems.iter().map(|problem| (&*problem.field, problem.problem.reason())).collect()
}

/// The sentence for what is wrong with a field, whichever it is.
pub fn problem_message(words: &Catalog, language: Language, problem: Problem) -> String {
    let mut args = FluentArgs::new();
    if let Problem::PasswordShort { least } = problem {
        args.set("least", least);
    }
    words.translate(language, problem_key(problem), &args)
}

fn key_of(error: &Error) -> (&'static str, Vec<(&'static str, u64)>) {
    let key = match error {
        Error::Input(_) => "error-input",
        Error::Unreadable => "error-unreadable",
        Error::TooLarge => "error-too-large",
        Error::UrlTooLong => "error-url-too-long",
        Error::HeadersTooLarge => "error-headers-too-large",
        Error::UnsupportedType => "error-unsupported-type",
        Error::NotFound => "error-not-found",
        Error::MethodNotAllowed { .. } => "error-method-not-allowed",
        Error::CrossSite => "error-cross-site",
        Error::UnknownHost => "error-unknown-host",
        Error::PlainHttp => "error-plain-http",
        Error::OriginMissing => "error-origin-missing",
        Error::CaptchaGone => "error-captcha-gone",
        Error::CaptchaWrong => "error-captcha-wrong",
        Error::ProofOfWork(problem) => proof_key(*problem),
        Error::SmsCodeGone => "error-sms-code-gone",
        Error::SmsCodeWrong { tries_left } => {
            return ("error-sms-code-wrong", vec![("tries", u64::from(*tries_left))]);
        }
        Error::MobileTaken => "error-mobile-taken",
        Error::OwnMobile => "error-own-mobile",
        Error::NameTaken => "error-name-taken",
        Error::TooOften { limit, retry_after } => return too_often(*limit, *retry_after),
        Error::KeyReused => "error-key-reused",
        Error::KeyInFlight { .. } => "error-key-in-flight",
        Error::NotSignedIn => "error-not-signed-in",
        Error::SignedInElsewhere => "error-signed-in-elsewhere",
        Error::NoAccount => "error-no-account",
        Error::CaptchaNeeded => "error-captcha-needed",
        Error::WrongLogin { .. } => "error-wrong-login",
        Error::WrongPassword => "error-wrong-password",
        Error::SignInAgain => "error-sign-in-again",
        Error::AccountLocked => "error-account-locked",
        Error::Busy { .. } => "error-busy",
        Error::SmsRefused => "error-sms-refused",
        Error::SmsPaused { retry_after } => return in_minutes("error-sms-paused", *retry_after),
        Error::SmsBudgetSpent { retry_after } => {
            return in_minutes("error-sms-budget-spent", *retry_after);
        }
        Error::SmsSignInClosed => "error-sms-sign-in-closed",
        Error::SmsBadNumber => "error-sms-bad-number",
        Error::Store(_) => "error-store",
        Error::Internal(_) => "error-internal",
    };
    (key, Vec::new())
}

fn in_minutes(key: &'static str, wait: Duration) -> (&'static str, Vec<(&'static str, u64)>) {
    (key, vec![("minutes", seconds_up(wait).div_ceil(60))])
}

fn too_often(limit: Limit, wait: Duration) -> (&'static str, Vec<(&'static str, u64)>) {
    match limit {
        Limit::Resend => ("error-too-often-resend", vec![("seconds", seconds_up(wait))]),
        Limit::Mobile => in_minutes("error-too-often-mobile", wait),
        Limit::Prefix => in_minutes("error-too-often-prefix", wait),
        Limit::Address => in_minutes("error-too-often-address", wait),
        Limit::SignIn => in_minutes("error-too-often-sign-in", wait),
        Limit::WrongCodes => in_minutes("error-too-often-wrong-codes", wait),
    }
}

/// Whole seconds, rounded up: whoever waits so long is never too early.
pub fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// The value of `Retry-After`, in seconds: with 0 a program would ask again at once.
pub fn retry_seconds(wait: Duration) -> u64 {
    seconds_up(wait).max(1)
}

fn proof_key(problem: ProofProblem) -> &'static str {
    match problem {
        ProofProblem::Missing => "error-proof-missing",
        ProofProblem::Wrong => "error-proof-wrong",
        ProofProblem::Expired => "error-proof-expired",
        ProofProblem::Used => "error-proof-used",
    }
}

fn problem_key(problem: Problem) -> &'static str {
    match problem {
        Problem::Missing => "problem-missing",
        Problem::Malformed => "problem-malformed",
        Problem::NotText => "problem-not-text",
        Problem::NotBoolean => "problem-not-boolean",
        Problem::TooLong => "problem-too-long",
        Problem::Repeated => "problem-repeated",
        Problem::Unknown => "problem-unknown",
        Problem::MobileMalformed => "problem-mobile-malformed",
        Problem::SmsCodeMalformed => "problem-sms-code-malformed",
        Problem::SmsCodesDiffer => "problem-sms-codes-differ",
        Problem::NameMalformed => "problem-name-malformed",
        Problem::PasswordShort { .. } => "problem-password-short",
        Problem::PasswordPlain => "problem-password-plain",
        Problem::PasswordLong => "problem-password-long",
        Problem::PasswordCommon => "problem-password-common",
        Problem::PasswordPersonal => "problem-password-personal",
        Problem::PasswordsDiffer => "problem-passwords-differ",
        Problem::TermsNotAccepted => "problem-terms-not-accepted",
    }
}
