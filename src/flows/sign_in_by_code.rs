//! Sign in by a code that was texted.

use super::{
    SignedIn, State,
    begin_session::{Beginning, begin_session},
    spend_code::{put_back_after, spend_code},
};
use crate::{
    domain::{
        account::{Account, Status},
        client::Client,
        mobile::Mobile,
        purpose::Purpose,
        sms_code::SmsCode,
    },
    errors::Error,
    metrics::Stage,
    stores::{failures, users},
};

/// A proof that somebody holds a number.
#[derive(Debug)]
pub struct CodeLogin {
    /// The number.
    pub mobile: Mobile,
    /// The proof.
    pub sms_code: SmsCode,
    /// Whether the session shall outlive the browser.
    pub remember: bool,
}

/// Signs in whoever holds the number.
///
/// Only who has proved it learns that a number has no account; the same code then registers it, so
/// that nobody is texted twice.
pub async fn sign_in_by_code(
    state: &State,
    login: CodeLogin,
    client: &Client,
) -> Result<SignedIn, Error> {
    let CodeLogin { mobile, sms_code, remember } = login;
    let spent = spend_code(state, &mobile, Purpose::Login, &sms_code, client).await?;
    let done = enter(state, &mobile, client, remember).await;
    if matches!(done, Err(Error::NoAccount)) {
        state.codes.keep_proof(&mobile, Purpose::Register, &spent).await?;
    }
    put_back_after(state, &spent, &done).await;
    let signed_in = done?;
    state.metrics.reached(Stage::Done, Purpose::Login.as_str());
    Ok(signed_in.noted(state, "sms_code", client))
}

async fn enter(
    state: &State,
    mobile: &Mobile,
    client: &Client,
    remember: bool,
) -> Result<SignedIn, Error> {
    let (mobile, client) = (mobile.clone(), client.clone());
    let (at, lifetimes) = (state.clock.now(), state.lifetimes);
    let beginning = Beginning { at, lifetimes, remember, has_room: false };
    let kept_for = remember.then_some(lifetimes.remembered.absolute);
    state
        .db
        .write(async move |connection| {
            let account =
                users::find_by_mobile(connection, &mobile).await?.ok_or(Error::NoAccount)?;
            let account = unlocked(account)?;
            failures::check_codes_are_taken(connection, account.id).await?;
            users::set_last_login(connection, account.id, at).await?;
            let key = begin_session(connection, account.id, &client, beginning).await?;
            Ok(SignedIn { account, key, kept_for })
        })
        .await
}

fn unlocked(account: Account) -> Result<Account, Error> {
    match account.status {
        Status::Active => Ok(account),
        Status::Locked => Err(Error::AccountLocked),
    }
}
