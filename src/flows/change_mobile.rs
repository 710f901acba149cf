//! Move the account to another number.

use super::{
    State,
    change_password::check_password,
    consume_code::{consume_code, forget_codes, restore_code_after},
};
use crate::{
    domain::{
        account::Account, client::Client, mobile::Mobile, password::Password, purpose::Purpose,
        sms_code::SmsCode,
    },
    errors::Error,
    metrics::FunnelStep,
    stores::tables::{sessions, users},
};

/// A wish to have another number.
#[derive(Debug)]
pub struct MobileChange {
    /// The number to come.
    pub mobile: Mobile,
    /// The proof that the person holds it.
    pub sms_code: SmsCode,
    /// The proof that it is the account's owner.
    pub owner: OwnerProof,
}

/// What shows that somebody who is signed in is the account's owner, and not a passer-by at an open
/// screen.
#[derive(Debug)]
pub enum OwnerProof {
    /// The current password.
    Password(Password),
    /// A code texted to the account's number for [`Purpose::Rebind`].
    SmsCode(SmsCode),
}

/// Moves the account: both proofs, then the number, which the unique index may still refuse. Every session and token of
/// the account but the one that asks ends in the same transaction.
pub async fn change_mobile(
    state: &State,
    account: &Account,
    change: MobileChange,
    client: &Client,
) -> Result<(), Error> {
    let MobileChange { mobile, sms_code, owner } = change;
    if mobile == account.mobile {
        return Err(Error::OwnMobile);
    }
    prove_owner(state, account, &owner, client).await?;
    let spent = consume_code(state, &mobile, Purpose::Rebind, &sms_code, client).await?;
    let (id, now, new) = (account.id, state.clock.now(), mobile.clone());
    let this = client.session.clone();
    let moved = state
        .db
        .write(async move |connection| {
            users::set_mobile(connection, id, &new, now).await?;
            match &this {
                Some(this) => sessions::delete_others(connection, id, &this.public_id).await,
                None => sessions::delete_all(connection, id).await,
            }
        })
        .await;
    restore_code_after(state, &spent, &moved).await;
    let ended = moved?;
    state.session_cache.forget(id);
    state.metrics.funnel_step(FunnelStep::Done, Purpose::Rebind.as_str());
    log::info!(
        "event=mobile_changed user={id} from={:?} to={mobile:?} sessions={ended}",
        account.mobile
    );
    // Codes texted to the old number are worth nothing for this account any more.
    forget_codes(state, id, &account.mobile).await;
    Ok(())
}

/// Checks that it is the owner.
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
            consume_code(state, &account.mobile, Purpose::Rebind, code, client).await.map(drop)
        }
    }
}
