//! Does the work of a request once, however often the request arrives.

use chrono::NaiveDateTime;

use super::{State, deliver_sms_code::release_permits};
use crate::{
    errors::Error,
    stores::{
        db::Connection,
        rate_limits::Permit,
        tables::{
            idempotency_keys,
            idempotency_keys::{ClaimResult, IdempotencyRecord, StoredResponse},
        },
    },
};

/// The result of the work, or the response that was stored the first time.
#[derive(Debug)]
pub enum Outcome<T> {
    /// The work was done by this request.
    First(T),
    /// The work had been done before.
    Again(StoredResponse),
}

/// Does the work unless the same request succeeded within a day. Without a record it always does the work.
///
/// Only success is stored. After a failure the key can be used again, since the person corrects the form and sends it
/// with the same key. Doing the work again is harmless: captcha, SMS code, the limits of the number and the unique
/// indexes each admit one, with or without a key. After a crash the key stays in flight for a minute.
///
/// `admit` acquires the permit of the request in the limits of its address. It runs before the key is claimed, so that
/// a refused request writes nothing to the database. The permit is released if another request has claimed the key.
pub async fn idempotent<T>(
    state: &State,
    record: Option<IdempotencyRecord>,
    admit: impl AsyncFnOnce() -> Result<Permit, Error>,
    work: impl AsyncFnOnce(Permit) -> Result<T, Error>,
    to_stored: impl FnOnce(&T) -> Result<StoredResponse, Error>,
) -> Result<Outcome<T>, Error> {
    let Some(record) = record else { return Ok(Outcome::First(work(admit().await?).await?)) };
    if let Some(stored) = find_outcome(state, &record).await? {
        return Ok(Outcome::Again(stored));
    }
    let place = match admit().await {
        Ok(place) => place,
        // The same request may have arrived twice at once, and its twin have taken the last permit.
        Err(refused) => {
            return find_outcome(state, &record).await?.map(Outcome::Again).ok_or(refused);
        }
    };
    let claimed_at = match claim(state, &record).await {
        Ok(ClaimResult::Ours(claimed_at)) => claimed_at,
        Ok(ClaimResult::Done(stored)) => {
            release_permits(state, &[&permit]).await;
            return Ok(Outcome::Again(stored));
        }
        Err(error) => {
            release_permits(state, &[&permit]).await;
            return Err(error);
        }
    };
    match work(permit).await {
        Ok(done) => {
            let stored = to_stored(&done)?;
            settle(state, record, claimed_at, Some(stored)).await;
            Ok(Outcome::First(done))
        }
        Err(error) => {
            settle(state, record, claimed_at, None).await;
            Err(error)
        }
    }
}

/// Reads whether the request was answered before. It writes nothing, so that a page which waits for its first click
/// may ask often; it fails with `KeyInFlight` while the first request is running.
async fn find_outcome(
    state: &State,
    record: &IdempotencyRecord,
) -> Result<Option<StoredResponse>, Error> {
    let (record, now) = (record.clone(), state.clock.now());
    let find = async move |connection: &mut Connection| {
        idempotency_keys::find_outcome(connection, &record, now).await
    };
    state.db.read(find).await
}

async fn claim(state: &State, wish: &IdempotencyRecord) -> Result<ClaimResult, Error> {
    let (wanted, clock) = (wish.clone(), state.clock.clone());
    state
        .db
        .write(async move |connection| {
            idempotency_keys::claim(connection, &wanted, clock.now()).await
        })
        .await
}

/// Stores the response or releases the key. If the database fails here the work is done all the same, and the key stays
/// in flight for a minute.
async fn settle(
    state: &State,
    record: IdempotencyRecord,
    claimed_at: NaiveDateTime,
    stored: Option<StoredResponse>,
) {
    let settled = state
        .db
        .write(async move |connection| match &kept {
            Some(kept) => idempotency_keys::finish(connection, &wish, mark, kept).await,
            None => idempotency_keys::release(connection, &wish, mark).await,
        })
        .await;
    if let Err(error) = settled {
        log::warn!("event=idempotency_key_not_settled error={error:?}");
    }
}
