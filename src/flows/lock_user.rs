//! The operator's actions on an account: lock it, unlock it, end its sessions, delete it.

use chrono::Utc;

use crate::{
    domain::account::{Account, AccountSelector, Status},
    errors::Error,
    stores::{
        db::{Connection, Db},
        tables::{known_devices, login_failures, sessions, users},
    },
};

/// Locks an account, ends its sessions and tokens, and forgets its devices, in one transaction (R86). Returns the account
/// and the number of sessions that ended.
pub async fn lock_user(db: &Db, selector: &AccountSelector) -> Result<(Account, usize), Error> {
    let selector = selector.clone();
    let lock = async move |connection: &mut Connection| {
        let account = find(connection, &selector).await?;
        users::set_status(connection, account.id, Status::Locked, Utc::now()).await?;
        let ended = sessions::delete_all(connection, account.id).await?;
        known_devices::forget_others(connection, account.id, None).await?;
        Ok((account, ended))
    };
    let (account, ended) = db.write(lock).await?;
    log::info!("event=account_locked user={} sessions={ended}", account.id);
    Ok((account, ended))
}

/// Unlocks an account, also after too many failures in a row (R19).
pub async fn unlock_user(db: &Db, selector: &AccountSelector) -> Result<Account, Error> {
    let selector = selector.clone();
    let unlock = async move |connection: &mut Connection| {
        let account = find(connection, &selector).await?;
        login_failures::clear_failures(connection, account.id).await?;
        users::set_status(connection, account.id, Status::Active, Utc::now()).await?;
        Ok(account)
    };
    let account = db.write(unlock).await?;
    log::info!("event=account_unlocked user={}", account.id);
    Ok(account)
}

/// Ends every session and token of an account. Returns the account and the number of sessions that ended.
pub async fn sign_out_user(db: &Db, selector: &AccountSelector) -> Result<(Account, usize), Error> {
    let selector = selector.clone();
    let sign_out = async move |connection: &mut Connection| {
        let account = find(connection, &selector).await?;
        let ended = sessions::delete_all(connection, account.id).await?;
        Ok((account, ended))
    };
    let (account, ended) = db.write(sign_out).await?;
    log::info!("event=signed_out_everywhere user={} sessions={ended}", account.id);
    Ok((account, ended))
}

/// Deletes an account with its sessions and tokens, and returns it. The SMS log is kept, as when the owner deletes the
/// account.
pub async fn delete_user(db: &Db, selector: &AccountSelector) -> Result<Account, Error> {
    let selector = selector.clone();
    let delete = async move |connection: &mut Connection| {
        let account = find(connection, &selector).await?;
        users::delete(connection, account.id).await?;
        Ok(account)
    };
    let account = db.write(delete).await?;
    log::info!("event=account_deleted user={} mobile={:?}", account.id, account.mobile);
    Ok(account)
}

async fn find(connection: &mut Connection, selector: &AccountSelector) -> Result<Account, Error> {
    users::find_by_selector(connection, selector).await?.ok_or(Error::NoAccount)
}
