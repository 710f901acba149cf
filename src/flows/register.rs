//! Registers an account for a verified number.

use super::{
    SignedIn, State,
    admit::Payment,
    admit_attempt::{AdmittedAttempt, PaidFor, admit_attempt},
    consume_code::{admit_code_try, consume_admitted_code, restore_code_after},
    create_session::{SessionOptions, create_session_with_key},
    deliver_sms_code::release_permits,
};
use crate::{
    domain::{
        account::{Account, Status},
        account_rules::SignUp,
        client::Client,
        mobile::Mobile,
        name::Name,
        oauth::amr::Amr,
        password::Password,
        purpose::Purpose,
        sms_code::SmsCode,
        terms::TermsVersion,
    },
    errors::Error,
    metrics::FunnelStep,
    stores::{
        codes::ConsumedCode,
        rate_limits::Limit,
        tables::{sessions::SessionKey, users, users::NewUser},
    },
};

/// A request to register.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The number to verify.
    pub mobile: Mobile,
    /// The code that was sent to the number.
    pub sms_code: SmsCode,
    /// The purposes that the code may have been sent for: registering, and signing in where one code serves both.
    pub purposes: &'static [Purpose],
    /// The password, if the account is to have one. It has passed the policy, so that a password that is refused does not
    /// use up the code.
    pub password: Option<Password>,
    /// The name. A random one is chosen for `None`.
    pub name: Option<Name>,
    /// The version of the terms that was accepted, if the operator has terms.
    pub terms: Option<TermsVersion>,
    /// What it brings to pay with.
    pub payment: Payment,
}

/// The values of a new account that its owner may choose.
#[derive(Clone, Debug)]
pub(super) struct ChosenValues {
    pub(super) password: Option<Password>,
    /// A random name is chosen for `None`.
    pub(super) name: Option<Name>,
    pub(super) terms: Option<TermsVersion>,
}

/// Refuses where nobody may get an account. Before anything is counted or used up: it tells nothing about accounts.
pub(super) fn require_open_sign_up(state: &State) -> Result<(), Error> {
    match state.account_rules.sign_up {
        SignUp::Open => Ok(()),
        SignUp::Closed => Err(Error::SignUpClosed),
    }
}

/// Acquires a permit for a registration from the limits of the client's address.
pub(super) async fn admit_registration(
    state: &State,
    paid_before: PaidFor,
    payment: &Payment,
    client: &Client,
) -> Result<AdmittedAttempt, Error> {
    require_open_sign_up(state)?;
    admit_attempt(state, Limit::RegistrationsPerAddress, paid_before, payment, client).await
}

/// Registers an account and signs in with the key that `key_of` returns for the id of the account. The permit is released
/// if no account is created.
///
/// The code is used up first, so that nobody makes the server hash without a proof. If the account cannot be created
/// for a reason that has nothing to do with the code, the code is restored.
pub(super) async fn register_admitted(
    state: &State,
    registration: Registration,
    AdmittedAttempt { permit, paid_for }: AdmittedAttempt,
    key_of: impl FnOnce(i64) -> SessionKey,
    client: &Client,
) -> Result<SignedIn, Error> {
    let Registration { mobile, sms_code, purposes, password, name, terms, payment } = registration;
    let created = async {
        let code = (&sms_code, &payment);
        let (consumed, purpose) =
            consume_any_code(state, (&mobile, purposes), code, paid_for, client).await?;
        let chosen = ChosenValues { password, name, terms };
        let created = create_account(state, mobile, chosen, (key_of, false), client).await;
        restore_code_after(state, &consumed, &created).await;
        Ok((created?, purpose))
    };
    match created.await {
        Ok((created, purpose)) => Ok(record_registration(state, created, purpose, client)),
        Err(error) => {
            release_permits(state, &[&permit]).await;
            Err(error)
        }
    }
}

/// Logs and counts a registration and the sign-in that comes with it.
pub(super) fn record_registration(
    state: &State,
    created: SignedIn,
    purpose: Purpose,
    client: &Client,
) -> SignedIn {
    let Account { id, mobile, .. } = &created.account;
    log::info!("event=registered user={id} mobile={mobile:?}");
    state.metrics.funnel_step(FunnelStep::Done, purpose.as_str());
    created.record_sign_in(state, "registration", client)
}

/// Uses up the code of the first of these purposes that has one, and returns that purpose. A wrong code is reported
/// rather than one that is gone.
async fn consume_any_code(
    state: &State,
    (mobile, purposes): (&Mobile, &[Purpose]),
    (code, payment): (&SmsCode, &Payment),
    paid_before: PaidFor,
    client: &Client,
) -> Result<(ConsumedCode, Purpose), Error> {
    let (mut refused, mut paid_for) = (Error::SmsCodeGone, paid_before);
    for purpose in purposes {
        let admitted = admit_code_try(state, paid_for, payment, client).await?;
        paid_for = admitted.paid_for;
        let typed = (mobile, *purpose, code);
        match consume_admitted_code(state, admitted, typed, payment, client).await {
            Ok(consumed) => return Ok((consumed, *purpose)),
            Err(Error::SmsCodeGone) => {}
            Err(error @ Error::SmsCodeWrong { .. }) => refused = error,
            Err(error) => return Err(error),
        }
    }
    Err(refused)
}

/// Creates an account and a session for it in one transaction.
pub(super) async fn create_account(
    state: &State,
    mobile: Mobile,
    ChosenValues { password, name, terms }: ChosenValues,
    (key_of, remember): (impl FnOnce(i64) -> SessionKey, bool),
    client: &Client,
) -> Result<SignedIn, Error> {
    let password_hash = match &password {
        Some(password) => Some(state.hasher.hash(password).await?),
        None => None,
    };
    let account = Account {
        id: users::random_id(),
        mobile,
        name: name.unwrap_or_else(Name::random),
        avatar_url: None,
        status: Status::Active,
        created_at: state.clock.now(),
    };
    let (client, key) = (client.clone(), key_of(account.id));
    let (at, lifetimes) = (account.created_at, state.lifetimes);
    let limits = state.session_limits;
    let max_age = remember.then_some(lifetimes.remembered.absolute);
    let options = SessionOptions {
        at,
        lifetimes,
        limits,
        remember,
        amr: Amr::Sms,
        device_last_used_at: None,
    };
    let new = NewUser { account, password_hash, terms, external_id: None };
    state
        .db
        .write(async move |connection| {
            users::create(connection, &new).await?;
            create_session_with_key(connection, &key, new.account.id, &client, options).await?;
            let (account, key) = (new.account.clone(), key.clone());
            Ok(SignedIn { account, key, is_new_account: true, max_age })
        })
        .await
}
