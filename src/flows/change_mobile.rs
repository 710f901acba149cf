//! Moves an account to another mobile number.

use super::{
    State,
    admit::Payment,
    change_password::check_password,
    consume_code::{consume_code, forget_codes, restore_code_after},
};
use crate::{
    domain::{
        account::Account, client::Client, mobile::Mobile, password::Password, purpose::Purpose,
        sms_code::SmsCode,
    },
    errors::{Error, LimitMessage},
    metrics::FunnelStep,
    stores::tables::{known_devices, sessions, users},
};

/// A request to change the mobile number of an account.
#[derive(Debug)]
pub struct MobileChange {
    /// The new number.
    pub mobile: Mobile,
    /// The code that was sent to the new number.
    pub sms_code: SmsCode,
    /// The proof that the owner of the account asks for the change.
    pub owner: OwnerProof,
    /// What it brings to pay with.
    pub payment: Payment,
}

/// Proves that the owner of the account sits at the screen, and not somebody who found it unlocked.
#[derive(Debug)]
pub enum OwnerProof {
    /// The current password.
    Password(Password),
    /// A code sent to the present number of the account for [`Purpose::Rebind`].
    SmsCode(SmsCode),
}

/// Checks both proofs and moves the account. Every session and token but the one that asks ends in the same
/// transaction, and every other device is unknown to the account from then on.
///
/// Fails if another account has the number: the unique index decides.
pub async fn change_mobile(
    state: &State,
    account: &Account,
    change: MobileChange,
    client: &Client,
) -> Result<(), Error> {
    let MobileChange { mobile, sms_code, owner, payment } = change;
    if mobile == account.mobile {
        return Err(Error::OwnMobile);
    }
    prove_owner(state, account, &owner, client).await?;
    let consumed =
        consume_code(state, &mobile, Purpose::Rebind, (&sms_code, &payment), client).await?;
    let (id, now, new) = (account.id, state.clock.now(), mobile.clone());
    let (this, device) = (client.session.clone(), client.device);
    let changed = state
        .db
        .write(async move |connection| {
            users::set_mobile(connection, id, &new, now).await?;
            known_devices::forget_others(connection, id, device).await?;
            match &this {
                Some(this) => sessions::delete_others(connection, id, &this.public_id).await,
                None => sessions::delete_all(connection, id).await,
            }
        })
        .await;
    restore_code_after(state, &consumed, &changed).await;
    let ended = changed?;
    state.session_cache.invalidate(id);
    state.metrics.funnel_step(FunnelStep::Done, Purpose::Rebind.as_str());
    log::info!(
        "event=mobile_changed user={id} from={:?} to={mobile:?} sessions={ended}",
        account.mobile
    );
    // Codes sent to the old number are no longer valid for this account.
    forget_codes(state, id, &account.mobile).await;
    Ok(())
}

/// Checks the proof of ownership.
pub(super) async fn prove_owner(
    state: &State,
    account: &Account,
    proof: &OwnerProof,
    client: &Client,
) -> Result<(), Error> {
    match proof {
        OwnerProof::Password(password) => {
            check_password(state, account, password, client).await.map(drop)
        }
        OwnerProof::SmsCode(code) => {
            let code = (code, &Payment::default());
            let consumed =
                consume_code(state, &account.mobile, Purpose::Rebind, code, client).await;
            // The password proves the same, so a code has no price here.
            consumed.map(drop).map_err(|error| {
                let Error::PriceRequired(price) = error else { return error };
                let retry_after = price.retry_after().unwrap_or_default();
                Error::TooOften { limit: LimitMessage::WrongCodes, retry_after }
            })
        }
    }
}
