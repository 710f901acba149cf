//! Ends sessions: this one, another one, all others.

use super::{State, sessions_changed::sessions_changed};
use crate::{domain::client::ClientSession, errors::Error, stores::tables::sessions};

/// Ends a session of a person on the device that holds it.
///
/// From then on this instance refuses its key, and within a second every other does (R83, R87). A session of somebody else
/// is reported as not found (R85).
pub async fn sign_out(state: &State, session: ClientSession) -> Result<(), Error> {
    let (user_id, public_id) = (session.user_id, session.public_id.clone());
    let ended = state
        .db
        .write(async move |connection| {
            sessions::delete_by_public_id(connection, session.user_id, &session.public_id).await
        })
        .await?;
    if !ended {
        return Err(Error::NotFound);
    }
    sessions_changed(state, user_id);
    log::info!("event=signed_out user={user_id} session={public_id:?}");
    Ok(())
}

/// Does the same to a session on another device, which is told so when it comes back.
pub async fn end_session(state: &State, session: ClientSession) -> Result<(), Error> {
    let ClientSession { user_id, public_id } = session;
    let (now, id) = (state.clock.now(), public_id.clone());
    let ended = state
        .db
        .write(async move |connection| sessions::end(connection, user_id, &id, now).await)
        .await?;
    if !ended {
        return Err(Error::NotFound);
    }
    sessions_changed(state, user_id);
    log::info!("event=signed_out user={user_id} session={public_id:?}");
    Ok(())
}

/// Ends every session and token of an account but this one.
pub async fn sign_out_others(state: &State, this: ClientSession) -> Result<(), Error> {
    let (user_id, now) = (this.user_id, state.clock.now());
    let ended = state
        .db
        .write(async move |connection| {
            sessions::end_others(connection, this.user_id, &this.public_id, now).await
        })
        .await?;
    sessions_changed(state, this.user_id);
    log::info!("event=signed_out_others user={user_id} sessions={ended}");
    Ok(())
}
