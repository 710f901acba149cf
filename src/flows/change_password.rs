//! Changes the password of a user who is signed in.

use chrono::{DateTime, Utc};

use super::{
    SignedIn, State,
    consume_code::forget_codes,
    create_session::{SessionOptions, create_session},
    login_throttle::{
        Guesser, count_attempt_of_owner, record_failure, reset_failures, verify_password,
    },
};
use crate::{
    domain::{account::Account, client::Client, password::Password},
    errors::Error,
    stores::tables::{credentials, known_devices, sessions, users},
};

/// A request to change the password.
#[derive(Debug)]
pub struct PasswordChange {
    /// The present password.
    pub current: Password,
    /// The new password, which has passed the policy.
    pub new: Password,
}

/// Changes the password, ends every session and token of the account, makes every other device unknown to it, and begins
/// a new session for the client, all in one transaction (R81, R84).
pub async fn change_password(
    state: &State,
    account: &Account,
    change: PasswordChange,
    client: &Client,
) -> Result<SignedIn, Error> {
    let CheckedPassword { hash, device_last_used_at } =
        check_password(state, account, &change.current, client).await?;
    let password_hash = state.hasher.hash(&change.new).await?;
    let (mobile, account, client) = (account.mobile.clone(), account.clone(), client.clone());
    let (id, at, lifetimes) = (account.id, state.clock.now(), state.lifetimes);
    let limits = state.session_limits;
    let options = SessionOptions { at, lifetimes, limits, remember: false, device_last_used_at };
    let signed_in = state
        .db
        .write(async move |connection| {
            let exchange = (hash.as_str(), password_hash.as_str());
            if !users::change_password_hash(connection, account.id, exchange, at).await? {
                return Err(Error::WrongPassword);
            }
            sessions::delete_all(connection, account.id).await?;
            let device = Some(client.device_after_answer());
            known_devices::forget_others(connection, account.id, device).await?;
            let key = create_session(connection, account.id, &client, options).await?;
            Ok(SignedIn { account: account.clone(), key, max_age: None })
        })
        .await?;
    state.session_cache.invalidate(id);
    log::info!("event=password_changed user={id}");
    forget_codes(state, id, &mobile).await;
    Ok(signed_in)
}

/// The result of checking the present password.
pub(super) struct CheckedPassword {
    /// The hash that it matched.
    pub(super) hash: String,
    /// When the client's device was last used with the account, if it is known to it.
    pub(super) device_last_used_at: Option<DateTime<Utc>>,
}

/// Checks the present password of somebody who is signed in. A wrong password counts as a failed sign-in (R35).
pub(super) async fn check_password(
    state: &State,
    account: &Account,
    password: &Password,
    client: &Client,
) -> Result<CheckedPassword, Error> {
    let (id, device) = (account.id, client.device);
    let found = state
        .db
        .read(async move |connection| credentials::by_id(connection, id, device).await)
        .await?
        .ok_or(Error::NotSignedIn)?;
    let device_last_used_at = found.device_last_used_at;
    let guesser = match (device, found.device_last_used_at) {
        (Some(device), Some(_)) => Guesser::KnownDevice(id, device),
        (_, _) => Guesser::SignedIn(id),
    };
    let attempt = count_attempt_of_owner(state, guesser, &found, client).await?;
    let stored = found.password_hash;
    let checked = verify_password(state, &attempt, password, stored.as_deref()).await?;
    match stored {
        Some(hash) if checked.is_right => {
            reset_failures(state, &attempt).await;
            Ok(CheckedPassword { hash, device_last_used_at })
        }
        Some(_) | None => {
            record_failure(state, attempt, Some(account), client).await;
            Err(Error::WrongPassword)
        }
    }
}
