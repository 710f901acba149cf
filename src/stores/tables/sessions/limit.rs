//! The maximum number of sessions, and of tokens, of an account (R89).

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _};

use super::{
    Kind, SessionLimits, delete_rows,
    displaced::{self, Reason},
    sessions,
};
use crate::{
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// Deletes the sessions of a kind that were idle for longest, until there is room for one more. Their devices are told
/// why.
///
/// The transaction must have written the row of the account before. Sign-ins of one account therefore wait for one
/// another, and eleven at once leave ten sessions.
pub async fn make_room(
    connection: &mut Connection,
    user_id: i64,
    (kind, limits): (Kind, SessionLimits),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let most = limits.of(kind);
    let held = diesel::alias!(sessions as held);
    // Counted by the index alone. For an account with room no row is read, since each may be on another page.
    let count = held
        .filter(held.field(sessions::user_id).eq(user_id))
        .filter(held.field(sessions::kind).eq(kind.as_str()))
        .count()
        .single_value();
    let of_kind = sessions::user_id.eq(user_id).and(sessions::kind.eq(kind.as_str()));
    let oldest_first = sessions::table
        .filter(of_kind.and(count.ge(most)))
        .order((sessions::last_seen_at.desc(), sessions::created_at.desc()))
        .offset(most - 1)
        .limit(1000)
        .select((sessions::key_hash, sessions::expires_at))
        .load::<(String, NaiveDateTime)>(connection)
        .await?;
    if oldest_first.is_empty() {
        return Ok(());
    }
    displaced::insert(connection, user_id, (&oldest_first, Reason::Displaced), now).await?;
    let keys: Vec<_> = oldest_first.into_iter().map(|(key, _)| key).collect();
    delete_rows(connection, &keys).await?;
    Ok(())
}
