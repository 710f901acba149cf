//! Do a thing once, however often the request for it arrives.

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

/// The thing itself, or what became of it the first time.
#[derive(Debug)]
pub enum Outcome<T> {
    /// It was done just now.
    First(T),
    /// It had been done before.
    Again(StoredResponse),
}

/// Does the work unless the same wish was fulfilled within a day; without a wish, always.
///
/// Only success is kept. After any failure the key is free: a person mends the form and sends it with
/// the same key, and a failure of ours may pass. Doing it again is harmless, since captcha, SMS code,
/// the slot of the number and the unique index each let one through, key or no key. A crash leaves the
/// key running; after a minute it counts as left over.
///
/// `admit` takes the request's place in the limits of its address. It comes before the claim, so that a request that is
/// refused there writes nothing to the database; its place is given back if another request has the turn.
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
        // The last place may have gone to this very request, which came twice at the same time.
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
    state.db.write(async move |it| idempotency_keys::claim(it, &wanted, clock.now()).await).await
}

/// If the store fails here the work is done all the same, and the key stays in flight for a minute.
async fn settle(
    state: &State,
    record: IdempotencyRecord,
    claimed_at: NaiveDateTime,
    stored: Option<StoredResponse>,
) {
    let settled = state
        .db
        .write(async move |it| match &kept {
            Some(kept) => idempotency_keys::finish(it, &wish, mark, kept).await,
            None => idempotency_keys::release(it, &wish, mark).await,
        })
        .await;
    if let Err(error) = settled {
        log::warn!("event=idempotency_key_not_settled error={error:?}");
    }
}
