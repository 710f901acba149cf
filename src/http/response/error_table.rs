//! How HTTP answers each error: one row an error, in the order of the enum.
//!
//! A new error needs a variant in `errors/mod.rs`, a row here, and its sentence in `locales/`. `docs/api.md` and
//! `openapi.json` list its name; a test compares them with this table.

use std::time::Duration;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use fluent_bundle::FluentArgs;
use log::Level;
use serde_json::{Value, json};

use super::{
    errno::Errno,
    seconds::{retry_seconds, seconds_up},
};
use crate::{
    errors::{Error, LimitMessage, Price, ProofProblem, RequiredCaptcha},
    i18n::{catalog::Catalog, language::Language},
};

/// How long a client should wait while a store does not answer: 5 s after the store is back, the service works again.
const STORE_RETRY: Duration = Duration::from_secs(5);

/// The answer to one error, and how it is logged.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorRow {
    /// The number in the JSON envelope.
    pub errno: Errno,
    /// The HTTP status.
    pub status: StatusCode,
    /// The level of the line in the log. What concerns security or the health of the service is at least `Info`, which
    /// is logged by default; plain mistakes of clients are `Debug`.
    pub level: Level,
    /// When the same request may succeed, if waiting helps. Every 429 and every 503 has it.
    pub retry_after: Option<Duration>,
    /// What a program needs beside the sentence: fields of `data` and their values.
    pub data: Vec<(&'static str, Value)>,
    /// The form field that the sentence is about, where it is about one.
    pub form_field: Option<&'static str>,
    /// The number in the envelopes of legacy APIs, where it differs.
    pub legacy_errno: Option<Errno>,
    /// The key of the sentence that legacy APIs show in place of `message_key`'s, or in front of it.
    pub legacy_message_key: Option<&'static str>,
    /// The key of the sentence for people.
    pub message_key: &'static str,
    /// The key of the sentence in JSON, where that of the pages speaks of what only a page has.
    pub json_message_key: Option<&'static str>,
    /// The argument of the sentence, where it takes one: its name and value.
    pub message_argument: Option<(&'static str, u64)>,
}

/// Returns the row of an error.
#[expect(clippy::too_many_lines, reason = "a table: one row an error")]
pub fn error_row(error: &Error) -> ErrorRow {
    use Errno::{
        DataErr, DataExist, DbErr, LoginErr, NoData, ParamErr, PwdErr, ReqErr, RoleErr, ServerErr,
        SessionErr, ThirdErr, UserErr,
    };
    use Level::{Debug, Info, Warn};
    use StatusCode as Http;

    match error {
        Error::Input(_) => {
            row(ParamErr, Http::BAD_REQUEST, Debug, "error-input").legacy("dialect-input")
        }
        Error::Unreadable => row(ParamErr, Http::BAD_REQUEST, Debug, "error-unreadable"),
        Error::TooLarge => row(ParamErr, Http::PAYLOAD_TOO_LARGE, Info, "error-too-large"),
        Error::UrlTooLong => row(ParamErr, Http::URI_TOO_LONG, Info, "error-url-too-long"),
        Error::HeadersTooLarge => {
            row(ParamErr, Http::REQUEST_HEADER_FIELDS_TOO_LARGE, Info, "error-headers-too-large")
                .in_json("json-headers-too-large")
        }
        Error::UnsupportedType => {
            row(ParamErr, Http::UNSUPPORTED_MEDIA_TYPE, Debug, "error-unsupported-type")
        }
        Error::NotFound => {
            row(NoData, Http::NOT_FOUND, Debug, "error-not-found").in_json("json-not-found")
        }
        Error::MethodNotAllowed { .. } => {
            row(ReqErr, Http::METHOD_NOT_ALLOWED, Debug, "error-method-not-allowed")
                .in_json("json-method-not-allowed")
        }
        Error::CrossSite => {
            row(ReqErr, Http::FORBIDDEN, Info, "error-cross-site").in_json("json-cross-site")
        }
        Error::UnknownHost => row(ReqErr, Http::MISDIRECTED_REQUEST, Info, "error-unknown-host"),
        Error::PlainHttp => row(ReqErr, Http::FORBIDDEN, Info, "error-plain-http"),
        Error::OriginMissing => row(ReqErr, Http::FORBIDDEN, Info, "error-origin-missing")
            .in_json("json-origin-missing"),
        Error::UnknownClient => row(ReqErr, Http::BAD_REQUEST, Info, "oauth-unknown-client"),
        Error::RedirectUriRefused => {
            row(ReqErr, Http::BAD_REQUEST, Info, "oauth-redirect-uri-refused")
        }
        Error::CaptchaGone => row(NoData, Http::UNPROCESSABLE_ENTITY, Info, "error-captcha-gone")
            .field("captcha")
            .legacy("dialect-captcha-gone"),
        Error::CaptchaWrong => {
            row(DataErr, Http::UNPROCESSABLE_ENTITY, Info, "error-captcha-wrong")
                .field("captcha")
                .legacy("dialect-captcha-wrong")
        }
        Error::PriceRequired(price) => price_required(price),
        Error::SmsCodeGone => row(NoData, Http::UNPROCESSABLE_ENTITY, Info, "error-sms-code-gone")
            .field("sms_code")
            .legacy("dialect-sms-code-gone"),
        Error::SmsCodeWrong { tries_left } => {
            row(DataErr, Http::UNPROCESSABLE_ENTITY, Info, "error-sms-code-wrong")
                .argument("tries", u64::from(*tries_left))
                .field("sms_code")
                .data("tries_left", json!(tries_left))
                .legacy("dialect-sms-code-wrong")
        }
        Error::MobileTaken => row(DataExist, Http::CONFLICT, Info, "error-mobile-taken")
            .field("mobile")
            .legacy("dialect-mobile-taken"),
        Error::OwnMobile => {
            row(DataExist, Http::CONFLICT, Debug, "error-own-mobile").field("mobile")
        }
        Error::NameTaken => row(DataExist, Http::CONFLICT, Debug, "error-name-taken").field("name"),
        Error::TooOften { limit, retry_after } => too_often(*limit, *retry_after),
        Error::KeyReused => row(ParamErr, Http::UNPROCESSABLE_ENTITY, Debug, "error-key-reused")
            .in_json("json-key-reused"),
        Error::KeyInFlight { retry_after } => {
            row(ReqErr, Http::CONFLICT, Debug, "error-key-in-flight").retry_after(*retry_after)
        }
        Error::NotSignedIn => row(SessionErr, Http::UNAUTHORIZED, Debug, "error-not-signed-in")
            .legacy("dialect-not-signed-in"),
        Error::SignedInElsewhere => {
            row(SessionErr, Http::UNAUTHORIZED, Debug, "error-signed-in-elsewhere")
        }
        Error::SignUpClosed => row(RoleErr, Http::FORBIDDEN, Debug, "error-sign-up-closed"),
        Error::NoAccount => row(NoData, Http::NOT_FOUND, Debug, "error-no-account"),
        Error::WrongLogin { captcha_required } => {
            let row = row(LoginErr, Http::UNAUTHORIZED, Info, "error-wrong-login");
            let row = row.legacy("dialect-wrong-login").legacy_errno(PwdErr);
            if *captcha_required { row.data("captcha_required", json!(true)) } else { row }
        }
        Error::WrongPassword => {
            row(PwdErr, Http::FORBIDDEN, Info, "error-wrong-password").field("password")
        }
        Error::SignInAgain => row(RoleErr, Http::FORBIDDEN, Info, "error-sign-in-again"),
        Error::AccountLocked => {
            row(UserErr, Http::FORBIDDEN, Info, "error-account-locked").legacy_errno(PwdErr)
        }
        Error::Busy { retry_after } => {
            row(ServerErr, Http::SERVICE_UNAVAILABLE, Warn, "error-busy").retry_after(*retry_after)
        }
        Error::SmsRefused => row(ThirdErr, Http::BAD_GATEWAY, Warn, "error-sms-refused")
            .legacy("dialect-sms-refused"),
        Error::SmsPaused { retry_after } => {
            row(ThirdErr, Http::SERVICE_UNAVAILABLE, Warn, "error-sms-paused")
                .retry_in_minutes(*retry_after)
                .legacy("dialect-sms-refused")
        }
        Error::SmsBudgetSpent { retry_after } => {
            row(ThirdErr, Http::SERVICE_UNAVAILABLE, Warn, "error-sms-budget-spent")
                .retry_in_minutes(*retry_after)
                .legacy("dialect-sms-refused")
        }
        Error::SmsSignInClosed => row(UserErr, Http::FORBIDDEN, Info, "error-sms-sign-in-closed"),
        Error::PasswordSignInClosed => {
            row(UserErr, Http::FORBIDDEN, Info, "error-password-sign-in-closed")
                .legacy_errno(PwdErr)
        }
        Error::SmsBadNumber => {
            row(ThirdErr, Http::UNPROCESSABLE_ENTITY, Info, "error-sms-bad-number")
                .field("mobile")
                .legacy("dialect-sms-refused")
        }
        Error::Store(_) => row(DbErr, Http::SERVICE_UNAVAILABLE, Level::Error, "error-store")
            .retry_after(STORE_RETRY)
            .legacy("dialect-store"),
        Error::Internal(_) => {
            row(ServerErr, Http::INTERNAL_SERVER_ERROR, Level::Error, "error-internal")
        }
    }
}

fn too_often(limit: LimitMessage, wait: Duration) -> ErrorRow {
    let row = row(Errno::ReqErr, StatusCode::TOO_MANY_REQUESTS, Level::Info, limit.key());
    match limit {
        LimitMessage::Resend => {
            let seconds = seconds_up(wait);
            row.retry_after(wait).argument("seconds", seconds).data("resend_after", json!(seconds))
        }
        LimitMessage::Mobile
        | LimitMessage::Prefix
        | LimitMessage::Address
        | LimitMessage::SignIn
        | LimitMessage::WrongCodes => row.retry_in_minutes(wait),
    }
}

fn price_required(price: &Price) -> ErrorRow {
    let (captcha, proof) = (price.required_captcha(), price.required_proof());
    let key = match (captcha, proof.map(|proof| proof.problem)) {
        (Some(RequiredCaptcha::Harder), None | Some(ProofProblem::Missing)) => {
            "error-harder-captcha-needed"
        }
        (Some(RequiredCaptcha::Usual), None | Some(ProofProblem::Missing)) | (None, None) => {
            "error-captcha-needed"
        }
        (_, Some(problem)) => proof_message_key(problem),
    };
    let mut row = row(Errno::ParamErr, StatusCode::BAD_REQUEST, Level::Info, key).field("captcha");
    row.retry_after = price.retry_after();
    match captcha {
        Some(RequiredCaptcha::Usual) => row = row.data("captcha_required", json!(true)),
        Some(RequiredCaptcha::Harder) => row = row.data("harder_captcha_required", json!(true)),
        None => {}
    }
    if let Some(proof) = proof {
        return row.data("proof_of_work_required", json!(true)).data("cost", json!(proof.cost));
    }
    row.legacy("dialect-captcha-needed").legacy_errno(Errno::PwdErr)
}

fn proof_message_key(problem: ProofProblem) -> &'static str {
    match problem {
        ProofProblem::Missing => "error-proof-missing",
        ProofProblem::Wrong => "error-proof-wrong",
        ProofProblem::Expired => "error-proof-expired",
        ProofProblem::Used => "error-proof-used",
        ProofProblem::Insufficient => "error-proof-insufficient",
    }
}

