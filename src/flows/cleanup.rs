//! Removes what need not be kept any longer: expired sessions, old records of text messages, and answers
//! for requests that came with a key.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::Rng as _;
use tokio::time::{Instant, sleep};

use super::{State, deliver_sms_code::release_permits};
use crate::{
    errors::Error,
    stores::tables::{idempotency_keys, sessions, sms_events, sms_log},
};

/// Rows of each kind in one transaction: others wait for it a few milliseconds at most.
const STEP: i64 = 500;
/// Between two steps, for those who wait.
const PAUSE: Duration = Duration::from_millis(100);
/// How long one goes on: half as long as the place is held. What is left goes the next time.
const LONGEST: Duration = Duration::from_mins(5);

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Expired sessions, and keys of those that ended for want of room.
    pub sessions: usize,
    /// Messages, each with its attempts.
    pub messages: usize,
    /// Answers that are a day old.
    pub idempotency_keys: usize,
    /// What else happened to numbers, a day ago and before.
    pub sms_events: usize,
}

/// Keeps house until it is dropped: some minutes after the start, and then every hour, not all
/// instances at once.
pub async fn run_cleanup_forever(state: State) {
    let mut minutes = 2..5;
    loop {
        let seconds = rand::rng().random_range(minutes.start * 60..minutes.end * 60);
        sleep(Duration::from_secs(seconds)).await;
        minutes = 50..70;
        match cleanup(&state, state.clock.now()).await {
            Ok(None) => {}
            Ok(Some(it)) => log::info!(
                "event=house_kept sessions={} messages={} idempotency_keys={} sms_events={}",
                it.sessions,
                it.messages,
                it.idempotency_keys,
                it.sms_events
            ),
            Err(error) => log::warn!("event=house_not_kept error={error:?}"),
        }
    }
}

/// Removes what is too old now; `None` when another instance is at it.
///
/// The place in the kv store spares the database many brooms at once, and is all that it takes to be
/// one: it works on every home and outlives no crash by more than ten minutes. Nothing depends on it,
/// since every step is a transaction that two can run at once: a holder that was stopped and wakes up
/// late does no harm, nor do instances on one database without a Redis.
pub async fn cleanup(state: &State, now: DateTime<Utc>) -> Result<Option<Removed>, Error> {
    let Some(place) = state.rate_limits.cleanup().await? else { return Ok(None) };
    let removed = remove(state, now).await;
    release_permits(state, &[&place]).await;
    removed.map(Some)
}

async fn remove(state: &State, now: DateTime<Utc>) -> Result<Removed, Error> {
    let (kept, end) = (now - state.sms_log_retention, Instant::now() + LONGEST);
    let mut all = Removed::default();
    loop {
        let db = &state.db;
        let step = Removed {
            sessions: db
                .write(async move |it| {
                    let displaced = sessions::purge_displaced(it, now, STEP).await?;
                    Ok(displaced + sessions::purge_expired(it, now, STEP).await?)
                })
                .await?,
            messages: db.write(async move |it| sms_log::purge(it, kept, STEP).await).await?,
            idempotency_keys: db
                .write(async move |it| idempotency_keys::purge_expired(it, now, STEP).await)
                .await?,
            sms_events: db.write(async move |it| sms_events::purge(it, now, STEP).await).await?,
        };
        all.sessions += step.sessions;
        all.messages += step.messages;
        all.idempotency_keys += step.idempotency_keys;
        all.sms_events += step.sms_events;
        if step == Removed::default() || Instant::now() >= end {
            return Ok(all);
        }
        sleep(PAUSE).await;
    }
}
