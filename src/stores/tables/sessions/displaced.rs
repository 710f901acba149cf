//! Keys of sessions that ended otherwise than by age or on their own device, so that the device can be shown the reason.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};

use super::{KeyHash, displaced_sessions};
use crate::{
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// Maximum number of keys per account, so that signing in again and again does not fill the table.
const MAX_PER_ACCOUNT: i64 = 20;

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Its account had too many.
    Displaced,
    /// Its owner ended it from another device, or changed what sessions depend on.
    Ended,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Displaced => "displaced",
            Self::Ended => "ended",
        }
    }
}

/// Returns why the session of the key with this hash ended, if it is such a one and would not have expired yet.
pub(super) async fn reason_of(
    connection: &mut Connection,
    key: &KeyHash,
    now: DateTime<Utc>,
) -> Result<Option<Reason>, Error> {
    let reason = displaced_sessions::table
        .find(key.as_str())
        .filter(displaced_sessions::expires_at.gt(now.naive_utc()))
        .select(displaced_sessions::reason)
        .first::<String>(connection)
        .await
        .optional()?;
    let reasons = [Reason::Displaced, Reason::Ended];
    Ok(reason.and_then(|text| reasons.into_iter().find(|reason| reason.as_str() == text)))
}

/// Stores these keys until their sessions would have expired, and deletes the oldest ones of the account beyond the
/// maximum.
pub(super) async fn insert(
    connection: &mut Connection,
    user_id: i64,
    (keys, reason): (&[(String, NaiveDateTime)], Reason),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    for (key_hash, expires_at) in keys {
        let values = (
            displaced_sessions::key_hash.eq(key_hash),
            displaced_sessions::user_id.eq(user_id),
            displaced_sessions::displaced_at.eq(now.naive_utc()),
            displaced_sessions::expires_at.eq(expires_at),
            displaced_sessions::reason.eq(reason.as_str()),
        );
        diesel::insert_into(displaced_sessions::table).values(values).execute(connection).await?;
    }
    let superfluous = displaced_sessions::table
        .filter(displaced_sessions::user_id.eq(user_id))
        .order(displaced_sessions::displaced_at.desc())
        .offset(MAX_PER_ACCOUNT)
        .limit(1000)
        .select(displaced_sessions::key_hash)
        .load::<String>(connection)
        .await?;
    delete_rows(connection, &superfluous).await?;
    Ok(())
}

/// Deletes keys of sessions that would have expired by now, the oldest first and at most `batch`. Returns their number.
pub async fn purge_displaced(
    connection: &mut Connection,
    now: DateTime<Utc>,
    batch: i64,
) -> Result<usize, Error> {
    let expired = displaced_sessions::table
        .filter(displaced_sessions::expires_at.le(now.naive_utc()))
        .order(displaced_sessions::expires_at)
        .limit(batch)
        .select(displaced_sessions::key_hash)
        .load::<String>(connection)
        .await?;
    delete_rows(connection, &expired).await
}

async fn delete_rows(connection: &mut Connection, key_hashes: &[String]) -> Result<usize, Error> {
    if key_hashes.is_empty() {
        return Ok(0);
    }
    let rows = displaced_sessions::table.filter(displaced_sessions::key_hash.eq_any(key_hashes));
    Ok(diesel::delete(rows).execute(connection).await?)
}
