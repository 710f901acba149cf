//! Lists the sessions of a user.

use super::State;
use crate::{
    errors::Error,
    stores::tables::{sessions, sessions::ListedSession},
};

/// Returns the live sessions and tokens of an account, the last used first.
pub async fn list_sessions(state: &State, user_id: i64) -> Result<Vec<ListedSession>, Error> {
    let (now, lifetimes) = (state.clock.now(), state.lifetimes);
    state
        .db
        .read(async move |connection| sessions::list(connection, user_id, now, lifetimes).await)
        .await
}
