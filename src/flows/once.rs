//! Do a thing once, however often the request for it arrives.

use chrono::NaiveDateTime;

use super::State;
use crate::{
    errors::Error,
    stores::idempotency::{self, Claim, Kept, Repeatable},
};

/// The thing itself, or what became of it the first time.
#[derive(Debug)]
pub enum Turn<T> {
    /// It was done just now.
    First(T),
    /// It had been done before.
    Again(Kept),
}

/// Does the work unless the same wish was fulfilled within a day; without a wish, always.
///
/// Only success is kept. After any failure the key is free: a person mends the form and sends it with
/// the same key, and a failure of ours may pass. Doing it again is harmless, since captcha, SMS code,
/// the slot of the number and the unique index each let one through, key or no key. A crash leaves the
/// key running; after a minute it counts as left over.
pub async fn once<T>(
    state: &State,
    wish: Option<Repeatable>,
    work: impl AsyncFnOnce() -> Result<T, Error>,
    keep: impl FnOnce(&T) -> Result<Kept, Error>,
) -> Result<Turn<T>, Error> {
    let Some(wish) = wish else { return Ok(Turn::First(work().await?)) };
    let (wanted, clock) = (wish.clone(), state.clock.clone());
    let mark = match state
        .db
        .write(async move |it| idempotency::claim(it, &wanted, clock.now()).await)
        .await?
    {
        Claim::Done(kept) => return Ok(Turn::Again(kept)),
        Claim::Ours(mark) => mark,
    };
    match work().await {
        Ok(done) => {
            let kept = keep(&done)?;
            settle(state, wish, mark, Some(kept)).await;
            Ok(Turn::First(done))
        }
        Err(error) => {
            settle(state, wish, mark, None).await;
            Err(error)
        }
    }
}

/// If the store fails here the work is done all the same, and the key stays in flight for a minute.
async fn settle(state: &State, wish: Repeatable, mark: NaiveDateTime, kept: Option<Kept>) {
    let settled = state
        .db
        .write(async move |it| match &kept {
            Some(kept) => idempotency::finish(it, &wish, mark, kept).await,
            None => idempotency::release(it, &wish, mark).await,
        })
        .await;
    if let Err(error) = settled {
        log::warn!("event=idempotency_key_not_settled error={error:?}");
    }
}
