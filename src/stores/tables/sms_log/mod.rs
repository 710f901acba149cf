//! The SMS log: every text message, its provider and its outcome.
//!
//! It never contains a code. It answers why no code arrived, and knows how many messages providers have counted.

mod start;
mod timeline;

use std::{net::IpAddr, time::Duration};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, QueryResult,
    result::{DatabaseErrorKind, Error::DatabaseError},
};

pub use self::{
    start::{QuotaCheck, quota_uses, start},
    timeline::{AttemptRow, MessageRow, timeline},
};

use super::schema::{sms_attempts, sms_messages};
use crate::{
    domain::{
        mobile::Mobile,
        purpose::Purpose,
        sms_delivery::{Delivery, Receipt},
        sms_message::{NOTICE, SmsMessage},
        sms_quota::SmsQuota,
    },
    errors::Error,
    stores::{
        db::{Connection, RunQueryDsl as _},
        rate_limits::PastSms,
    },
};

/// How far back providers count, at most.
const PROVIDER_WINDOW: Duration = Duration::from_hours(24);
/// Outcomes that count against limits: the message was sent, may have been sent, or the provider has counted it.
const COUNTED: [&str; 4] = ["pending", "sent", "unknown", "too_frequent"];
/// Maximum time between a message and the moment when its code is typed in.
const MAX_TIME_TO_VERIFY: Duration = Duration::from_mins(15);
/// A number changes hands after that at the earliest: carriers let it rest for 90 days.
const PROOF_LIFETIME: Duration = Duration::from_hours(90 * 24);
/// Maximum number of characters of a provider's id or error code.
const MAX_LENGTH: usize = 64;

/// Returns the newest messages of the whole service within a day, at most `most`: what the budget was used for.
pub async fn recently_sent(
    connection: &mut Connection,
    most: u32,
    now: DateTime<Utc>,
) -> Result<Vec<PastSms>, Error> {
    let rows: Vec<(String, String, String, NaiveDateTime)> = sms_messages::table
        .filter(sms_messages::created_at.gt((now - PROVIDER_WINDOW).naive_utc()))
        .filter(sms_messages::outcome.eq_any(COUNTED))
        .order(sms_messages::created_at.desc())
        .limit(i64::from(most))
        .select((
            sms_messages::id,
            sms_messages::purpose,
            sms_messages::address,
            sms_messages::created_at,
        ))
        .load(connection)
        .await?;
    let past = |(id, purpose, address, at): (String, String, String, NaiveDateTime)| PastSms {
        id,
        is_registration: purpose == Purpose::Register.as_str(),
        address: address.parse().ok().filter(|_| purpose != NOTICE),
        age: (now - at.and_utc()).to_std().unwrap_or_default(),
    };
    Ok(rows.into_iter().map(past).collect())
}

/// How a number was used.
#[derive(Clone, Copy, Debug)]
pub struct PastUse {
    /// Whether a message has reached it, or may have.
    pub was_texted: bool,
    /// Whether it was used as a test number.
    pub was_tested: bool,
}

/// Returns how a number was used, as far as the SMS log goes back.
pub async fn past_use(connection: &mut Connection, mobile: &Mobile) -> Result<PastUse, Error> {
    let outcomes: Vec<String> = sms_messages::table
        .filter(sms_messages::mobile.eq(mobile.as_str()))
        .filter(sms_messages::outcome.eq_any(["sent", "unknown", "test"]))
        .select(sms_messages::outcome)
        .distinct()
        .load(connection)
        .await?;
    let is_test = |outcome: &String| outcome == "test";
    Ok(PastUse {
        was_texted: !outcomes.iter().all(is_test),
        was_tested: outcomes.iter().any(is_test),
    })
}

/// Records that the codes of the newest messages to a number were typed in.
pub async fn record_verified(
    connection: &mut Connection,
    (mobile, purpose): (&str, &str),
    at: NaiveDateTime,
) -> Result<(), Error> {
    let messages = sms_messages::table
        .filter(sms_messages::mobile.eq(mobile))
        .filter(sms_messages::purpose.eq(purpose))
        .filter(sms_messages::created_at.gt(at - MAX_TIME_TO_VERIFY));
    diesel::update(messages).set(sms_messages::verified_at.eq(at)).execute(connection).await?;
    Ok(())
}

/// Returns whether somebody has proved within the last 90 days that they hold the number.
pub async fn is_proved(
    connection: &mut Connection,
    mobile: &Mobile,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let proof = sms_messages::table
        .filter(sms_messages::mobile.eq(mobile.as_str()))
        .filter(sms_messages::verified_at.gt((now - PROOF_LIFETIME).naive_utc()))
        .select(sms_messages::id);
    Ok(proof.first::<String>(connection).await.optional()?.is_some())
}

