//! The HTTP status of every failure, and its line in the log, in one place.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

use log::Level;

use crate::{errors::Error, i18n::error_messages::error_name, metrics::Metrics};

/// The status that tells the truth about a failure.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::Input(_) | Error::CaptchaNeeded | Error::ProofOfWork(_) | Error::Unreadable => {
            StatusCode::BAD_REQUEST
        }
        Error::NotSignedIn | Error::SignedInElsewhere | Error::WrongLogin { .. } => {
            StatusCode::UNAUTHORIZED
        }
        Error::CrossSite
        | Error::PlainHttp
        | Error::OriginMissing
        | Error::AccountLocked
        | Error::SmsSignInClosed
        | Error::SignInAgain
        | Error::WrongPassword => StatusCode::FORBIDDEN,
        Error::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
        Error::NotFound | Error::NoAccount => StatusCode::NOT_FOUND,
        Error::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
        Error::MobileTaken | Error::OwnMobile | Error::NameTaken | Error::KeyInFlight { .. } => {
            StatusCode::CONFLICT
        }
        Error::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Error::UrlTooLong => StatusCode::URI_TOO_LONG,
        Error::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        Error::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Error::CaptchaGone
        | Error::CaptchaWrong
        | Error::SmsCodeGone
        | Error::SmsCodeWrong { .. }
        | Error::SmsBadNumber
        | Error::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Error::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        Error::SmsRefused => StatusCode::BAD_GATEWAY,
        Error::SmsPaused { .. }
        | Error::SmsBudgetSpent { .. }
        | Error::Busy { .. }
        | Error::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Writes a failure down and counts it, once, where it gets its face: by its name, and with its source if
/// it is ours.
pub fn note(metrics: &Metrics, error: &Error) {
    let (name, errno, status) = (error_name(error), error.errno().code(), status(error).as_u16());
    metrics.refused(name);
    if let Error::Store(source) | Error::Internal(source) = error {
        let source = source.to_string();
        log::error!("event=failure error={name} errno={errno} status={status} source={source:?}");
    } else {
        log::log!(level(error), "event=refused error={name} errno={errno} status={status}");
    }
}

/// What concerns security, or our own health, is told by default; mere mistakes are not.
fn level(error: &Error) -> Level {
    match error {
        Error::Input(_)
        | Error::Unreadable
        | Error::UnsupportedType
        | Error::NotFound
        | Error::MethodNotAllowed { .. }
        | Error::NotSignedIn
        | Error::SignedInElsewhere
        | Error::NoAccount
        | Error::OwnMobile
        | Error::NameTaken
        | Error::KeyReused
        | Error::KeyInFlight { .. } => Level::Debug,
        Error::TooLarge
        | Error::UrlTooLong
        | Error::HeadersTooLarge
        | Error::CrossSite
        | Error::UnknownHost
        | Error::PlainHttp
        | Error::OriginMissing
        | Error::CaptchaGone
        | Error::CaptchaWrong
        | Error::CaptchaNeeded
        | Error::SmsCodeGone
        | Error::SmsCodeWrong { .. }
        | Error::SmsBadNumber
        | Error::MobileTaken
        | Error::TooOften { .. }
        | Error::WrongLogin { .. }
        | Error::WrongPassword
        | Error::SignInAgain
        | Error::AccountLocked
        | Error::ProofOfWork(_)
        | Error::SmsSignInClosed => Level::Info,
        Error::Busy { .. }
        | Error::SmsRefused
        | Error::SmsPaused { .. }
        | Error::SmsBudgetSpent { .. } => Level::Warn,
        Error::Store(_) | Error::Internal(_) => Level::Error,
    }
}

/// Lets handlers and extractors answer a failure with `?`; its face is put on at the [edge](mod@crate::http::edge).
impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        status(self)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(status(self))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::http::header::RETRY_AFTER;

    use super::*;
    use crate::{
        errors::Limit,
        http::response::envelope,
        i18n::catalog::{Catalog, Language},
    };

    #[test]
    fn every_failure_that_passes_says_when_even_if_that_is_now() {
        let (words, retry_after) = (Catalog::load().unwrap(), Duration::ZERO);
        let too_often = [
            Limit::Resend,
            Limit::Mobile,
            Limit::Address,
            Limit::Prefix,
            Limit::SignIn,
            Limit::WrongCodes,
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
            assert!([409, 429, 503].contains(&status(&error).as_u16()), "{error:?}");
            let answer = envelope::failure(&words, Language::English, &error);
            let seconds = answer.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap());
            assert!(seconds.is_some_and(|seconds| seconds != "0"), "{error:?}: {seconds:?}");
        }
    }
}
