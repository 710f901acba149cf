//! Deletes an account.

use super::{
    State,
    consume_code::forget_codes,
    prove_owner::{OwnerProof, SignedInOwner, prove_owner},
    sessions_changed::sessions_changed,
};
use crate::{domain::client::Client, errors::Error, stores::tables::users};

/// Deletes the account with its sessions, its tokens and the responses stored for its requests. The SMS log is kept for
/// as long as the law requires (R108, R111).
pub async fn delete_account(
    state: &State,
    signed_in: SignedInOwner<'_>,
    proof: Option<OwnerProof>,
    client: &Client,
) -> Result<(), Error> {
    prove_owner(state, signed_in, proof.as_ref(), client).await?;
    let account = signed_in.account;
    let id = account.id;
    state.db.write(async move |connection| users::delete(connection, id).await).await?;
    sessions_changed(state, id);
    log::info!("event=account_deleted user={id} mobile={:?}", account.mobile);
    forget_codes(state, id, &account.mobile).await;
    Ok(())
}
