//! The responses to requests with an idempotency key, for a day. The row is the lock.
//!
//! A row holds the response and nothing else: no cookie, no session, no password, no code. A row whose response is
//! about an account is deleted with that account.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SubsecRound as _, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _, result::DatabaseErrorKind,
};

use super::schema::idempotency_keys;
use crate::{
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// How long the first response is repeated (R136).
const RETENTION: Duration = Duration::from_hours(24);
/// Maximum duration of a request. After that it must have crashed.
const MAX_RUN: Duration = Duration::from_mins(1);
/// When it is worth asking again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Identifies a request that may arrive twice.
#[derive(Clone, Debug)]
pub struct IdempotencyRecord {
    /// Hash of the endpoint and the client's key.
    pub key_hash: String,
    /// The endpoint.
    pub endpoint: &'static str,
    /// HMAC of everything in the request.
    pub body_hmac: String,
    /// The same values under the server's former keys.
    pub older: Vec<Self>,
}

/// A response that can be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResponse {
    /// The HTTP status.
    pub status: u16,
    /// The `data` of the envelope, as JSON.
    pub body: String,
    /// The account that the data is about, if there is one.
    pub user_id: Option<i64>,
}

/// The result of claiming a key.
#[derive(Debug)]
pub enum ClaimResult {
    /// The caller does the work, and then calls [`finish`] or [`release`] with this time of the claim.
    Claimed(NaiveDateTime),
    /// The work was done before.
    Done(StoredResponse),
}

/// Returns the response to an earlier request of this key. It writes nothing.
///
/// `None` means that the key can be claimed. Fails as [`claim`] does if the key belongs to another request, and while
/// the earlier request is being worked on.
pub async fn find_outcome(
    connection: &mut Connection,
    record: &IdempotencyRecord,
    now: DateTime<Utc>,
) -> Result<Option<StoredResponse>, Error> {
    let now = now.naive_utc().trunc_subsecs(6);
    for key in [record].into_iter().chain(&record.older) {
        if let Some(row) = find(connection, key).await? {
            match row.state_for(key, now)? {
                RowState::Done(response) => return Ok(Some(response)),
                RowState::Abandoned => {}
            }
        }
    }
    Ok(None)
}

/// Claims the key, or returns the response to an earlier request. [`find_outcome`] must have looked for the former keys
/// before.
pub async fn claim(
    connection: &mut Connection,
    record: &IdempotencyRecord,
    now: DateTime<Utc>,
) -> Result<ClaimResult, Error> {
    let claimed_at = now.naive_utc().trunc_subsecs(6);
    if insert(connection, record, claimed_at).await? {
        return Ok(ClaimResult::Claimed(claimed_at));
    }
    // Another request has inserted the row: one at the same time, or one that never finished.
    let row =
        find(connection, record).await?.ok_or(Error::KeyInFlight { retry_after: RETRY_AFTER })?;
    match row.state_for(record, claimed_at)? {
        RowState::Done(response) => Ok(ClaimResult::Done(response)),
        RowState::Abandoned => take_over(connection, record, row.created_at, claimed_at).await,
    }
}

