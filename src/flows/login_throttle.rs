//! Makes password guessing dear: a captcha after a few failures, a harder one and a proof of work after many. After ninety
//! failures of strangers in a row only devices that are known to the account sign in by password.

use std::{net::IpAddr, time::Duration};

use super::{
    State, admit::Payment, consume_captcha::consume_captcha, deliver_sms_code::release_permits,
    hasher::Checked, notify_owner::notify_owner,
};
use crate::{
    domain::{
        account::Account, client::Client, device::DeviceId, password::Password,
        proof_of_work::Demand, sms_message::Notice,
    },
    errors::{Error, LimitMessage, ProofProblem},
    stores::{
        rate_limits::{SignInAttempt, SignInCost},
        tables::{
            credentials::StoredCredentials, known_devices, login_failures,
            login_failures::MAX_CONSECUTIVE_FAILURES,
        },
    },
};

const DAY: Duration = Duration::from_hours(24);

/// Whose failures are counted together.
#[derive(Clone, Debug)]
pub(super) enum Guesser {
    /// A device that is known to the account. What strangers and neighbours do does not concern it.
    KnownDevice(i64, DeviceId),
    /// Everybody else who gives this login. It is hashed as it was typed, so that nothing tells whether a number and a name
    /// are one account's.
    Stranger(String),
    /// Somebody who is signed in to the account on a device that it does not know.
    SignedIn(i64),
}

/// A counted attempt to sign in whose outcome is still open.
#[derive(Debug)]
pub(super) struct CountedAttempt {
    counted: SignInAttempt,
    guesser: Guesser,
}

impl Guesser {
    fn subject(&self) -> String {
        match self {
            Self::KnownDevice(account, device) => format!("{account}:{}", device.hash()),
            Self::Stranger(login) => login.clone(),
            Self::SignedIn(account) => format!("{account}:signed-in"),
        }
    }
}

/// Counts an attempt before the password is checked, so that many at once cannot exceed the limits (R35, R39, R44).
///
/// This shuts no owner out: a known device signs in whatever strangers do, signing in by SMS stays possible, and live
/// sessions continue (R40). A login without an account is closed by its own failures.
pub(super) async fn count_attempt(
    state: &State,
    guesser: Guesser,
    found: Option<&StoredCredentials>,
    client: &Client,
) -> Result<CountedAttempt, Error> {
    let is_known = matches!(guesser, Guesser::KnownDevice(..));
    let address = counted_address(state, &guesser, client);
    let counted = match state.rate_limits.sign_in(&guesser.subject(), address).await {
        // A whole day's failures.
        Err(Error::TooOften { limit: LimitMessage::SignIn, .. }) if !is_known => {
            return Err(Error::PasswordSignInClosed);
        }
        counted => counted?,
    };
    if is_known {
        return Ok(CountedAttempt { counted, guesser });
    }
    match is_closed(state, &counted, found).await {
        Ok(false) => Ok(CountedAttempt { counted, guesser }),
        closed => {
            release_permits(state, &counted.permits()).await;
            closed.and(Err(Error::PasswordSignInClosed))
        }
    }
}

/// Returns the address whose failures count; `None` for who is known, and in networks that the operator has allowed.
fn counted_address(state: &State, guesser: &Guesser, client: &Client) -> Option<IpAddr> {
    let is_stranger = matches!(guesser, Guesser::Stranger(_));
    let is_counted = is_stranger && !state.rate_limits.is_allowed(client.address);
    is_counted.then_some(client.address)
}

/// Returns whether strangers have failed too often in a row.
///
/// Many may have failed since the account was read, if many try at once. Then the attempt has a price, and the row is read
/// again now that it is counted: no more than those under way exceed the limit. A login without an account costs the same
/// trip.
async fn is_closed(
    state: &State,
    counted: &SignInAttempt,
    found: Option<&StoredCredentials>,
) -> Result<bool, Error> {
    let many = u32::try_from(MAX_CONSECUTIVE_FAILURES).unwrap_or(u32::MAX);
    let was_closed =
        found.map_or(counted.failures_of_day >= many, |found| found.is_closed_to_strangers);
    if was_closed || !counted.cost.is_harder {
        return Ok(was_closed);
    }
    let id = found.map_or(0, |found| found.account.id);
    let read = async move |connection: &mut _| {
        login_failures::is_closed_to_strangers(connection, id).await
    };
    state.db.read(read).await
}

