//! Changes the password of a user who is signed in.

use super::{
    SignedIn, State,
    consume_code::forget_codes,
    create_session::{SessionOptions, create_session},
    prove_owner::{OwnerProof, SignedInOwner, prove_owner},
    sessions_changed::sessions_changed,
};
use crate::{
    domain::{client::Client, oauth::amr::Amr, password::Password},
    errors::Error,
    stores::tables::{credentials::StoredCredentials, known_devices, sessions, users},
};

/// A request to change the password, or to set the first one.
#[derive(Debug)]
pub struct PasswordChange {
    /// The proof that the owner of the account asks for the change. The first password needs none soon after a sign-in.
    pub owner: Option<OwnerProof>,
    /// The new password, which has passed the policy.
    pub new: Password,
}

/// Changes the password, ends every session and token of the account, makes every other device unknown to it, and begins
/// a new session for the client, all in one transaction (R81, R84).
pub async fn change_password(
    state: &State,
    signed_in: SignedInOwner<'_>,
    change: PasswordChange,
    client: &Client,
) -> Result<SignedIn, Error> {
    let (PasswordChange { owner, new }, account) = (change, signed_in.account);
    let found = prove_owner(state, signed_in, owner.as_ref(), client).await?;
    let StoredCredentials { password_hash: hash, device_last_used_at, .. } = found;
    let password_hash = state.hasher.hash(&new).await?;
    let (mobile, account, client) = (account.mobile.clone(), account.clone(), client.clone());
    let (id, at, lifetimes) = (account.id, state.clock.now(), state.lifetimes);
    let limits = state.session_limits;
    let options = SessionOptions {
        at,
        lifetimes,
        limits,
        remember: false,
        amr: Amr::Password,
        device_last_used_at,
    };
    let signed_in = state
        .db
        .write(async move |connection| {
            let exchange = (hash.as_deref(), password_hash.as_str());
            if !users::change_password_hash(connection, account.id, exchange, at).await? {
                return Err(Error::WrongPassword);
            }
            sessions::end_all(connection, account.id, at).await?;
            let device = Some(client.device_after_answer());
            known_devices::forget_others(connection, account.id, device).await?;
            let key = create_session(connection, account.id, &client, options).await?;
            let account = account.clone();
            Ok(SignedIn { account, key, is_new_account: false, max_age: None })
        })
        .await?;
    sessions_changed(state, id);
    log::info!("event=password_changed user={id}");
    forget_codes(state, id, &mobile).await;
    Ok(signed_in)
}