fn row(errno: Errno, status: StatusCode, level: Level, message_key: &'static str) -> ErrorRow {
    ErrorRow {
        errno,
        status,
        level,
        retry_after: None,
        data: Vec::new(),
        form_field: None,
        legacy_errno: None,
        legacy_message_key: None,
        message_key,
        json_message_key: None,
        message_argument: None,
    }
}

impl ErrorRow {
    /// Returns the name of the error in the log, in metrics and in the JSON field `error`, such as `wrong-login` or
    /// `too-often-resend`. It is part of the contract (`docs/api.md`). It tells no more about an account than the
    /// sentence, whose key it is without `error-`.
    pub fn name(&self) -> &'static str {
        self.message_key.split_once('-').map_or(self.message_key, |(_, name)| name)
    }

    /// Returns the sentence that pages show: what happened and what to do next.
    pub fn message(&self, catalog: &Catalog, language: Language) -> String {
        let arguments: FluentArgs<'_> = self.message_argument.into_iter().collect();
        catalog.translate(language, self.message_key, &arguments)
    }

    /// Returns the sentence as JSON has it.
    pub fn json_message(&self, catalog: &Catalog, language: Language) -> String {
        let key = self.json_message_key.unwrap_or(self.message_key);
        Self { message_key: key, ..self.clone() }.message(catalog, language)
    }

    /// Returns the value of `Retry-After`, in seconds, for errors that have one.
    pub fn retry_seconds(&self) -> Option<u64> {
        self.retry_after.map(retry_seconds)
    }

    /// Returns the field `data` of the envelope, an object.
    pub fn data_object(&self) -> Value {
        self.data.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    fn argument(self, name: &'static str, value: u64) -> Self {
        Self { message_argument: Some((name, value)), ..self }
    }

    fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// Sets `Retry-After`, and hands the minutes, rounded up, to the sentence.
    fn retry_in_minutes(self, wait: Duration) -> Self {
        self.retry_after(wait).argument("minutes", seconds_up(wait).div_ceil(60))
    }

    fn data(mut self, name: &'static str, value: Value) -> Self {
        self.data.push((name, value));
        self
    }

    fn field(self, name: &'static str) -> Self {
        Self { form_field: Some(name), ..self }
    }

    fn in_json(self, message_key: &'static str) -> Self {
        Self { json_message_key: Some(message_key), ..self }
    }

    fn legacy(self, message_key: &'static str) -> Self {
        Self { legacy_message_key: Some(message_key), ..self }
    }

    fn legacy_errno(self, errno: Errno) -> Self {
        Self { legacy_errno: Some(errno), ..self }
    }
}

