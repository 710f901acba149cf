//! Moves an account to another mobile number.

use super::{
    State,
    admit::Payment,
    consume_code::{consume_code, forget_codes, restore_code_after},
    prove_owner::{OwnerProof, SignedInOwner, prove_owner},
};
use crate::{
    domain::{client::Client, mobile::Mobile, purpose::Purpose, sms_code::SmsCode},
    errors::Error,
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
    pub owner: Option<OwnerProof>,
    /// What it brings to pay with.
    pub payment: Payment,
}

/// Checks both proofs and moves the account. Every session and token but the one that asks ends in the same
/// transaction, and every other device is unknown to the account from then on.
///
/// Fails if another account has the number: the unique index decides.
pub async fn change_mobile(
    state: &State,
    signed_in: SignedInOwner<'_>,
    change: MobileChange,
    client: &Client,
) -> Result<(), Error> {
    let MobileChange { mobile, sms_code, owner, payment } = change;
    let account = signed_in.account;
    if mobile == account.mobile {
        return Err(Error::OwnMobile);
    }
    prove_owner(state, signed_in, owner.as_ref(), client).await?;
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
                Some(this) => sessions::end_others(connection, id, &this.public_id, now).await,
                None => sessions::end_all(connection, id, now).await,
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
