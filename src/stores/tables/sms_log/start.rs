//! Records a message before a provider is asked to send it.

use std::{net::IpAddr, time::Duration};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{ExpressionMethods as _, QueryDsl as _};

use super::{COUNTED, PROVIDER_WINDOW, ignore_duplicate};
use crate::{
    domain::{
        mobile::Mobile,
        sms_delivery::PastSend,
        sms_message::{Notice, SmsMessage, SmsPurpose},
        sms_quota::SmsQuota,
    },
    errors::Error,
    stores::{
        db::{Connection, RunQueryDsl as _},
        kv::Window,
        rate_limits::{Limit, QuotaUse},
        tables::schema::{sms_attempts, sms_messages},
    },
};

/// Maximum time between a message and its last attempt.
const MAX_DELIVERY_TIME: Duration = Duration::from_mins(1);
/// Maximum difference between this clock and the clock of the kv store, which checks first: a message that passes there
/// must not be refused here for the same limit.
const MAX_CLOCK_DIFFERENCE: Duration = Duration::from_secs(2);

/// The quota of the number that a message counts against, and its windows.
#[derive(Clone, Debug)]
pub struct QuotaCheck {
    /// The quota.
    pub quota: SmsQuota,
    /// The windows that are checked.
    pub windows: Vec<(Window, Limit)>,
}

impl QuotaCheck {
    /// Returns the check of a message that no limit of its number applies to.
    pub fn none() -> Self {
        Self { quota: SmsQuota::Number, windows: Vec::new() }
    }
}

/// Records a message before a provider is asked, and returns the earlier ones that providers have counted for its
/// number.
///
/// The limits of the number are checked here too, because the kv store may have lost its data (R43). A crash after this
/// leaves the message `pending`: it may have been sent. Only the last statement writes, and repeating it changes
/// nothing.
pub async fn start(
    connection: &mut Connection,
    message: &SmsMessage,
    address: IpAddr,
    check: &QuotaCheck,
    now: DateTime<Utc>,
) -> Result<Vec<PastSend>, Error> {
    let past = check_number(connection, message, check, now).await?;
    let values = (
        sms_messages::id.eq(message.id.as_str()),
        sms_messages::mobile.eq(message.mobile.as_str()),
        sms_messages::purpose.eq(message.purpose.as_str()),
        sms_messages::address.eq(address.to_string()),
        sms_messages::outcome.eq("pending"),
        sms_messages::created_at.eq(now.naive_utc()),
        sms_messages::quota.eq(check.quota.to_text()),
    );
    let insert = diesel::insert_into(sms_messages::table).values(values);
    ignore_duplicate(insert.execute(connection).await)?;
    Ok(past)
}

/// Returns what providers have counted for the number. Fails if one of its windows is full.
async fn check_number(
    connection: &mut Connection,
    message: &SmsMessage,
    check: &QuotaCheck,
    now: DateTime<Utc>,
) -> Result<Vec<PastSend>, Error> {
    let mut messages = messages_of_day(connection, &message.mobile, now).await?;
    messages.retain(|(id, ..)| id != message.id.as_str());
    let attempts = if messages.is_empty() {
        Vec::new()
    } else {
        attempts_since(connection, &message.mobile, now).await?
    };
    check_windows(&counted(messages, &attempts, now), check)?;
    let past = |(_, provider, asked_at, _)| PastSend { provider, age: age(asked_at, now) };
    Ok(attempts.into_iter().map(past).collect())
}

/// Returns the messages of a day that count against a quota of the number, the newest first.
pub async fn quota_uses(
    connection: &mut Connection,
    mobile: &Mobile,
    now: DateTime<Utc>,
) -> Result<Vec<QuotaUse>, Error> {
    let messages = messages_of_day(connection, mobile, now).await?;
    let attempts = attempts_since(connection, mobile, now).await?;
    Ok(counted(messages, &attempts, now))
}

