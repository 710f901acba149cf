//! Signs in with a code from a text message.

use super::{
    SignedIn, State,
    admit::Payment,
    consume_code::{CodeTry, consume_admitted_code, restore_code_after},
    create_session::{SessionOptions, create_session_with_key},
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
    metrics::FunnelStep,
    stores::{
        codes::ConsumedCode,
        tables::{
            credentials, credentials::StoredCredentials, login_failures, sessions::SessionKey,
            users,
        },
    },
};

/// A code that proves possession of a number.
#[derive(Clone, Debug)]
pub struct CodeLogin {
    /// The number.
    pub mobile: Mobile,
    /// The code.
    pub sms_code: SmsCode,
    /// Whether the session outlives the browser.
    pub remember: bool,
    /// What it brings to pay with.
    pub payment: Payment,
}

/// Signs in with a session of this key, after [`admit_code_try`](super::consume_code::admit_code_try).
///
/// Only a client that has proved possession of the number learns that it has no account. The same code then registers
/// it, so that nobody is texted twice.
pub(super) async fn sign_in_by_code(
    state: &State,
    admitted: CodeTry,
    login: &CodeLogin,
    key: SessionKey,
    client: &Client,
) -> Result<SignedIn, Error> {
    let CodeLogin { mobile, sms_code, payment, .. } = login;
    let typed = (mobile, Purpose::Login, sms_code);
    let consumed = consume_admitted_code(state, admitted, typed, payment, client).await?;
    let result = start_session(state, login, &consumed, key, client).await;
    if matches!(result, Err(Error::NoAccount)) {
        state.codes.restore_for_purpose(mobile, Purpose::Register, &consumed).await?;
    }
    restore_code_after(state, &consumed, &result).await;
    let signed_in = result?;
    state.metrics.funnel_step(FunnelStep::Done, Purpose::Login.as_str());
    Ok(signed_in.record_sign_in(state, "sms_code", client))
}

async fn start_session(
    state: &State,
    login: &CodeLogin,
    consumed: &ConsumedCode,
    key: SessionKey,
    client: &Client,
) -> Result<SignedIn, Error> {
    let CodeLogin { mobile, remember, .. } = login.clone();
    let (client, is_known) = (client.clone(), consumed.is_by_known_device());
    let (at, lifetimes) = (state.clock.now(), state.lifetimes);
    let limits = state.session_limits;
    let max_age = remember.then_some(lifetimes.remembered.absolute);
    state
        .db
        .write(async move |connection| {
            let found = credentials::by_mobile(connection, &mobile, client.device).await?;
            let StoredCredentials { account, device_last_used_at, .. } =
                found.ok_or(Error::NoAccount)?;
            let account = require_active(account)?;
            if !is_known {
                login_failures::require_code_sign_in_open(connection, account.id).await?;
            }
            users::set_last_login(connection, account.id, at).await?;
            let options = SessionOptions { at, lifetimes, limits, remember, device_last_used_at };
            create_session_with_key(connection, &key, account.id, &client, options).await?;
            Ok(SignedIn { account, key: key.clone(), max_age })
        })
        .await
}

fn require_active(account: Account) -> Result<Account, Error> {
    match account.status {
        Status::Active => Ok(account),
        Status::Locked => Err(Error::AccountLocked),
    }
}
