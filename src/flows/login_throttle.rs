//! What stands before a password: a captcha after a few failures, waiting after many.

use super::{
    State, consume_captcha::consume_captcha, deliver_sms_code::release_permits, hasher::Checked,
};
use crate::{
    domain::{captcha::SolvedCaptcha, client::Client, password::Password},
    errors::Error,
    stores::{rate_limits::SignInAttempt, tables::login_failures},
};

/// A counted attempt, until it is known whether it failed.
#[derive(Debug)]
pub(super) struct Attempt {
    counted: SignInAttempt,
    /// Whose failures are counted: an account, or a login that is nobody's.
    subject: String,
}

/// Counts an attempt before the password is looked at, so that many at once are no way around
/// (R35, R39, R44). Nobody is locked out by it: the SMS sign-in stays open, and live sessions
/// live on (R40).
pub(super) async fn count_attempt(
    state: &State,
    subject: String,
    captcha: Option<&SolvedCaptcha>,
    client: &Client,
) -> Result<Attempt, Error> {
    let attempt = count_attempt_of_owner(state, subject, client).await?;
    if attempt.counted.needs_captcha {
        let solved = match captcha {
            Some(captcha) => consume_captcha(state, captcha, "sign_in").await,
            None => Err(Error::CaptchaNeeded),
        };
        if let Err(error) = solved {
            release_permits(state, &attempt.counted.places()).await;
            return Err(error);
        }
    }
    Ok(attempt)
}

/// The same for somebody who is signed in: no captcha, but every limit.
pub(super) async fn count_attempt_of_owner(
    state: &State,
    subject: String,
    client: &Client,
) -> Result<Attempt, Error> {
    let counted = state.rate_limits.sign_in(&subject, client.address).await?;
    Ok(Attempt { counted, subject })
}

/// The password was right: the account's failures are forgotten, the address's are not (R36). If the store fails
/// here they are forgotten later, and the person gets in all the same.
pub(super) async fn reset_failures(state: &State, attempt: &Attempt) {
    if let Err(error) = state.rate_limits.reset_failures(&attempt.counted).await {
        log::warn!("event=failures_not_forgotten error={error:?}");
    }
}

/// Checks the password of a counted attempt. If that cannot be done, the attempt is not counted: it has not failed.
pub(super) async fn check(
    state: &State,
    attempt: &Attempt,
    password: &Password,
    stored: Option<&str>,
) -> Result<Checked, Error> {
    let checked = state.hasher.check(password, stored).await;
    if checked.is_err() {
        release_permits(state, &attempt.counted.places()).await;
    }
    checked
}

/// It failed; answers whether the next attempt needs a captcha. The row of an account is written off the answer's path:
/// only accounts have one, and that must not show.
pub(super) async fn record_failure(
    state: &State,
    Attempt { counted, subject }: Attempt,
    account: Option<i64>,
    client: &Client,
) -> bool {
    // Before the answer: the next attempt has to find this one among the failures.
    if let Err(error) = state.rate_limits.fail(&counted).await {
        log::warn!("event=failure_not_noted error={error:?}");
    }
    let (background, address) = (state.clone(), client.address);
    state.spawn(async move {
        let sprayed = background.rate_limits.record_failure(&subject, address).await;
        let counted = match account {
            Some(id) => {
                background
                    .db
                    .write(async move |it| login_failures::count_wrong_password(it, id).await)
                    .await
            }
            None => Ok(()),
        };
        for error in [sprayed, counted].into_iter().filter_map(Result::err) {
            log::warn!("event=failure_not_noted error={error:?}");
        }
    });
    counted.next_needs_captcha
}
