//! What is asked about a number before a message to it.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods as _, QueryDsl as _, dsl::exists};

use super::start::counted_since;
use crate::{
    domain::mobile::Mobile,
    errors::Error,
    stores::{
        db::{Connection, RunQueryDsl as _},
        tables::schema::{sms_messages, users},
    },
};

/// What is known of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecipientStatus {
    /// Whose it is.
    pub owner: Option<i64>,
    /// Whether the ledger has a message to it that [`open`](super::open) would have to look at.
    pub was_texted_lately: bool,
}

/// Whose number this is, and whether it was texted lately: one question instead of two.
pub async fn recipient_status(
    connection: &mut Connection,
    mobile: &Mobile,
    now: DateTime<Utc>,
) -> Result<RecipientStatus, Error> {
    let owner = users::table.filter(users::mobile.eq(mobile.as_str())).select(users::id);
    let lately = sms_messages::table
        .filter(sms_messages::mobile.eq(mobile.as_str()))
        .filter(sms_messages::created_at.gt(counted_since(now)))
        .select(sms_messages::id);
    let asked = diesel::select((owner.single_value(), exists(lately)));
    let (owner, was_texted_lately) = asked.get_result(connection).await?;
    Ok(RecipientStatus { owner, was_texted_lately })
}
