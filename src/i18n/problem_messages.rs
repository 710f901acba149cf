//! The sentences for what is wrong with a field.

use std::collections::BTreeMap;

use super::{catalog::Catalog, country_names::country_name, language::Language};
use crate::{
    domain::country::Numbering,
    errors::{FieldProblem, Problem},
};
use fluent_bundle::FluentArgs;

/// Returns the sentence for each field, by field.
pub fn field_messages(
    catalog: &Catalog,
    language: Language,
    problems: &[FieldProblem],
) -> BTreeMap<String, String> {
    let message = |field: &FieldProblem| match (field.problem, missing_key(&field.field)) {
        (Problem::Missing, Some(key)) => catalog.translate(language, key, &FluentArgs::new()),
        (problem, _) => problem_message(catalog, language, problem),
    };
    problems.iter().map(|field| (field.field.clone(), message(field))).collect()
}

/// Returns the key of the sentence that asks for a field; `None` for fields that people do not fill in.
fn missing_key(field: &str) -> Option<&'static str> {
    Some(match field {
        "mobile" => "problem-missing-mobile",
        "login" => "problem-missing-login",
        "captcha_id" | "captcha" => "problem-missing-captcha",
        "sms_code" | "current_sms_code" => "problem-missing-sms-code",
        "password" => "problem-missing-password",
        "name" => "problem-missing-name",
        "confirm" => "problem-missing-confirm",
        _ => return None,
    })
}

/// Returns the sentence for a problem, which does not name the field.
pub fn problem_message(catalog: &Catalog, language: Language, problem: Problem) -> String {
    let mut args = FluentArgs::new();
    if let Problem::PasswordShort { least } = problem {
        args.set("least", least);
    }
    if let Problem::MobileMalformedIn(country) = problem {
        args.set("example", Numbering::of(country).map_or_else(String::new, |it| it.example));
    }
    if let Problem::CountryNotServed(country) = problem {
        args.set("country", country_name(language, country));
    }
    catalog.translate(language, problem_key(problem), &args)
}

fn problem_key(problem: Problem) -> &'static str {
    match problem {
        Problem::Missing => "problem-missing",
        Problem::NewPasswordMissing => "problem-missing-new-password",
        Problem::Malformed => "problem-malformed",
        Problem::NotText => "problem-not-text",
        Problem::NotBoolean => "problem-not-boolean",
        Problem::TooLong => "problem-too-long",
        Problem::Repeated => "problem-repeated",
        Problem::Unknown => "problem-unknown",
        Problem::MobileMalformed => "problem-mobile-malformed",
        Problem::MobileMalformedIn(_) => "problem-mobile-malformed-in",
        Problem::CountryNotServed(_) => "problem-country-not-served",
        Problem::CountryUnknown => "problem-country-unknown",
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
