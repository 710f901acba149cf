//! Sets a new password for a user who has verified the number.

use super::{
    State,
    admit::Payment,
    admit_attempt::{AdmittedAttempt, PaidFor},
    consume_code::{admit_code_try, consume_admitted_code, forget_codes, restore_code_after},
    idempotency::idempotent,
    notify_owner::notify_owner,
    sessions_changed::sessions_changed,
};
use crate::{
    domain::{
        client::Client, device::DeviceId, mobile::Mobile, password::Password, purpose::Purpose,
        sms_code::SmsCode, sms_message::Notice,
    },
    errors::Error,
    metrics::FunnelStep,
    stores::{
        codes::ConsumedCode,
        tables::{
            idempotency_keys::{IdempotencyRecord, StoredResponse},
            known_devices, login_failures, sessions, users,
        },
    },
};

/// A request to reset the password.
#[derive(Clone, Debug)]
pub struct PasswordReset {
    /// The number of the account.
    pub mobile: Mobile,
    /// The code that was sent to the number.
    pub sms_code: SmsCode,
    /// What it brings to pay with.
    pub payment: Payment,
    /// The new password. It has passed the policy, so that a password that is refused does not use up the code.
    pub password: Password,
}

/// Sets the password, ends every session and token of the account, and makes every other device unknown to it.
///
/// It is one transaction. The person then signs in, and the owner is notified by text message (R76, R84). A repeated
/// request does nothing.
pub async fn reset_password_once(
    state: &State,
    record: Option<IdempotencyRecord>,
    reset: PasswordReset,
    client: &Client,
) -> Result<(), Error> {
    let payment = reset.payment.clone();
    let admit = async || admit_code_try(state, PaidFor::Nothing, &payment, client).await;
    let work = async |admitted| reset_password(state, admitted, reset, client).await;
    let to_stored =
        |id: &i64| Ok(StoredResponse { status: 200, body: "{}".to_owned(), user_id: Some(*id) });
    idempotent(state, record, admit, work, to_stored).await.map(drop)
}

/// Returns the id of the account.
async fn reset_password(
    state: &State,
    admitted: AdmittedAttempt,
    reset: PasswordReset,
    client: &Client,
) -> Result<i64, Error> {
    let PasswordReset { mobile, sms_code, password, payment } = reset;
    let typed = (&mobile, Purpose::Reset, &sms_code);
    let consumed = consume_admitted_code(state, admitted, typed, &payment, client).await?;
    let result = set_password(state, &mobile, &password, &consumed, client.device).await;
    restore_code_after(state, &consumed, &result).await;
    let id = result?;
    sessions_changed(state, id);
    state.metrics.funnel_step(FunnelStep::Done, Purpose::Reset.as_str());
    log::info!("event=password_reset mobile={mobile:?}");
    notify_owner(state, &mobile, Notice::PasswordReset, client);
    forget_codes(state, id, &mobile).await;
    Ok(id)
}

async fn set_password(
    state: &State,
    mobile: &Mobile,
    password: &Password,
    consumed: &ConsumedCode,
    device: Option<DeviceId>,
) -> Result<i64, Error> {
    let password_hash = state.hasher.hash(password).await?;
    let (mobile, now) = (mobile.clone(), state.clock.now());
    let is_known = consumed.is_by_known_device();
    state
        .db
        .write(async move |connection| {
            // A number without an account was sent nothing, so this code was guessed.
            let account =
                users::find_by_mobile(connection, &mobile).await?.ok_or(Error::SmsCodeGone)?;
            if !is_known {
                login_failures::require_code_sign_in_open(connection, account.id).await?;
            }
            users::set_password_hash(connection, account.id, &password_hash, now).await?;
            sessions::end_all(connection, account.id, now).await?;
            known_devices::forget_others(connection, account.id, device).await?;
            Ok(account.id)
        })
        .await
}
