//! Runs a request once, however often it arrives.

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

/// The result of a request, or the response that was stored when it first arrived.
#[derive(Debug)]
pub enum Outcome<T> {
    /// The work was done just now.
    First(T),
    /// The work had been done before.
    Again(StoredResponse),
}

/// What admits a request to its work.
pub trait Admission {
    /// Returns the permit that is released if the work is not done.
    fn permit(&self) -> Option<&Permit>;
}

impl Admission for Permit {
    fn permit(&self) -> Option<&Permit> {
        Some(self)
    }
}

/// Does the work unless the same request succeeded within a day; without a record, always.
///
/// Only success is stored. A failure frees the key: a person corrects the form and sends it with the same key, and an
/// outage may pass. Doing the work again is harmless, because captcha, SMS code, the slot of the number and the unique
/// index let one request through, with or without a key. After a crash the key stays claimed for a minute, and then
/// counts as abandoned.
///
/// `admit` asks the limits of the client's address. It runs before the key is claimed, so that a request refused there
/// writes nothing to the database. Its permit is released if another request holds the key.
///
/// `to_stored` turns the result into the response that repeated requests get. It is called only with a record.
pub async fn idempotent<T, A: Admission>(
    state: &State,
    record: Option<IdempotencyRecord>,
    admit: impl AsyncFnOnce() -> Result<A, Error>,
    work: impl AsyncFnOnce(A) -> Result<T, Error>,
    to_stored: impl FnOnce(&T) -> Result<StoredResponse, Error>,
) -> Result<Outcome<T>, Error> {
    let Some(record) = record else { return Ok(Outcome::First(work(admit().await?).await?)) };
    if let Some(stored) = find_outcome(state, &record).await? {
        return Ok(Outcome::Again(stored));
    }
    let admitted = match admit().await {
        Ok(admitted) => admitted,
        // The last permit may have gone to this very request, which arrived twice at the same time.
        Err(refused) => {
            return find_outcome(state, &record).await?.map(Outcome::Again).ok_or(refused);
        }
    };
    let claimed_at = match claim(state, &record).await {
        Ok(ClaimResult::Claimed(claimed_at)) => claimed_at,
        Ok(ClaimResult::Done(stored)) => {
            release_permits(state, admitted.permit().as_slice()).await;
            return Ok(Outcome::Again(stored));
        }
        Err(error) => {
            release_permits(state, admitted.permit().as_slice()).await;
            return Err(error);
        }
    };
    match work(admitted).await {
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

async fn claim(state: &State, record: &IdempotencyRecord) -> Result<ClaimResult, Error> {
    let (record, clock) = (record.clone(), state.clock.clone());
    let claim = async move |connection: &mut Connection| {
        idempotency_keys::claim(connection, &record, clock.now()).await
    };
    state.db.write(claim).await
}

/// Stores the response, or frees the key. If the database fails here, the work is done all the same, and the key stays
/// claimed for a minute.
async fn settle(
    state: &State,
    record: IdempotencyRecord,
    claimed_at: NaiveDateTime,
    stored: Option<StoredResponse>,
) {
    let settle = async move |connection: &mut Connection| match &stored {
        Some(stored) => idempotency_keys::finish(connection, &record, claimed_at, stored).await,
        None => idempotency_keys::release(connection, &record, claimed_at).await,
    };
    if let Err(error) = state.db.write(settle).await {
        log::warn!("event=idempotency_key_not_updated error={error:?}");
    }
}
