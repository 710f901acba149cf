//! Who is there: the live session of a key.

use chrono::Utc;

use super::State;
use crate::{
    errors::Error,
    stores::sessions::{self, LiveSession, SessionKey},
};

/// The session behind a key, if it is alive; its last use is noted once a minute.
pub async fn find_session(state: &State, key: &SessionKey) -> Result<Option<LiveSession>, Error> {
    let (now, lifetimes, wanted) = (Utc::now(), state.lifetimes, key.clone());
    let found = state
        .db
        .read(move |connection| sessions::find_live(connection, &wanted, now, lifetimes))
        .await?;
    if found.as_ref().is_some_and(|it| it.wants_touch(now)) {
        let used = key.clone();
        state.db.write(move |connection| sessions::touch(connection, &used, now)).await?;
    }
    Ok(found)
}
