//! Registers an account for a verified number.

use super::{
    SignedIn, State,
    admit::{Payment, admit},
    consume_code::{consume_code, restore_code_after},
    create_session::{SessionOptions, create_session},
    deliver_sms_code::release_permits,
};
use crate::{
    domain::{
        account::{Account, Status},
        client::Client,
        mobile::Mobile,
        name::Name,
        password::Password,
        purpose::Purpose,
        sms_code::SmsCode,
        terms::TermsVersion,
    },
    errors::Error,
    metrics::FunnelStep,
    stores::{
        codes::ConsumedCode,
        rate_limits::{Limit, Permit},
        tables::{users, users::NewUser},
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
    /// The password. It has passed the policy, so that a password that is refused does not use up the code.
    pub password: Password,
    /// The name. A random one is chosen for `None`.
    pub name: Option<Name>,
    /// The version of the terms that was accepted, if the operator has terms.
    pub terms: Option<TermsVersion>,
    /// What it brings to pay with.
    pub payment: Payment,
}

/// Registers an account and signs in.
///
/// The code is used up first, so that nobody makes the server hash without a proof. If the account cannot be created
/// for a reason that has nothing to do with the code, the code is restored.
pub async fn register(
    state: &State,
    registration: Registration,
    client: &Client,
) -> Result<SignedIn, Error> {
    let permit = admit_registration(state, &registration.payment, client).await?;
    register_admitted(state, registration, permit, client).await
}

/// Acquires a permit for a registration from the limits of the client's address.
pub(super) async fn admit_registration(
    state: &State,
    payment: &Payment,
    client: &Client,
) -> Result<Permit, Error> {
    admit(state, Limit::RegistrationsPerAddress, payment, client).await
}

/// Registers with a permit, and releases it if no account is created.
pub(super) async fn register_admitted(
    state: &State,
    registration: Registration,
    permit: Permit,
    client: &Client,
) -> Result<SignedIn, Error> {
    let purposes = registration.purposes;
    let created = async {
        let Registration { mobile, sms_code, payment, .. } = &registration;
        let (consumed, purpose) =
            consume_any_code(state, mobile, purposes, (sms_code, payment), client).await?;
        let created = create_account(state, registration, client).await;
        restore_code_after(state, &consumed, &created).await;
        Ok((created?, purpose))
    };
    let (created, purpose) = match created.await {
        Ok(created) => created,
        Err(error) => {
            release_permits(state, &[&permit]).await;
            return Err(error);
        }
    };
    let Account { id, mobile, .. } = &created.account;
    log::info!("event=registered user={id} mobile={mobile:?}");
    state.metrics.funnel_step(FunnelStep::Done, purpose.as_str());
    Ok(created.record_sign_in(state, "registration", client))
}

/// Uses up the code of the first of these purposes that has one, and returns that purpose. A wrong code is reported
/// rather than one that is gone.
async fn consume_any_code(
    state: &State,
    mobile: &Mobile,
    purposes: &[Purpose],
    code: (&SmsCode, &Payment),
    client: &Client,
) -> Result<(ConsumedCode, Purpose), Error> {
    let mut refused = Error::SmsCodeGone;
    for purpose in purposes {
        match consume_code(state, mobile, *purpose, code, client).await {
            Ok(consumed) => return Ok((consumed, *purpose)),
            Err(Error::SmsCodeGone) => {}
            Err(error @ Error::SmsCodeWrong { .. }) => refused = error,
            Err(error) => return Err(error),
        }
    }
    Err(refused)
}

async fn create_account(
    state: &State,
    registration: Registration,
    client: &Client,
) -> Result<SignedIn, Error> {
    let Registration { mobile, password, name, terms, .. } = registration;
    let password_hash = state.hasher.hash(&password).await?;
    let account = Account {
        id: users::random_id(),
        mobile,
        name: name.unwrap_or_else(Name::random),
        avatar_url: None,
        status: Status::Active,
        created_at: state.clock.now(),
    };
    let client = client.clone();
    let (at, lifetimes) = (account.created_at, state.lifetimes);
    let limits = state.session_limits;
    let options =
        SessionOptions { at, lifetimes, limits, remember: false, device_last_used_at: None };
    let new = NewUser { account, password_hash: Some(password_hash), terms, external_id: None };
    state
        .db
        .write(async move |connection| {
            users::create(connection, &new).await?;
            let key = create_session(connection, new.account.id, &client, options).await?;
            Ok(SignedIn { account: new.account.clone(), key, max_age: None })
        })
        .await
}