async fn messages_of_day(
    connection: &mut Connection,
    mobile: &Mobile,
    now: DateTime<Utc>,
) -> Result<Vec<PastMessage>, Error> {
    let messages = sms_messages::table
        .filter(sms_messages::mobile.eq(mobile.as_str()))
        .filter(
            sms_messages::created_at.gt((now - PROVIDER_WINDOW - MAX_DELIVERY_TIME).naive_utc()),
        )
        .order(sms_messages::created_at.desc())
        .select((
            sms_messages::id,
            sms_messages::outcome,
            sms_messages::purpose,
            sms_messages::quota,
            sms_messages::created_at,
        ));
    Ok(messages.load(connection).await?)
}

/// Leaves out notices, and what a provider refused or did not deliver.
fn counted(
    messages: Vec<PastMessage>,
    attempts: &[PastAttempt],
    now: DateTime<Utc>,
) -> Vec<QuotaUse> {
    let was_undelivered = |id: &str| {
        attempts.iter().any(|(of, .., receipt)| of == id && receipt.as_deref() == Some("failed"))
    };
    let counted = messages.into_iter().filter(|(id, outcome, purpose, ..)| {
        COUNTED.contains(&outcome.as_str())
            && purpose != SmsPurpose::Notice(Notice::PasswordReset).as_str()
            && !was_undelivered(id)
    });
    let counted = counted.map(|(id, _, _, quota, at)| QuotaUse {
        message_id: id,
        quota: SmsQuota::from_stored(&quota),
        age: age(at, now),
    });
    counted.collect()
}

/// After the clock was set back a message counts as new, never as older.
fn age(at: NaiveDateTime, now: DateTime<Utc>) -> Duration {
    (now - at.and_utc()).to_std().unwrap_or_default()
}

/// The id, outcome, purpose, quota and time of a message.
type PastMessage = (String, String, String, String, NaiveDateTime);

/// The message, provider, time and receipt of an attempt that may have reached a number.
type PastAttempt = (String, String, NaiveDateTime, Option<String>);

async fn attempts_since(
    connection: &mut Connection,
    mobile: &Mobile,
    now: DateTime<Utc>,
) -> Result<Vec<PastAttempt>, Error> {
    let attempts = sms_attempts::table
        .filter(sms_attempts::mobile.eq(mobile.as_str()))
        .filter(sms_attempts::asked_at.gt((now - PROVIDER_WINDOW).naive_utc()))
        .filter(sms_attempts::outcome.eq_any(["sent", "unknown", "too_frequent"]))
        .select((
            sms_attempts::message_id,
            sms_attempts::provider,
            sms_attempts::asked_at,
            sms_attempts::receipt,
        ));
    Ok(attempts.load(connection).await?)
}

/// Fails if a window is full. `counted` are the counted messages, the newest first.
fn check_windows(counted: &[QuotaUse], check: &QuotaCheck) -> Result<(), Error> {
    let waits = check.windows.iter().filter_map(|(window, limit)| {
        let nth = usize::try_from(window.limit).unwrap_or(usize::MAX).saturating_sub(1);
        let mut counted = counted.iter().filter(|past| counts(&check.quota, &past.quota, *limit));
        let age = counted.nth(nth)?.age + MAX_CLOCK_DIFFERENCE;
        let wait = window.span.checked_sub(age).filter(|wait| !wait.is_zero())?;
        Some((wait, *limit))
    });
    match waits.max_by_key(|(wait, _)| *wait) {
        Some((retry_after, limit)) => Err(limit.error(retry_after)),
        None => Ok(()),
    }
}

/// Whether a message that counted against the quota `past` counts in a window of a message that counts against `new`.
///
/// The messages of the reserve count in the windows of the number too. Those of a known device count in its own only.
fn counts(new: &SmsQuota, past: &SmsQuota, limit: Limit) -> bool {
    match (new, past) {
        (SmsQuota::Device(_), _) | (_, SmsQuota::Device(_)) => new == past,
        (SmsQuota::Number | SmsQuota::Reserve, _) => {
            limit != Limit::SmsReserve || *past == SmsQuota::Reserve
        }
    }
}
