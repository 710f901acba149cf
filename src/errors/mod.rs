//! Errors that a person or a program gets as an answer. How HTTP answers each is in `http/response/error_table.rs`.

mod limit;
mod price;
mod problem;

use std::time::Duration;

use tokio::task::JoinError;

pub use self::{
    limit::LimitMessage,
    price::{Price, RequiredCaptcha, RequiredProof},
    problem::{FieldProblem, Problem, ProofProblem},
};

/// An error, as flows and handlers return it.
///
/// Which variant it is may be told to clients. The sources inside `Store` and `Internal` are for the log only.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Fields are missing, malformed or too weak. Each problem names its field.
    #[error("input refused: {0:?}")]
    Input(Vec<FieldProblem>),
    /// The request cannot be parsed: broken JSON, a bad encoding, a body that was cut off or came too slowly.
    #[error("unreadable request")]
    Unreadable,
    /// The body is larger than the limit.
    #[error("body too large")]
    TooLarge,
    /// The URL is longer than the limit.
    #[error("URL too long")]
    UrlTooLong,
    /// There are more headers than the limit, or larger ones.
    #[error("headers too large")]
    HeadersTooLarge,
    /// The content type is not the one that this route accepts.
    #[error("unsupported content type")]
    UnsupportedType,
    /// The page, the session or the picture does not exist.
    #[error("not found")]
    NotFound,
    /// The path exists, but not with this method.
    #[error("method not allowed")]
    MethodNotAllowed {
        /// The methods that exist, as the value of the header `Allow`.
        allow: String,
    },
    /// The request comes from another site.
    #[error("cross-site request refused")]
    CrossSite,
    /// The header `Host` is not one of ours.
    #[error("unknown host")]
    UnknownHost,
    /// The request came by plain HTTP, but the service requires https.
    #[error("plain HTTP refused")]
    PlainHttp,
    /// The request has a cookie, but neither `Sec-Fetch-Site` nor `Origin`, so the cookie was ignored.
    #[error("cookie without origin refused")]
    OriginMissing,
    /// A client that asks to sign a person in is not registered.
    #[error("unknown OAuth client")]
    UnknownClient,
    /// A client wants a person sent to an address that it has not registered.
    #[error("redirect URI refused")]
    RedirectUriRefused,
    /// The captcha expired, was used, or never existed.
    #[error("captcha gone")]
    CaptchaGone,
    /// The answer to the captcha is wrong. The captcha is used up.
    #[error("captcha wrong")]
    CaptchaWrong,
    /// The request is accepted for a price that it has not paid: a captcha, a harder one, a proof of work.
    #[error("price required: {0:?}")]
    PriceRequired(Price),
    /// The SMS code expired, was used, had too many wrong guesses, or was never sent.
    #[error("SMS code gone")]
    SmsCodeGone,
    /// The SMS code is wrong.
    #[error("SMS code wrong, {tries_left} tries left")]
    SmsCodeWrong {
        /// How many more tries the code has.
        tries_left: u32,
    },
    /// The number has an account already.
    #[error("mobile taken")]
    MobileTaken,
    /// The account has this number already, so it cannot be changed to it.
    #[error("own mobile")]
    OwnMobile,
    /// Another account has this name.
    #[error("name taken")]
    NameTaken,
    /// A rate limit is reached.
    #[error("too often, again in {retry_after:?}")]
    TooOften {
        /// Which limit, so that the sentence can say it.
        limit: LimitMessage,
        /// When the same request may succeed.
        retry_after: Duration,
    },
    /// The idempotency key was used for another request.
    #[error("idempotency key reused")]
    KeyReused,
    /// A request with the same idempotency key is still in progress.
    #[error("request in flight")]
    KeyInFlight {
        /// When it may be finished.
        retry_after: Duration,
    },
    /// The request has no valid session.
    #[error("not signed in")]
    NotSignedIn,
    /// The session ended because its account had too many.
    #[error("signed in elsewhere")]
    SignedInElsewhere,
    /// The operator has closed this site to new accounts.
    #[error("sign-up closed")]
    SignUpClosed,
    /// The SMS code is right, but the number has no account. The same code can register it.
    #[error("no account")]
    NoAccount,
    /// The login is unknown or the password is wrong. Clients cannot tell which.
    #[error("login refused")]
    WrongLogin {
        /// Whether the next attempt needs a captcha.
        captcha_required: bool,
    },
    /// The current password that a signed-in person gave is wrong.
    #[error("wrong current password")]
    WrongPassword,
    /// The sign-in is too long ago for this request.
    #[error("sign-in too old")]
    SignInAgain,
    /// The password is right, but the operator has locked the account.
    #[error("account locked")]
    AccountLocked,
    /// All hashing threads were busy for too long, or the request took too long.
    #[error("too busy")]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// Every SMS provider refused the message, so certainly nothing was sent.
    #[error("SMS refused")]
    SmsRefused,
    /// The circuit breakers of all SMS providers are open.
    #[error("SMS paused")]
    SmsPaused {
        /// When the first one closes.
        retry_after: Duration,
    },
    /// The SMS budget of the service, or the share of it for this purpose, is used up.
    #[error("SMS budget spent")]
    SmsBudgetSpent {
        /// When the budget allows a message again.
        retry_after: Duration,
    },
    /// Sign-in by SMS code is closed for the account after too many wrong codes in a row (R19).
    #[error("SMS sign-in closed")]
    SmsSignInClosed,
    /// Sign-in by password is closed to devices that the account does not know, after too many wrong passwords of
    /// strangers in a row. Neither this nor what is closed depends on the password of the request.
    #[error("password sign-in closed")]
    PasswordSignInClosed,
    /// The number cannot receive text messages.
    #[error("number cannot receive SMS")]
    SmsBadNumber,
    /// MySQL, SQLite or Redis does not answer.
    #[error("store down: {0}")]
    Store(#[source] Source),
    /// The service has a fault.
    #[error("internal error: {0}")]
    Internal(#[source] Source),
}

/// The cause of an error, for the log and never for an answer.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// Wraps an error of a store that does not answer.
    pub fn store(source: impl Into<Source>) -> Self {
        Self::Store(source.into())
    }

    /// Wraps a fault of the service.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// Reports a task that panicked or was cancelled. The message of the panic may contain a secret, so it is dropped.
    pub fn task_failed(task: &JoinError) -> Self {
        Self::internal(if task.is_panic() { "a task panicked" } else { "a task was ended" })
    }

    /// Refuses one field.
    pub fn field(field: &str, problem: Problem) -> Self {
        Self::Input(vec![FieldProblem { field: field.to_owned(), problem }])
    }
}
