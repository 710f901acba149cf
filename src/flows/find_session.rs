//! Looks up the session of a key by the hash of the key.

use std::net::IpAddr;

use super::State;
use crate::{
    errors::Error,
    stores::tables::{
        sessions,
        sessions::{KeyHash, Lookup},
    },
};

/// Returns the session of the key with this hash, or why it is not live. The last use of a live one is recorded at most once a minute, with
/// the address it came from.
pub async fn find_session(
    state: &State,
    key: &KeyHash,
    address: Option<IpAddr>,
) -> Result<Lookup, Error> {
    if let Some(live) = state.session_cache.get(key) {
        return Ok(Lookup::Live(live));
    }
    let (asked_at, now) = (state.clock.instant(), state.clock.now());
    let (lifetimes, wanted) = (state.lifetimes, key.clone());
    let found = state
        .db
        .read(async move |connection| sessions::find(connection, &wanted, now, lifetimes).await)
        .await?;
    let mut live = match found {
        Lookup::Live(live) => live,
        Lookup::Expired => {
            delete_expired(state, key).await;
            return Ok(Lookup::Expired);
        }
        ended @ (Lookup::Displaced | Lookup::Ended | Lookup::NotFound) => return Ok(ended),
    };
    if live.needs_touch(now) {
        let (owned_key, address) = (key.clone(), address.map(|address| address.to_string()));
        let touch = async move |connection: &mut _| {
            sessions::touch(connection, &owned_key, address.as_deref(), now).await
        };
        match state.db.write_idempotent(touch).await {
            Ok(_) => live.last_seen_at = now,
            // The session is live all the same; the next request records its use.
            Err(error) => log::warn!("event=session_use_not_recorded error={error:?}"),
        }
    }
    state.session_cache.insert(key, &live, asked_at);
    Ok(Lookup::Live(live))
}

/// Deletes the row of an expired session, so that a clock that is set back cannot revive it (R139). If the database
/// fails here, the next request or the cleanup does it.
async fn delete_expired(state: &State, key: &KeyHash) {
    let expired = key.clone();
    let ended = state
        .db
        .write_idempotent(async move |connection| sessions::delete(connection, &expired).await)
        .await;
    if let Err(error) = ended {
        log::warn!("event=expired_session_not_deleted error={error:?}");
    }
}
