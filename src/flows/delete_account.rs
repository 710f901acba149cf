//! Leave for good.

use super::{
    State,
    change_mobile::{OwnerProof, prove_owner},
};
use crate::{domain::account::Account, errors::Error, stores::users};

/// Deletes the account, and with it its sessions and tokens. The ledger of text messages stays for as
/// long as the law wants it kept (SECURITY R108, R111).
pub async fn delete_account(
    state: &State,
    account: &Account,
    proof: OwnerProof,
) -> Result<(), Error> {
    prove_owner(state, account, &proof).await?;
    let id = account.id;
    state.db.write(move |it| users::delete(it, id)).await?;
    state.codes.forget(&account.mobile).await
}
