//! The operator's hand on an account: lock it, unlock it, end its sessions.

use chrono::Utc;

use crate::{
    domain::{account::Status, mobile::Mobile},
    errors::Error,
    stores::{
        db::{Connection, Db},
        failures, sessions, users,
    },
};

/// Locks an account and ends its sessions and tokens in the same transaction (R86); says how
/// many there were.
pub async fn lock_user(db: &Db, mobile: &Mobile) -> Result<usize, Error> {
    let mobile = mobile.clone();
    let lock = async move |connection: &mut Connection| {
        let id = find(connection, &mobile).await?;
        users::set_status(connection, id, Status::Locked, Utc::now()).await?;
        Ok((id, sessions::delete_all(connection, id).await?))
    };
    let (id, ended) = db.write(lock).await?;
    log::info!("event=account_locked user={id} sessions={ended}");
    Ok(ended)
}

/// Lets an account sign in again, also after too many failures in a row (R19).
pub async fn unlock_user(db: &Db, mobile: &Mobile) -> Result<(), Error> {
    let mobile = mobile.clone();
    let unlock = async move |connection: &mut Connection| {
        let id = find(connection, &mobile).await?;
        failures::forget_failures(connection, id).await?;
        users::set_status(connection, id, Status::Active, Utc::now()).await?;
        Ok(id)
    };
    let id = db.write(unlock).await?;
    log::info!("event=account_unlocked user={id}");
    Ok(())
}

/// Ends every session and token of an account; says how many there were.
pub async fn sign_out_user(db: &Db, mobile: &Mobile) -> Result<usize, Error> {
    let mobile = mobile.clone();
    let sign_out = async move |connection: &mut Connection| {
        let id = find(connection, &mobile).await?;
        Ok((id, sessions::delete_all(connection, id).await?))
    };
    let (id, ended) = db.write(sign_out).await?;
    log::info!("event=signed_out_everywhere user={id} sessions={ended}");
    Ok(ended)
}

async fn find(connection: &mut Connection, mobile: &Mobile) -> Result<i64, Error> {
    users::id_of_mobile(connection, mobile).await?.ok_or(Error::NoAccount)
}