/// Lets handlers and extractors answer an error with `?`. The body is written by the
/// [middleware](mod@crate::http::middleware::error_response), which knows what the client reads.
impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        error_row(self).status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(error_row(self).status)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::RETRY_AFTER;

    use super::*;
    use crate::http::response::envelope;

    #[test]
    fn every_error_that_passes_has_a_positive_retry_after() {
        let (catalog, retry_after) = (Catalog::load().unwrap(), Duration::ZERO);
        let too_often = [
            LimitMessage::Resend,
            LimitMessage::Mobile,
            LimitMessage::Address,
            LimitMessage::Prefix,
            LimitMessage::SignIn,
            LimitMessage::WrongCodes,
        ]
        .map(|limit| Error::TooOften { limit, retry_after });
        let others = [
            Error::KeyInFlight { retry_after },
            Error::SmsPaused { retry_after },
            Error::SmsBudgetSpent { retry_after },
            Error::Busy { retry_after },
            Error::store("the database is locked"),
        ];
        for error in too_often.into_iter().chain(others) {
            assert!([409, 429, 503].contains(&error_row(&error).status.as_u16()), "{error:?}");
            let answer = envelope::failure(&catalog, Language::English, &error);
            let seconds = answer.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap());
            assert!(seconds.is_some_and(|seconds| seconds != "0"), "{error:?}: {seconds:?}");
        }
    }
}
