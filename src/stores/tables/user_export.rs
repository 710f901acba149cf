//! Everything that is kept about one person, for the operator and for the person who asks for it
//! (R111); never a hash, a key or a code, which are nobody's to read.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use serde::{Serialize, Serializer};

use super::{
    schema::{sessions, sms_messages, users},
    sms_events,
    sms_events::SmsEventRow,
    users::find_by_selector,
};
use crate::{
    domain::{account::AccountSelector, mobile::Mobile},
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// The whole of it.
#[derive(Debug, Serialize)]
pub struct UserExport {
    /// The account.
    pub account: AccountRow,
    /// Sign-ins that have not expired, the last used first.
    pub sessions: Vec<SessionRow>,
    /// Text messages to the number, the newest first.
    pub sms_messages: Vec<MessageRow>,
    /// What else happened to the number within a day, the newest first.
    pub sms_events: Vec<SmsEventRow>,
}

/// A row of `users`.
#[derive(Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = users)]
pub struct AccountRow {
    /// The account's id.
    pub id: i64,
    /// The number, in full.
    pub mobile: String,
    /// The name.
    pub name: String,
    /// A picture.
    pub avatar_url: Option<String>,
    /// `active` or `locked`.
    pub status: String,
    /// When it was registered.
    #[serde(serialize_with = "utc")]
    pub created_at: NaiveDateTime,
    /// When it was last changed.
    #[serde(serialize_with = "utc")]
    pub updated_at: NaiveDateTime,
    /// When somebody last signed in.
    #[serde(serialize_with = "utc")]
    pub last_login_at: Option<NaiveDateTime>,
    /// When the password was set.
    #[serde(serialize_with = "utc")]
    pub password_changed_at: NaiveDateTime,
    /// The terms that were accepted.
    pub terms_version: Option<String>,
    /// When that was.
    #[serde(serialize_with = "utc")]
    pub terms_accepted_at: Option<NaiveDateTime>,
    /// What another system calls the account.
    pub external_id: Option<String>,
    /// Whether there is a password; without one the account is signed in to by text message.
    #[diesel(select_expression = users::password_hash.is_not_null())]
    pub has_password: bool,
}

/// A row of `sessions`, without its key.
#[derive(Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    /// `session` or `token`.
    pub kind: String,
    /// Whether it lasts longer.
    pub remember: bool,
    /// What the browser said it is.
    pub device: String,
    /// Where the sign-in came from.
    pub address: String,
    /// When that was.
    #[serde(serialize_with = "utc")]
    pub created_at: NaiveDateTime,
    /// When it was last used.
    #[serde(serialize_with = "utc")]
    pub last_seen_at: NaiveDateTime,
    /// When it ends at the latest.
    #[serde(serialize_with = "utc")]
    pub expires_at: NaiveDateTime,
}

/// A row of `sms_messages`.
#[derive(Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = sms_messages)]
pub struct MessageRow {
    /// What it was for.
    pub purpose: String,
    /// Who asked for it.
    pub address: String,
    /// Who sent it.
    pub provider: Option<String>,
    /// What became of it.
    pub outcome: String,
    /// When it was asked for.
    #[serde(serialize_with = "utc")]
    pub created_at: NaiveDateTime,
    /// When the provider had answered.
    #[serde(serialize_with = "utc")]
    pub finished_at: Option<NaiveDateTime>,
}

/// Collects it.
pub async fn export_user(
    connection: &mut Connection,
    selector: &AccountSelector,
    now: DateTime<Utc>,
) -> Result<Option<UserExport>, Error> {
    let Some(account) = find_by_selector(connection, selector).await? else { return Ok(None) };
    let account = users::table
        .find(account.id)
        .select(AccountRow::as_select())
        .first(connection)
        .await
        .optional()?;
    let Some(account) = account else { return Ok(None) };
    let sessions = sessions::table
        .filter(sessions::user_id.eq(account.id))
        .filter(sessions::expires_at.gt(now.naive_utc()))
        .order(sessions::last_seen_at.desc())
        .select(SessionRow::as_select())
        .load(connection)
        .await?;
    let sms_messages = sms_messages::table
        .filter(sms_messages::mobile.eq(&account.mobile))
        .order(sms_messages::created_at.desc())
        .select(MessageRow::as_select())
        .load(connection)
        .await?;
    let mobile = Mobile::from_stored(account.mobile.clone());
    let sms_events = sms_events::of_mobile(connection, &mobile, now).await?;
    Ok(Some(UserExport { account, sessions, sms_messages, sms_events }))
}

pub(crate) fn utc<S: Serializer>(
    at: &(impl Into<Option<NaiveDateTime>> + Copy),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let at: Option<NaiveDateTime> = (*at).into();
    at.map(|it| it.and_utc()).serialize(serializer)
}
