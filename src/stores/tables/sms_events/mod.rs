//! Events of a number besides messages, for operators who look for the reason why no code arrived.
//!
//! They are refused requests, and codes that were typed in. There is one row per kind of event, and it is kept for a day.

mod pending;

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, Insertable, QueryDsl as _, Queryable,
    Selectable, SelectableHelper as _,
    result::{DatabaseErrorKind, Error as DieselError},
};
use serde::Serialize;

pub use self::pending::{PendingSmsEvents, SmsEvent};

use super::{schema::sms_events, sms_log, utc::serialize_utc};
use crate::{
    domain::mobile::Mobile,
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// How long an event is kept after it happened last.
pub const RETENTION: Duration = Duration::from_hours(24);

/// A row of `sms_events`.
#[derive(Clone, Debug, Insertable, Queryable, Selectable, Serialize)]
#[diesel(table_name = sms_events)]
pub struct SmsEventRow {
    /// The number.
    #[serde(skip)]
    pub mobile: String,
    /// The purpose of the code.
    pub purpose: String,
    /// The event, as one of the words of [`SmsEvent`].
    pub event: String,
    /// The address that the last of these events came from.
    pub address: String,
    /// How often it happened.
    pub times: i32,
    /// When it happened first (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub first_at: NaiveDateTime,
    /// When it happened last (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub last_at: NaiveDateTime,
}

/// Writes events. The count of an existing row goes up, and begins anew after a day. A right code is recorded in the SMS log
/// too, which keeps it for longer.
pub async fn write(connection: &mut Connection, rows: &[SmsEventRow]) -> Result<(), Error> {
    for row in rows {
        if row.event == SmsEvent::TypedRight.as_str() {
            sms_log::record_verified(connection, (&row.mobile, &row.purpose), row.last_at).await?;
        }
        if count_up(connection, row).await? {
            continue;
        }
        let inserted = diesel::insert_into(sms_events::table).values(row).execute(connection).await;
        match inserted {
            // Another instance has inserted the row meanwhile.
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                count_up(connection, row).await?;
            }
            inserted => drop(inserted?),
        }
    }
    Ok(())
}

async fn count_up(connection: &mut Connection, row: &SmsEventRow) -> Result<bool, Error> {
    let this = sms_events::mobile
        .eq(&row.mobile)
        .and(sms_events::purpose.eq(&row.purpose))
        .and(sms_events::event.eq(&row.event));
    let is_over = sms_events::last_at.le(row.last_at - RETENTION);
    let over = sms_events::table.filter(this.and(is_over));
    diesel::delete(over).execute(connection).await?;
    let rows = diesel::update(sms_events::table.filter(this))
        .set((
            sms_events::address.eq(&row.address),
            sms_events::times.eq(sms_events::times + row.times),
            sms_events::last_at.eq(row.last_at),
        ))
        .execute(connection)
        .await?;
    Ok(rows == 1)
}

/// Returns the events of a number within the last day, the newest first.
pub async fn find_by_mobile(
    connection: &mut Connection,
    mobile: &Mobile,
    now: DateTime<Utc>,
) -> Result<Vec<SmsEventRow>, Error> {
    let rows = sms_events::table
        .filter(sms_events::mobile.eq(mobile.as_str()))
        .filter(sms_events::last_at.gt((now - RETENTION).naive_utc()))
        .order(sms_events::last_at.desc())
        .select(SmsEventRow::as_select())
        .load(connection)
        .await?;
    Ok(rows)
}

/// Deletes events that are older than a day, about `batch` rows at most. Returns their number.
pub async fn purge(
    connection: &mut Connection,
    now: DateTime<Utc>,
    batch: i64,
) -> Result<usize, Error> {
    let before = (now - RETENTION).naive_utc();
    let last = sms_events::table
        .filter(sms_events::last_at.le(before))
        .order(sms_events::last_at)
        .offset(batch - 1)
        .limit(1)
        .select(sms_events::last_at)
        .load::<NaiveDateTime>(connection)
        .await?;
    // Up to the time of the last row of the batch, so rows of the same time are deleted with it.
    let until = last.as_slice().first().copied().unwrap_or(before);
    let old = sms_events::table.filter(sms_events::last_at.le(until));
    Ok(diesel::delete(old).execute(connection).await?)
}
