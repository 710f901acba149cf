//! Proves that the owner of an account sits at the screen, and not somebody who found it unlocked.

use super::{
    State,
    admit::Payment,
    consume_code::consume_code,
    login_throttle::{
        Guesser, count_attempt_of_owner, record_failure, reset_failures, verify_password,
    },
};
use crate::{
    domain::{
        account::Account, client::Client, password::Password, purpose::Purpose, sms_code::SmsCode,
    },
    errors::{Error, LimitMessage, Problem},
    stores::tables::{credentials, credentials::StoredCredentials},
};

/// A proof that the owner of the account asks for a change.
#[derive(Debug)]
pub enum OwnerProof {
    /// The current password.
    Password(Password),
    /// A code sent to the present number of the account for [`Purpose::Rebind`].
    SmsCode(SmsCode),
}

/// The person who is signed in and asks for a change.
#[derive(Clone, Copy, Debug)]
pub struct SignedInOwner<'a> {
    /// The account.
    pub account: &'a Account,
    /// Whether the sign-in was a few minutes ago. An account without a password was signed in to by a code then, and
    /// needs no other.
    pub is_fresh: bool,
}

/// Checks the proof, and returns what is stored of the account's credentials.
pub(super) async fn prove_owner(
    state: &State,
    SignedInOwner { account, is_fresh }: SignedInOwner<'_>,
    proof: Option<&OwnerProof>,
    client: &Client,
) -> Result<StoredCredentials, Error> {
    let found = credentials_of(state, account, client).await?;
    match proof {
        None if found.password_hash.is_some() => {
            return Err(Error::field("password", Problem::Missing));
        }
        None if is_fresh => {}
        None => return Err(Error::SignInAgain),
        Some(OwnerProof::Password(password)) => {
            check_password(state, &found, password, client).await?;
        }
        Some(OwnerProof::SmsCode(code)) => {
            let code = (code, &Payment::default());
            let consumed =
                consume_code(state, &account.mobile, Purpose::Rebind, code, client).await;
            // The password proves the same, so a code has no price here.
            consumed.map(drop).map_err(|error| {
                let Error::PriceRequired(price) = error else { return error };
                let retry_after = price.retry_after().unwrap_or_default();
                Error::TooOften { limit: LimitMessage::WrongCodes, retry_after }
            })?;
        }
    }
    Ok(found)
}

/// Returns whether an account has a password, which is the usual proof.
pub async fn has_password(state: &State, id: i64) -> Result<bool, Error> {
    let found =
        state.db.read(async move |connection| credentials::by_id(connection, id, None).await);
    Ok(found.await?.ok_or(Error::NotSignedIn)?.password_hash.is_some())
}

/// Returns what is stored of the account's credentials, and whether the client's device is known to it.
async fn credentials_of(
    state: &State,
    account: &Account,
    client: &Client,
) -> Result<StoredCredentials, Error> {
    let (id, device) = (account.id, client.device);
    let found =
        state.db.read(async move |connection| credentials::by_id(connection, id, device).await);
    found.await?.ok_or(Error::NotSignedIn)
}

/// Checks the present password. A wrong one counts as a failed sign-in (R35). An account without a password refuses every one.
async fn check_password(
    state: &State,
    found: &StoredCredentials,
    password: &Password,
    client: &Client,
) -> Result<(), Error> {
    let id = found.account.id;
    let guesser = match (client.device, found.device_last_used_at) {
        (Some(device), Some(_)) => Guesser::KnownDevice(id, device),
        (_, _) => Guesser::SignedIn(id),
    };
    let attempt = count_attempt_of_owner(state, guesser, found, client).await?;
    let checked =
        verify_password(state, &attempt, password, found.password_hash.as_deref()).await?;
    if found.password_hash.is_some() && checked.is_right {
        reset_failures(state, &attempt).await;
        return Ok(());
    }
    record_failure(state, attempt, Some(&found.account), client).await;
    Err(Error::WrongPassword)
}
