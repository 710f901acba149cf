//! What happened to a number, for whoever asks why no code arrived.

use chrono::NaiveDateTime;
use diesel::{
    BelongingToDsl as _, ExpressionMethods as _, Identifiable, QueryDsl as _, Queryable,
    Selectable, SelectableHelper as _,
    associations::{Associations, GroupedBy as _},
};

use crate::{
    domain::mobile::Mobile,
    errors::Error,
    stores::{
        db::{Connection, RunQueryDsl as _},
        tables::schema::{sms_attempts, sms_messages},
    },
};

/// A row of `sms_messages`.
#[derive(Clone, Debug, Identifiable, Queryable, Selectable)]
#[diesel(table_name = sms_messages)]
pub struct MessageRow {
    /// Our name for the message.
    pub id: String,
    /// What it was for.
    pub purpose: String,
    /// Who asked for it.
    pub address: String,
    /// What became of it: `pending` until a provider has answered.
    pub outcome: String,
    /// When it was asked for (UTC).
    pub created_at: NaiveDateTime,
}

/// A row of `sms_attempts`.
#[derive(Associations, Clone, Debug, Identifiable, Queryable, Selectable)]
#[diesel(table_name = sms_attempts, primary_key(message_id, position))]
#[diesel(belongs_to(MessageRow, foreign_key = message_id))]
pub struct AttemptRow {
    /// Which message.
    pub message_id: String,
    /// Which of its attempts, from 0.
    pub position: i32,
    /// The provider's name.
    pub provider: String,
    /// The class of its answer.
    pub outcome: String,
    /// Its name for the message.
    pub provider_message_id: Option<String>,
    /// Its own word for a failure.
    pub provider_error: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: i32,
    /// What it told later: `delivered` or `failed`.
    pub receipt: Option<String>,
    /// Its own word for a failed delivery.
    pub receipt_error: Option<String>,
    /// When it told (UTC).
    pub receipt_at: Option<NaiveDateTime>,
}

/// What happened to a number, the newest message first.
pub async fn timeline(
    connection: &mut Connection,
    mobile: &Mobile,
    most: i64,
) -> Result<Vec<(MessageRow, Vec<AttemptRow>)>, Error> {
    let messages = sms_messages::table
        .filter(sms_messages::mobile.eq(mobile.as_str()))
        .order(sms_messages::created_at.desc())
        .limit(most)
        .select(MessageRow::as_select())
        .load(connection)
        .await?;
    let attempts = AttemptRow::belonging_to(&messages)
        .order(sms_attempts::position)
        .select(AttemptRow::as_select())
        .load(connection)
        .await?
        .grouped_by(&messages);
    Ok(messages.into_iter().zip(attempts).collect())
}
