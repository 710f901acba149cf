//! What stands before a password: a captcha after a few failures, waiting after many.

use super::{State, sign_in::Captcha};
use crate::{domain::client::Client, errors::Error, stores::limits::Place};

/// A counted attempt, until it is known whether it failed.
#[derive(Debug)]
pub(super) struct Attempt {
    of_account: Place,
    of_address: Place,
    /// Whose failures are counted: an account, or a login that is nobody's.
    subject: String,
}

/// Counts an attempt before the password is looked at, so that many at once are no way around
/// (SECURITY R35, R39, R44). Nobody is locked out by it: the SMS sign-in stays open, and live sessions
/// live on (R40).
pub(super) async fn count_attempt(
    state: &State,
    subject: String,
    captcha: Option<&Captcha>,
    client: &Client,
) -> Result<Attempt, Error> {
    if state.limits.wants_captcha(&subject, client.address).await? {
        let Some(Captcha { id, answer }) = captcha else { return Err(Error::CaptchaNeeded) };
        state.codes.spend_captcha(id, answer).await?;
    }
    let of_address = state.limits.sign_in_of_address(client.address).await?;
    match state.limits.sign_in_of_account(&subject).await {
        Ok(of_account) => Ok(Attempt { of_account, of_address, subject }),
        Err(error) => {
            state.limits.release(&of_address).await?;
            Err(error)
        }
    }
}

/// The password was right: the account's failures are forgotten, the address's are not (SECURITY R36).
pub(super) async fn forgive(state: &State, attempt: &Attempt) -> Result<(), Error> {
    state.limits.release(&attempt.of_address).await?;
    state.limits.forget(&attempt.of_account).await
}

/// It failed; whether the next attempt needs a captcha goes along with the answer.
pub(super) async fn refuse(state: &State, attempt: &Attempt, client: &Client) -> Error {
    let wants_captcha = state.limits.wants_captcha(&attempt.subject, client.address).await;
    Error::WrongLogin { captcha_required: wants_captcha.unwrap_or(true) }
}