/// Counts an attempt of somebody who is signed in. No price is asked: over a limit one waits, or signs in again by SMS.
pub(super) async fn count_attempt_of_owner(
    state: &State,
    guesser: Guesser,
    found: &StoredCredentials,
    client: &Client,
) -> Result<CountedAttempt, Error> {
    let wait = |retry_after| Error::TooOften { limit: LimitMessage::SignIn, retry_after };
    let attempt = match count_attempt(state, guesser, Some(found), client).await {
        Err(Error::PasswordSignInClosed) => return Err(wait(DAY)),
        Err(Error::PriceRequired(price)) => {
            return Err(wait(price.retry_after().unwrap_or_default()));
        }
        counted => counted?,
    };
    let SignInCost { is_harder, retry_after, .. } = attempt.counted.cost;
    if is_harder {
        release_permits(state, &attempt.counted.permits()).await;
        return Err(wait(retry_after));
    }
    Ok(attempt)
}

/// Takes what an attempt costs. Nothing is used up unless all of it is there.
pub(super) async fn take_payment(
    state: &State,
    attempt: &CountedAttempt,
    payment: &Payment,
    client: &Client,
) -> Result<(), Error> {
    let paid = take(state, attempt.counted.cost, payment, client).await;
    if paid.is_err() {
        release_permits(state, &attempt.counted.permits()).await;
    }
    paid
}

async fn take(
    state: &State,
    cost: SignInCost,
    payment: &Payment,
    client: &Client,
) -> Result<(), Error> {
    let cost = match state.pow_challenges.demand() {
        Demand::Never => cost.without_proof(),
        Demand::OnAbuse | Demand::Always => cost,
    };
    if !cost.needs_captcha {
        return Ok(());
    }
    let missing = || Error::PriceRequired(cost.price(ProofProblem::Missing));
    let captcha = payment.captcha.as_ref().ok_or_else(missing)?;
    let is_harder = captcha.answer.has_harder_length();
    if cost.is_harder && !is_harder {
        return Err(missing());
    }
    match &payment.proof_of_work {
        _ if cost.proof_of_work == 0 => {}
        Some(proof) => match state.pow_challenges.consume(proof, cost.proof_of_work).await {
            Err(Error::PriceRequired(price)) => {
                let problem = price.required_proof().map(|proof| proof.problem);
                let price = cost.price(problem.unwrap_or(ProofProblem::Wrong));
                return Err(Error::PriceRequired(price));
            }
            consumed => consumed?,
        },
        // Browsers without scripts send none. An answer of that length can only be right for a harder captcha.
        None if is_harder && !cost.is_harder => {}
        None => return Err(missing()),
    }
    consume_captcha(state, captcha, "sign_in", client).await
}

/// Resets the failures of the guesser after a right password; those of the address stay (R36). If the store fails here
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
    CountedAttempt { counted, guesser }: CountedAttempt,
    account: Option<&Account>,
    client: &Client,
) -> bool {
    // Before the response: the next attempt has to find this one among the failures.
    if let Err(error) = state.rate_limits.fail(&counted).await {
        log::warn!("event=login_failure_not_recorded error={error:?}");
    }
    let next_needs_captcha = counted.next_needs_captcha;
    let address = counted_address(state, &guesser, client);
    let (background, account, client) = (state.clone(), account.cloned(), client.clone());
    state.spawn(async move {
        let recorded = match guesser {
            Guesser::KnownDevice(id, device) => {
                record_failure_of_device(&background, (id, device), counted.failures_of_day).await
            }
            Guesser::SignedIn(_) => record_failure_for(&background, account, &client).await,
            Guesser::Stranger(login) => {
                let sprayed = match address {
                    Some(address) => background.rate_limits.record_failure(&login, address).await,
                    None => Ok(()),
                };
                sprayed.and(record_failure_for(&background, account, &client).await)
            }
        };
        let ended = background.rate_limits.failure_recorded(&counted).await;
        for error in [recorded, ended].into_iter().filter_map(Result::err) {
            log::warn!("event=login_failure_not_recorded error={error:?}");
        }
    });
    next_needs_captcha
}

/// Makes a device unknown that has failed as often as strangers may.
async fn record_failure_of_device(
    state: &State,
    (account, device): (i64, DeviceId),
    failures_before: u32,
) -> Result<(), Error> {
    let failures = i32::try_from(failures_before).unwrap_or(i32::MAX).saturating_add(1);
    if failures < MAX_CONSECUTIVE_FAILURES {
        return Ok(());
    }
    let forget = async move |connection: &mut _| {
        known_devices::forget(connection, account, &device.hash()).await
    };
    state.db.write(forget).await.map(drop)
}

/// Counts the failure for the account. The failure that closes the password to strangers is told to the owner, once.
async fn record_failure_for(
    state: &State,
    account: Option<Account>,
    client: &Client,
) -> Result<(), Error> {
    let Some(Account { id, mobile, .. }) = account else { return Ok(()) };
    let count =
        async move |connection: &mut _| login_failures::count_wrong_password(connection, id).await;
    if state.db.write(count).await? == MAX_CONSECUTIVE_FAILURES {
        log::warn!("event=password_sign_in_closed user={id}");
        notify_owner(state, &mobile, Notice::PasswordSignInClosed, client);
    }
    Ok(())
}
