//! Ends sessions from another device, which the devices that held them are told.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{ExpressionMethods as _, QueryDsl as _};

use super::{
    delete_rows,
    displaced::{self, Reason},
    sessions,
};
use crate::{
    errors::Error,
    stores::{
        db::{Connection, RunQueryDsl as _},
        tables::oauth_grants,
    },
};

/// Ends one of a person's own sessions. Returns `false` if there is none, also for a session of somebody else (R85).
pub async fn end(
    connection: &mut Connection,
    user_id: i64,
    public_id: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let own = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::public_id.eq(public_id))
        .select((sessions::key_hash, sessions::expires_at))
        .load(connection)
        .await?;
    oauth_grants::end_offline_access(connection, user_id, |session| session == public_id).await?;
    Ok(end_rows(connection, user_id, own, now).await? == 1)
}

/// Ends every session of an account but one. Returns their number.
pub async fn end_others(
    connection: &mut Connection,
    user_id: i64,
    keep_public_id: &str,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    let others = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::public_id.ne(keep_public_id))
        .select((sessions::key_hash, sessions::expires_at))
        .load(connection)
        .await?;
    let is_other = |session: &str| session != keep_public_id;
    oauth_grants::end_offline_access(connection, user_id, is_other).await?;
    end_rows(connection, user_id, others, now).await
}

/// Ends every session of an account. Returns their number.
pub async fn end_all(
    connection: &mut Connection,
    user_id: i64,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    // No session has an empty id.
    end_others(connection, user_id, "", now).await
}

async fn end_rows(
    connection: &mut Connection,
    user_id: i64,
    rows: Vec<(String, NaiveDateTime)>,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    displaced::insert(connection, user_id, (&rows, Reason::Ended), now).await?;
    let keys: Vec<_> = rows.into_iter().map(|(key, _)| key).collect();
    delete_rows(connection, &keys).await
}
