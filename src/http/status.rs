//! The HTTP status of every failure, in one place.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

use crate::errors::Error;

/// The status that tells the truth about a failure.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::Input(_) | Error::CaptchaNeeded | Error::ProofOfWork(_) | Error::Unreadable => {
            StatusCode::BAD_REQUEST
        }
        Error::NotSignedIn | Error::WrongLogin { .. } => StatusCode::UNAUTHORIZED,
        Error::CrossSite
        | Error::OriginMissing
        | Error::AccountLocked
        | Error::SmsSignInClosed
        | Error::SignInAgain
        | Error::WrongPassword => StatusCode::FORBIDDEN,
        Error::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
        Error::NotFound | Error::NoAccount => StatusCode::NOT_FOUND,
        Error::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
        Error::MobileTaken | Error::NameTaken | Error::KeyInFlight { .. } => StatusCode::CONFLICT,
        Error::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
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

/// Lets handlers and extractors answer a failure with `?`; its face is put on at the [edge](mod@super::edge).
impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        status(self)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(status(self))
    }
}
