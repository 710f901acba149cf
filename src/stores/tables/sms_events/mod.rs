//! What happened to a number besides messages, for whoever asks why no code arrived: requests that were
//! refused, and codes that were typed in. Kept for a day, a row a kind of event.

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

use super::{schema::sms_events, user_export::utc};
use crate::{
    domain::mobile::Mobile,
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// How long an event is kept after it happened last.
pub const KEPT: Duration = Duration::from_hours(24);

/// A row of `sms_events`.
#[derive(Clone, Debug, Insertable, Queryable, Selectable, Serialize)]
#[diesel(table_name = sms_events)]
pub struct SmsEventRow {
    /// Which number.
    #[serde(skip)]
    pub mobile: String,
    /// What the code was for.
    pub purpose: String,
    /// What happened, as one of the words of [`SmsEvent`].
    pub event: String,
    /// Where the last of these came from.
    pub address: String,
    /// How often it happened.
    pub times: i32,
    /// When it first happened (UTC).
    #[serde(serialize_with = "utc")]
    pub first_at: NaiveDateTime,
    /// When it last happened (UTC).
    #[serde(serialize_with = "utc")]
    pub last_at: NaiveDateTime,
}

/// Writes events down; what is there already is counted up, and begins anew after a day.
pub async fn write(connection: &mut Connection, rows: &[SmsEventRow]) -> Result<(), Error> {
    for row in rows {
        if count_up(connection, row).await? {
            continue;
        }
        let inserted = diesel::insert_into(sms_events::table).values(row).execute(connection).await;
        match inserted {
            // Another instance was faster.
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
    let is_over = sms_events::last_at.le(row.last_at - KEPT);
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

/// What happened to a number within the last day, the newest first.
pub async fn of_mobile(
    connection: &mut Connection,
    mobile: &Mobile,
    now: DateTime<Utc>,
) -> Result<Vec<SmsEventRow>, Error> {
    let rows = sms_events::table
        .filter(sms_events::mobile.eq(mobile.as_str()))
        .filter(sms_events::last_at.gt((now - KEPT).naive_utc()))
        .order(sms_events::last_at.desc())
        .select(SmsEventRow::as_select())
        .load(connection)
        .await?;
    Ok(rows)
}

/// Removes what is older than a day, at most `batch` rows; says how many.
pub async fn purge(
    connection: &mut Connection,
    now: DateTime<Utc>,
    batch: i64,
) -> Result<usize, Error> {
    let before = (now - KEPT).naive_utc();
    let last = sms_events::table
        .filter(sms_events::last_at.le(before))
        .order(sms_events::last_at)
        .offset(batch - 1)
        .limit(1)
        .select(sms_events::last_at)
        .load::<NaiveDateTime>(connection)
        .await?;
    // Up to the last of the batch: those of the same moment go as well.
    let until = last.as_slice().first().copied().unwrap_or(before);
    let old = sms_events::table.filter(sms_events::last_at.le(until));
    Ok(diesel::delete(old).execute(connection).await?)
}
