//! Deletes an account.

use super::{
    State,
    change_mobile::{OwnerProof, prove_owner},
    consume_code::forget_codes,
};
use crate::{
    domain::{account::Account, client::Client},
    errors::Error,
    stores::tables::users,
};

/// Deletes the account with its sessions, its tokens and the responses stored for its requests. The SMS log is kept for
/// as long as the law requires (R108, R111).
pub async fn delete_account(
    state: &State,
    account: &Account,
    proof: OwnerProof,
    client: &Client,
) -> Result<(), Error> {
    prove_owner(state, account, &proof, client).await?;
    let id = account.id;
    state.db.write(async move |connection| users::delete(connection, id).await).await?;
    state.session_cache.invalidate(id);
    log::info!("event=account_deleted user={id} mobile={:?}", account.mobile);
    forget_codes(state, id, &account.mobile).await;
    Ok(())
}