/// Stores the response, unless another request has taken the key over after [`MAX_RUN`].
pub async fn finish(
    connection: &mut Connection,
    record: &IdempotencyRecord,
    claimed_at: NaiveDateTime,
    response: &StoredResponse,
) -> Result<(), Error> {
    let own = idempotency_keys::table
        .find(&record.key_hash)
        .filter(idempotency_keys::created_at.eq(claimed_at));
    diesel::update(own)
        .set((
            idempotency_keys::state.eq("done"),
            idempotency_keys::status.eq(i32::from(response.status)),
            idempotency_keys::body.eq(&response.body),
            idempotency_keys::user_id.eq(response.user_id),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Releases the key after a failure: trying again does nothing twice.
pub async fn release(
    connection: &mut Connection,
    record: &IdempotencyRecord,
    claimed_at: NaiveDateTime,
) -> Result<(), Error> {
    let own = idempotency_keys::table
        .find(&record.key_hash)
        .filter(idempotency_keys::created_at.eq(claimed_at));
    diesel::delete(own).execute(connection).await?;
    Ok(())
}

/// Deletes rows that are older than a day, the oldest first and at most `batch`. Returns their number.
pub async fn purge_expired(
    connection: &mut Connection,
    now: DateTime<Utc>,
    batch: i64,
) -> Result<usize, Error> {
    let expired = idempotency_keys::created_at.le((now - RETENTION).naive_utc());
    let keys = idempotency_keys::table
        .filter(expired)
        .order(idempotency_keys::created_at)
        .limit(batch)
        .select(idempotency_keys::key_hash)
        .load::<String>(connection)
        .await?;
    if keys.is_empty() {
        return Ok(0);
    }
    // A row may have been taken over meanwhile, which makes it new again.
    let rows = idempotency_keys::table.filter(idempotency_keys::key_hash.eq_any(&keys));
    Ok(diesel::delete(rows.filter(expired)).execute(connection).await?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct Row {
    endpoint: String,
    body_hmac: String,
    state: String,
    status: Option<i32>,
    body: Option<String>,
    created_at: NaiveDateTime,
    user_id: Option<i64>,
}

/// The state of a row, for a repeated request.
enum RowState {
    Done(StoredResponse),
    /// The row has expired, or its request never finished.
    Abandoned,
}

impl Row {
    fn state_for(&self, record: &IdempotencyRecord, now: NaiveDateTime) -> Result<RowState, Error> {
        let is_another = self.endpoint != record.endpoint || self.body_hmac != record.body_hmac;
        if is_another && self.created_at + RETENTION > now {
            return Err(Error::KeyReused);
        }
        if self.is_abandoned(now) {
            return Ok(RowState::Abandoned);
        }
        match (self.state.as_str(), self.status.map(u16::try_from), &self.body) {
            ("done", Some(Ok(status)), Some(body)) => Ok(RowState::Done(StoredResponse {
                status,
                body: body.clone(),
                user_id: self.user_id,
            })),
            ("running", _, _) => Err(Error::KeyInFlight { retry_after: RETRY_AFTER }),
            _ => Err(Error::internal("an idempotency key is in no known state")),
        }
    }

    /// Returns whether the row has expired, or its request never finished.
    fn is_abandoned(&self, now: NaiveDateTime) -> bool {
        let life = if self.state == "running" { MAX_RUN } else { RETENTION };
        self.created_at + life <= now
    }
}

async fn find(
    connection: &mut Connection,
    record: &IdempotencyRecord,
) -> Result<Option<Row>, Error> {
    let row = idempotency_keys::table.find(&record.key_hash).select(Row::as_select());
    Ok(row.first(connection).await.optional()?)
}

/// Inserts the row. Returns `false` if there is one already: the primary key decides.
async fn insert(
    connection: &mut Connection,
    record: &IdempotencyRecord,
    claimed_at: NaiveDateTime,
) -> Result<bool, Error> {
    let values = (
        idempotency_keys::key_hash.eq(&record.key_hash),
        idempotency_keys::endpoint.eq(record.endpoint),
        idempotency_keys::body_hmac.eq(&record.body_hmac),
        idempotency_keys::state.eq("running"),
        idempotency_keys::created_at.eq(claimed_at),
    );
    match diesel::insert_into(idempotency_keys::table).values(values).execute(connection).await {
        Ok(_) => Ok(true),
        Err(diesel::result::Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes over an abandoned row. Of many at once one succeeds, since the row must still have the old time of its claim.
async fn take_over(
    connection: &mut Connection,
    record: &IdempotencyRecord,
    old: NaiveDateTime,
    claimed_at: NaiveDateTime,
) -> Result<ClaimResult, Error> {
    let left_over =
        idempotency_keys::table.find(&record.key_hash).filter(idempotency_keys::created_at.eq(old));
    let taken = diesel::update(left_over)
        .set((
            idempotency_keys::endpoint.eq(record.endpoint),
            idempotency_keys::body_hmac.eq(&record.body_hmac),
            idempotency_keys::state.eq("running"),
            idempotency_keys::status.eq(None::<i32>),
            idempotency_keys::body.eq(None::<String>),
            idempotency_keys::user_id.eq(None::<i64>),
            idempotency_keys::created_at.eq(claimed_at),
        ))
        .execute(connection)
        .await?;
    if taken == 1 {
        return Ok(ClaimResult::Claimed(claimed_at));
    }
    Err(Error::KeyInFlight { retry_after: RETRY_AFTER })
}
