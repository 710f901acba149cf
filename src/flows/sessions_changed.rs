//! What follows when sessions of an account have changed or ended.

use super::{State, oauth::notify_clients::notify_clients};

/// Drops the cached sessions of an account, and tells applications of those that have ended, in the background.
pub(super) fn sessions_changed(state: &State, user_id: i64) {
    state.session_cache.invalidate(user_id);
    let owned = state.clone();
    state.spawn(async move {
        if let Err(error) = notify_clients(&owned, Some(user_id)).await {
            log::warn!("event=oauth_logout_failed error={error:?}");
        }
    });
}
