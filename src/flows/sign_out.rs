//! End the session that a request came with.

use super::State;
use crate::{errors::Error, stores::sessions};

/// Ends a session; when this returns, no instance believes its key any more (SECURITY R83, R87).
pub async fn sign_out(state: &State, user_id: i64, public_id: String) -> Result<(), Error> {
    state
        .db
        .write(move |connection| {
            sessions::delete_by_public_id(connection, user_id, &public_id).map(drop)
        })
        .await
}
