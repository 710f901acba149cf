//! Deletes expired data: sessions, the SMS log, responses stored for idempotency keys, SMS events, and devices that were
//! not used for long.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::Rng as _;
use tokio::time::{Instant, sleep};

use super::{State, deliver_sms_code::release_permits};
use crate::{
    errors::Error,
    stores::tables::{
        idempotency_keys, known_devices, oauth_grants, oauth_tokens, sessions, sms_events, sms_log,
    },
};

/// Maximum number of rows of each table that one transaction deletes, so that others wait for it a few milliseconds at
/// most.
const BATCH: i64 = 500;
/// Pause between two transactions, in which others can write.
const PAUSE: Duration = Duration::from_millis(100);
/// Maximum duration of one run, half the lifetime of the permit. The next run deletes the rest.
const MAX_DURATION: Duration = Duration::from_mins(5);

/// The number of rows that were deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Expired sessions, and keys of sessions that ended because the account held too many.
    pub sessions: usize,
    /// Messages in the SMS log, each with its attempts.
    pub messages: usize,
    /// Responses that are older than a day.
    pub idempotency_keys: usize,
    /// SMS events that are older than a day.
    pub sms_events: usize,
    /// Devices that were not used for 180 days.
    pub devices: usize,
    /// Tokens of OAuth clients, and what was granted to them.
    pub oauth: usize,
}

/// Runs the cleanup until the future is dropped: two to five minutes after the start, then about every hour. The delays
/// are random, so that several instances do not run at once.
pub async fn run_cleanup_forever(state: State) {
    let mut minutes = 2..5;
    loop {
        let seconds = rand::rng().random_range(minutes.start * 60..minutes.end * 60);
        sleep(Duration::from_secs(seconds)).await;
        minutes = 50..70;
        match cleanup(&state, state.clock.now()).await {
            Ok(None) => {}
            Ok(Some(deleted)) => log::info!(
                "event=cleanup_done sessions={} messages={} idempotency_keys={} sms_events={} \
                 devices={} oauth={}",
                deleted.sessions,
                deleted.messages,
                deleted.idempotency_keys,
                deleted.sms_events,
                deleted.devices,
                deleted.oauth
            ),
            Err(error) => log::warn!("event=cleanup_failed error={error:?}"),
        }
    }
}

/// Deletes what has expired. Returns `None` if another instance is running the cleanup.
///
/// The permit in the kv store only saves the database from several runs at once; it expires after ten minutes if its
/// holder crashes. Correctness does not depend on it: two runs at once do no harm, since each step is a transaction of
/// its own. This also covers instances that share a database and have no Redis.
pub async fn cleanup(state: &State, now: DateTime<Utc>) -> Result<Option<Removed>, Error> {
    let Some(permit) = state.rate_limits.lock_cleanup().await? else { return Ok(None) };
    let removed = delete_expired(state, now).await;
    release_permits(state, &[&permit]).await;
    removed.map(Some)
}

async fn delete_expired(state: &State, now: DateTime<Utc>) -> Result<Removed, Error> {
    let (log_start, end) = (now - state.sms_log_retention, Instant::now() + MAX_DURATION);
    let mut total = Removed::default();
    loop {
        let db = &state.db;
        let batch = Removed {
            sessions: db
                .write(async move |connection| {
                    let displaced = sessions::purge_displaced(connection, now, BATCH).await?;
                    Ok(displaced + sessions::purge_expired(connection, now, BATCH).await?)
                })
                .await?,
            messages: db
                .write(async move |connection| sms_log::purge(connection, log_start, BATCH).await)
                .await?,
            idempotency_keys: db
                .write(async move |connection| {
                    idempotency_keys::purge_expired(connection, now, BATCH).await
                })
                .await?,
            sms_events: db
                .write(async move |connection| sms_events::purge(connection, now, BATCH).await)
                .await?,
            devices: db
                .write(async move |connection| {
                    known_devices::purge_unused(connection, now, BATCH).await
                })
                .await?,
            oauth: db
                .write(async move |connection| {
                    let tokens = oauth_tokens::purge_expired(connection, now, BATCH).await?;
                    Ok(tokens + oauth_grants::purge_expired(connection, now, BATCH).await?)
                })
                .await?,
        };
        total.sessions += batch.sessions;
        total.messages += batch.messages;
        total.idempotency_keys += batch.idempotency_keys;
        total.sms_events += batch.sms_events;
        total.devices += batch.devices;
        total.oauth += batch.oauth;
        if batch == Removed::default() || Instant::now() >= end {
            return Ok(total);
        }
        sleep(PAUSE).await;
    }
}