/// Returns the ids of the codes that were sent to a number for a purpose since a time, and the addresses that requested
/// them.
pub async fn addresses_since(
    connection: &mut Connection,
    mobile: &Mobile,
    purpose: Purpose,
    since: DateTime<Utc>,
) -> Result<Vec<(String, Option<IpAddr>)>, Error> {
    let rows: Vec<(String, String)> = sms_messages::table
        .filter(sms_messages::mobile.eq(mobile.as_str()))
        .filter(sms_messages::created_at.gt(since.naive_utc()))
        .filter(sms_messages::purpose.eq(purpose.as_str()))
        .select((sms_messages::id, sms_messages::address))
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|(id, address)| (id, address.parse().ok())).collect())
}

/// Records the outcome of a message. Its provider and error are those of the last attempt.
///
/// Repeating it changes nothing. A crash before it leaves the message `pending`: it may have been sent.
pub async fn finish(
    connection: &mut Connection,
    message: &SmsMessage,
    delivery: &Delivery,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    for (position, attempt) in (0_i32..).zip(&delivery.attempts) {
        let values = (
            sms_attempts::message_id.eq(message.id.as_str()),
            sms_attempts::position.eq(position),
            sms_attempts::mobile.eq(message.mobile.as_str()),
            sms_attempts::provider.eq(attempt.provider),
            sms_attempts::outcome.eq(attempt.answer.class.as_str()),
            sms_attempts::provider_message_id.eq(attempt.answer.message_id.as_deref().map(cut)),
            sms_attempts::provider_error.eq(cut(&attempt.answer.detail)),
            sms_attempts::took_ms.eq(i32::try_from(attempt.took.as_millis()).unwrap_or(i32::MAX)),
            sms_attempts::asked_at.eq(now.naive_utc()),
        );
        let insert = diesel::insert_into(sms_attempts::table).values(values);
        ignore_duplicate(insert.execute(connection).await)?;
    }
    let last = delivery.attempts.last();
    let message_id = last.and_then(|attempt| attempt.answer.message_id.as_deref()).map(cut);
    diesel::update(sms_messages::table.find(message.id.as_str()))
        .set((
            sms_messages::outcome.eq(delivery.outcome.as_str()),
            sms_messages::provider.eq(last.map(|attempt| attempt.provider)),
            sms_messages::provider_message_id.eq(message_id),
            sms_messages::provider_error.eq(last.map(|attempt| cut(&attempt.answer.detail))),
            sms_messages::finished_at.eq(now.naive_utc()),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// The message of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptMessage {
    /// The id of the message.
    pub id: String,
    /// The number that it was sent to.
    pub mobile: Mobile,
    /// What its code was for; `None` for a notice.
    pub purpose: Option<Purpose>,
    /// The quota that it counted against.
    pub quota: SmsQuota,
}

/// Records a receipt once. Returns its message, or `None` if the message is not ours or has a receipt already.
pub async fn record_receipt(
    connection: &mut Connection,
    provider: &str,
    receipt: &Receipt,
    now: DateTime<Utc>,
) -> Result<Option<ReceiptMessage>, Error> {
    let attempt = sms_attempts::table
        .inner_join(sms_messages::table)
        .filter(sms_attempts::provider_message_id.eq(&receipt.message_id))
        .filter(sms_attempts::provider.eq(provider))
        .filter(sms_attempts::receipt.is_null())
        .select((
            sms_attempts::message_id,
            sms_attempts::position,
            sms_attempts::mobile,
            sms_messages::purpose,
            sms_messages::quota,
        ))
        .first::<(String, i32, String, String, String)>(connection)
        .await
        .optional()?;
    let Some((message_id, position, mobile, purpose, quota)) = attempt else { return Ok(None) };
    diesel::update(sms_attempts::table.find((&message_id, position)))
        .set((
            sms_attempts::receipt.eq(if receipt.was_delivered { "delivered" } else { "failed" }),
            sms_attempts::receipt_error.eq(cut(&receipt.code)),
            sms_attempts::receipt_at.eq(now.naive_utc()),
        ))
        .execute(connection)
        .await?;
    let (mobile, quota) = (Mobile::from_stored(mobile), SmsQuota::from_stored(&quota));
    Ok(Some(ReceiptMessage {
        id: message_id,
        mobile,
        purpose: Purpose::parse(&purpose).ok(),
        quota,
    }))
}

/// Deletes messages from before a time with their attempts, the oldest first and at most `batch` messages. Returns
/// their number.
pub async fn purge(
    connection: &mut Connection,
    before: DateTime<Utc>,
    batch: i64,
) -> Result<usize, Error> {
    let ids = sms_messages::table
        .filter(sms_messages::created_at.lt(before.naive_utc()))
        .order(sms_messages::created_at)
        .limit(batch)
        .select(sms_messages::id)
        .load::<String>(connection)
        .await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let rows = sms_messages::table.filter(sms_messages::id.eq_any(&ids));
    Ok(diesel::delete(rows).execute(connection).await?)
}

/// An existing row with this key is the same row, written before the connection was lost.
fn ignore_duplicate(inserted: QueryResult<usize>) -> Result<(), Error> {
    match inserted {
        Ok(_) | Err(DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Cuts a text of a vendor to the length of its column, because MySQL would refuse a longer one.
fn cut(text: &str) -> String {
    text.chars().take(MAX_LENGTH).collect()
}
