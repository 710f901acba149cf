//! The messages to a number, for operators who look for the reason why no code arrived.

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
    /// The id of the message.
    pub id: String,
    /// The purpose of the message.
    pub purpose: String,
    /// The address that the request came from.
    pub address: String,
    /// The outcome; `pending` until a provider has answered.
    pub outcome: String,
    /// When the message was requested (UTC).
    pub created_at: NaiveDateTime,
}

/// A row of `sms_attempts`.
#[derive(Associations, Clone, Debug, Identifiable, Queryable, Selectable)]
#[diesel(table_name = sms_attempts, primary_key(message_id, position))]
#[diesel(belongs_to(MessageRow, foreign_key = message_id))]
pub struct AttemptRow {
    /// The id of the message.
    pub message_id: String,
    /// The position among its attempts, from 0.
    pub position: i32,
    /// The name of the provider.
    pub provider: String,
    /// The class of its answer.
    pub outcome: String,
    /// The provider's id of the message.
    pub provider_message_id: Option<String>,
    /// The provider's error code.
    pub provider_error: Option<String>,
    /// The duration of the attempt in milliseconds.
    pub took_ms: i32,
    /// The receipt that arrived later: `delivered` or `failed`.
    pub receipt: Option<String>,
    /// The carrier's error code of a failed delivery.
    pub receipt_error: Option<String>,
    /// When the receipt arrived (UTC).
    pub receipt_at: Option<NaiveDateTime>,
}

/// Returns the messages to a number with their attempts, the newest first and at most `most`.
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
