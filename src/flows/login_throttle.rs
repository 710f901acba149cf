//! Slows down password guessing: a captcha after a few failures, a wait after many.

use super::{
    State, consume_captcha::consume_captcha, deliver_sms_code::release_permits, hasher::Checked,
};
use crate::{
    domain::{captcha::SolvedCaptcha, client::Client, password::Password},
    errors::{Error, Price},
    stores::{rate_limits::SignInAttempt, tables::login_failures},
};

/// A counted attempt to sign in whose outcome is still open.
#[derive(Debug)]
pub(super) struct CountedAttempt {
    counted: SignInAttempt,
    /// What failures are counted under: the id of the account, or the login if there is no such account.
    subject: String,
}

/// Counts an attempt before the password is checked, so that many at once cannot exceed the limit (R35, R39, R44). This
/// locks nobody out: signing in by SMS stays possible and live sessions continue (R40).
pub(super) async fn count_attempt(
    state: &State,
    subject: String,
    captcha: Option<&SolvedCaptcha>,
    client: &Client,
) -> Result<CountedAttempt, Error> {
    let attempt = count_attempt_of_owner(state, subject, client).await?;
    if attempt.counted.needs_captcha {
        let solved = match captcha {
            Some(captcha) => consume_captcha(state, captcha, "sign_in").await,
            None => Err(Error::PriceRequired(Price::captcha())),
        };
        if let Err(error) = solved {
            release_permits(state, &attempt.counted.permits()).await;
            return Err(error);
        }
    }
    Ok(attempt)
}

/// Counts an attempt of somebody who is signed in: every limit applies, but no captcha is required.
pub(super) async fn count_attempt_of_owner(
    state: &State,
    subject: String,
    client: &Client,
) -> Result<CountedAttempt, Error> {
    let counted = state.rate_limits.sign_in(&subject, client.address).await?;
    Ok(CountedAttempt { counted, subject })
}

/// Resets the failures of the account after a right password; those of the address stay (R36). If the store fails here
/// they expire later, and the person is signed in all the same.
pub(super) async fn reset_failures(state: &State, attempt: &CountedAttempt) {
    if let Err(error) = state.rate_limits.reset_failures(&attempt.counted).await {
        log::warn!("event=login_failures_not_reset error={error:?}");
    }
}

/// Checks the password of a counted attempt. If the check cannot be made the attempt is not counted.
pub(super) async fn verify_password(
    state: &State,
    attempt: &CountedAttempt,
    password: &Password,
    stored: Option<&str>,
) -> Result<Checked, Error> {
    let checked = state.hasher.check(password, stored).await;
    if checked.is_err() {
        release_permits(state, &attempt.counted.permits()).await;
    }
    checked
}

/// Records a failure and returns whether the next attempt needs a captcha. The row of the account is written in the
/// background, since only accounts have one and the response time must not show it.
pub(super) async fn record_failure(
    state: &State,
    CountedAttempt { counted, subject }: CountedAttempt,
    account: Option<i64>,
    client: &Client,
) -> bool {
    // Before the response: the next attempt has to find this one among the failures.
    if let Err(error) = state.rate_limits.fail(&counted).await {
        log::warn!("event=login_failure_not_recorded error={error:?}");
    }
    let (background, address) = (state.clone(), client.address);
    state.spawn(async move {
        let sprayed = background.rate_limits.record_failure(&subject, address).await;
        let counted = match account {
            Some(id) => {
                background
                    .db
                    .write(async move |connection| {
                        login_failures::count_wrong_password(connection, id).await
                    })
                    .await
            }
            None => Ok(()),
        };
        for error in [sprayed, counted].into_iter().filter_map(Result::err) {
            log::warn!("event=login_failure_not_recorded error={error:?}");
        }
    });
    counted.next_needs_captcha
}
