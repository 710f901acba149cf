//! The sentences for what is wrong with a field.

use std::collections::BTreeMap;

use fluent_bundle::FluentArgs;

use super::{catalog::Catalog, language::Language};
use crate::errors::{FieldProblem, Problem};

/// Returns the sentence for each field, by field.
pub fn field_messages(
    catalog: &Catalog,
    language: Language,
    problems: &[FieldProblem],
) -> BTreeMap<String, String> {
    let message = |problem| problem_message(catalog, language, problem);
    problems.iter().map(|field| (field.field.clone(), message(field.problem))).collect()
}

/// Returns the sentence for a problem, which does not name the field.
pub fn problem_message(catalog: &Catalog, language: Language, problem: Problem) -> String {
    let mut args = FluentArgs::new();
    if let Problem::PasswordShort { least } = problem {
        args.set("least", least);
    }
    catalog.translate(language, problem_key(problem), &args)
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
