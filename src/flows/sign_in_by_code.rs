//! Signs in with a code from a text message.

use super::{
    SignedIn, State,
    admit::Payment,
    admit_attempt::{AdmittedAttempt, PaidFor},
    consume_code::{consume_admitted_code, restore_code_after},
    create_session::{SessionOptions, create_session_with_key},
    deliver_sms_code::release_permits,
    register::{ChosenValues, admit_registration, create_account, record_registration},
};
use crate::{
    domain::{
        account::{Account, Status},
        client::Client,
        mobile::Mobile,
        name::Name,
        oauth::amr::Amr,
        purpose::Purpose,
        sms_code::SmsCode,
        terms::TermsVersion,
    },
    errors::{Error, Problem},
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
    /// The name of a new account. A random one is chosen for `None`.
    pub name: Option<Name>,
    /// The version of the terms that was accepted, if the operator has terms. Only a new account needs them.
    pub terms: Result<Option<TermsVersion>, Problem>,
    /// What it brings to pay with.
    pub payment: Payment,
}

/// Signs in with a session of this key, after [`admit_code_try`](super::consume_code::admit_code_try). A number without an
/// account gets one, where a number and a code are enough for that.
///
/// Only a client that has proved possession of the number learns that it has no account. Where a new account needs more,
/// the same code then registers it, so that nobody is texted twice.
pub(super) async fn sign_in_by_code(
    state: &State,
    admitted: AdmittedAttempt,
    login: &CodeLogin,
    key: SessionKey,
    client: &Client,
) -> Result<SignedIn, Error> {
    let CodeLogin { mobile, sms_code, payment, .. } = login;
    let (typed, paid_for) = ((mobile, Purpose::Login, sms_code), admitted.paid_for);
    let consumed = consume_admitted_code(state, admitted, typed, payment, client).await?;
    let result = start_or_create(state, login, (&consumed, paid_for), key, client).await;
    if matches!(result, Err(Error::NoAccount)) {
        state.codes.restore_for_purpose(mobile, Purpose::Register, &consumed).await?;
    }
    restore_code_after(state, &consumed, &result).await;
    let signed_in = result?;
    if signed_in.is_new_account {
        return Ok(record_registration(state, signed_in, Purpose::Login, client));
    }
    state.metrics.funnel_step(FunnelStep::Done, Purpose::Login.as_str());
    Ok(signed_in.record_sign_in(state, "sms_code", client))
}

/// Begins a session of the account of the number, which is created if there is none and nothing more is needed for it.
async fn start_or_create(
    state: &State,
    login: &CodeLogin,
    (consumed, paid_for): (&ConsumedCode, PaidFor),
    key: SessionKey,
    client: &Client,
) -> Result<SignedIn, Error> {
    match start_session(state, login, consumed, key.clone(), client).await {
        Err(Error::NoAccount) if state.account_rules.code_creates_account() => {}
        started => return started,
    }
    match create_account_by_code(state, login, paid_for, key.clone(), client).await {
        // Another request has created it in the meantime.
        Err(Error::MobileTaken) => start_session(state, login, consumed, key, client).await,
        created => created,
    }
}

/// Creates an account without a password.
async fn create_account_by_code(
    state: &State,
    login: &CodeLogin,
    paid_for: PaidFor,
    key: SessionKey,
    client: &Client,
) -> Result<SignedIn, Error> {
    let CodeLogin { mobile, name, terms, payment, remember, .. } = login.clone();
    let terms = terms.map_err(|problem| Error::field("terms", problem))?;
    let AdmittedAttempt { permit, .. } =
        admit_registration(state, paid_for, &payment, client).await?;
    let chosen = ChosenValues { password: None, name, terms };
    let created = create_account(state, mobile, chosen, (|_| key, remember), client).await;
    if created.is_err() {
        release_permits(state, &[&permit]).await;
    }
    created
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
            let options = SessionOptions {
                at,
                lifetimes,
                limits,
                remember,
                amr: Amr::Sms,
                device_last_used_at,
            };
            create_session_with_key(connection, &key, account.id, &client, options).await?;
            Ok(SignedIn { account, key: key.clone(), is_new_account: false, max_age })
        })
        .await
}

fn require_active(account: Account) -> Result<Account, Error> {
    match account.status {
        Status::Active => Ok(account),
        Status::Locked => Err(Error::AccountLocked),
    }
}
