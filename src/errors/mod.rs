//! Everything that can go wrong in front of a person, and its number in the contract; it names no one.

mod limit;
mod problem;

use std::time::Duration;

use tokio::task::JoinError;

pub use self::{
    limit::Limit,
    problem::{FieldProblem, Problem, ProofProblem},
};

/// A failure, as a flow reports it.
///
/// The variants are public knowledge; the sources inside `Store` and `Internal` are for the log only.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Fields are missing, malformed or too weak; each problem names its field.
    #[error("input refused: {0:?}")]
    Input(Vec<FieldProblem>),
    /// The request is not one we can read: broken JSON, bad encoding, a slow or cut body.
    #[error("unreadable request")]
    Unreadable,
    /// The body is larger than any honest one.
    #[error("body too large")]
    TooLarge,
    /// The address is longer than any honest one.
    #[error("URL too long")]
    UrlTooLong,
    /// More headers than any honest browser sends, or larger ones.
    #[error("headers too large")]
    HeadersTooLarge,
    /// The body is not of the one content type that this route takes.
    #[error("unsupported content type")]
    UnsupportedType,
    /// No such page, session, picture.
    #[error("not found")]
    NotFound,
    /// The path exists, the method does not.
    #[error("method not allowed")]
    MethodNotAllowed {
        /// The methods that do, as the header `Allow` wants them.
        allow: String,
    },
    /// Another site stands behind the request.
    #[error("cross-site request refused")]
    CrossSite,
    /// The request asks for a host name that is not ours.
    #[error("unknown host")]
    UnknownHost,
    /// The request came without TLS, where everybody has to use it.
    #[error("plain HTTP refused")]
    PlainHttp,
    /// A cookie came with neither `Sec-Fetch-Site` nor `Origin`, so it was not believed.
    #[error("cookie without origin refused")]
    OriginMissing,
    /// The captcha is expired, used or was never drawn.
    #[error("captcha gone")]
    CaptchaGone,
    /// The captcha was answered wrongly, and is used up by that.
    #[error("captcha wrong")]
    CaptchaWrong,
    /// A proof of work is asked for beside the captcha, or in place of a harder one.
    #[error("proof of work: {0:?}")]
    ProofOfWork(ProofProblem),
    /// The SMS code is expired, used, guessed to death or was never sent.
    #[error("SMS code gone")]
    SmsCodeGone,
    /// The SMS code does not match; so many tries are left.
    #[error("SMS code wrong, {tries_left} tries left")]
    SmsCodeWrong {
        /// Tries before the code is dead.
        tries_left: u32,
    },
    /// Somebody has registered this number.
    #[error("mobile taken")]
    MobileTaken,
    /// The account has this number already, so it cannot be moved to it.
    #[error("own mobile")]
    OwnMobile,
    /// Somebody uses this name.
    #[error("name taken")]
    NameTaken,
    /// A limit is reached.
    #[error("too often, again in {retry_after:?}")]
    TooOften {
        /// Which limit, so that the sentence can say it.
        limit: Limit,
        /// When the same request may succeed.
        retry_after: Duration,
    },
    /// The idempotency key was used for another request.
    #[error("idempotency key reused")]
    KeyReused,
    /// The same request, with the same idempotency key, is still being worked on.
    #[error("request in flight")]
    KeyInFlight {
        /// When it may have been done.
        retry_after: Duration,
    },
    /// Nobody is signed in.
    #[error("not signed in")]
    NotSignedIn,
    /// The session ended because its account held too many.
    #[error("signed in elsewhere")]
    SignedInElsewhere,
    /// The number was proved, and has no account; the same code registers it.
    #[error("no account")]
    NoAccount,
    /// Unknown login or wrong password; never told apart.
    #[error("login refused")]
    WrongLogin {
        /// Whether the next attempt needs a captcha.
        captcha_required: bool,
    },
    /// After so many failures a captcha is asked for.
    #[error("captcha needed")]
    CaptchaNeeded,
    /// Somebody who is signed in has given a wrong current password.
    #[error("wrong current password")]
    WrongPassword,
    /// The sign-in is too old for what is asked.
    #[error("sign-in too old")]
    SignInAgain,
    /// The account exists, its password was right, and the operator has locked it.
    #[error("account locked")]
    AccountLocked,
    /// All hashing threads have been busy for too long, or the work itself took too long.
    #[error("too busy")]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// Every SMS provider refused for certain: nothing was sent.
    #[error("SMS refused")]
    SmsRefused,
    /// No SMS provider is being asked just now; they have failed too often.
    #[error("SMS paused")]
    SmsPaused {
        /// When one is tried again.
        retry_after: Duration,
    },
    /// The budget of the whole service is used up, or what this purpose may use of it.
    #[error("SMS budget spent")]
    SmsBudgetSpent {
        /// When there is a place in it.
        retry_after: Duration,
    },
    /// So many wrong codes were tried in a row that this way in is closed (R19).
    #[error("SMS sign-in closed")]
    SmsSignInClosed,
    /// The number cannot receive text messages.
    #[error("number cannot receive SMS")]
    SmsBadNumber,
    /// MySQL, SQLite or Redis does not answer.
    #[error("store down: {0}")]
    Store(#[source] Source),
    /// Our own fault.
    #[error("internal error: {0}")]
    Internal(#[source] Source),
}

/// What lies behind a failure; for the log, never for an answer.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// A store that does not answer.
    pub fn store(source: impl Into<Source>) -> Self {
        Self::Store(source.into())
    }

    /// A fault of our own.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// A task that ended before its work did. What it fell over may quote a secret, so that is not kept.
    pub fn fallen(task: &JoinError) -> Self {
        Self::internal(if task.is_panic() { "a task panicked" } else { "a task was ended" })
    }

    /// One field that was refused.
    pub fn field(field: &str, problem: Problem) -> Self {
        Self::Input(vec![FieldProblem { field: field.to_owned(), problem }])
    }
}
