//! Who is there: the live session of a key.

use std::net::IpAddr;

use super::State;
use crate::{
    errors::Error,
    stores::tables::{
        sessions,
        sessions::{LiveSession, Lookup, SessionKey},
    },
};

/// The session behind a key, if it is alive; its last use is noted once a minute, with where it came from.
///
/// Fails with [`Error::SignedInElsewhere`] for one that ended because its account held too many.
pub async fn find_session(
    state: &State,
    key: &SessionKey,
    address: Option<IpAddr>,
) -> Result<Option<LiveSession>, Error> {
    if let Some(live) = state.session_cache.find(key) {
        return Ok(Some(live));
    }
    let (asked_at, now) = (state.clock.instant(), state.clock.now());
    let (lifetimes, wanted) = (state.lifetimes, key.clone());
    let found = state
        .db
        .read(async move |connection| sessions::find(connection, &wanted, now, lifetimes).await)
        .await?;
    let mut live = match found {
        Lookup::Live(live) => live,
        Lookup::Over => {
            end_for_good(state, key).await;
            return Ok(None);
        }
        Lookup::Displaced => return Err(Error::SignedInElsewhere),
        Lookup::Nothing => return Ok(None),
    };
    if live.wants_touch(now) {
        let (used, address) = (key.clone(), address.map(|address| address.to_string()));
        let touch =
            async move |it: &mut _| sessions::touch(it, &used, address.as_deref(), now).await;
        match state.db.write_idempotent(touch).await {
            Ok(_) => live.last_seen_at = now,
            // The session is alive all the same; the next request notes it.
            Err(error) => log::warn!("event=session_not_touched error={error:?}"),
        }
    }
    state.session_cache.keep(key, &live, asked_at);
    Ok(Some(live))
}

/// A clock that is set back must not revive it (R139); if the database fails here, the next
/// request or whoever keeps house does it.
async fn end_for_good(state: &State, key: &SessionKey) {
    let over = key.clone();
    let ended = state.db.write_idempotent(async move |it| sessions::delete(it, &over).await).await;
    if let Err(error) = ended {
        log::warn!("event=session_not_ended error={error:?}");
    }
}
