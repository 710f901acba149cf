//! Exports everything that is stored about one person, for the operator and for the person who asks for it (R111). It
//! contains no hash, key or code.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use serde::Serialize;

use super::{
    schema::{known_devices, oauth_clients, oauth_consents, sessions, sms_messages, users},
    sms_events,
    sms_events::SmsEventRow,
    users::find_by_selector,
    utc::serialize_utc,
};
use crate::{
    domain::{account::AccountSelector, mobile::Mobile},
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// The exported data.
#[derive(Debug, Serialize)]
pub struct UserExport {
    /// The account.
    pub account: AccountRow,
    /// Sessions that have not expired, the last used first.
    pub sessions: Vec<SessionRow>,
    /// Devices that are known to the account, the last used first.
    pub known_devices: Vec<DeviceRow>,
    /// Applications that the person has signed in to, the last used first.
    pub applications: Vec<ApplicationRow>,
    /// Text messages to the number, the newest first.
    pub sms_messages: Vec<MessageRow>,
    /// SMS events of the number within a day, the newest first.
    pub sms_events: Vec<SmsEventRow>,
}

/// A row of `users`.
#[derive(Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = users)]
pub struct AccountRow {
    /// The id.
    pub id: i64,
    /// The full number.
    pub mobile: String,
    /// The name.
    pub name: String,
    /// The URL of a picture.
    pub avatar_url: Option<String>,
    /// `active` or `locked`.
    pub status: String,
    /// When the account was registered (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub created_at: NaiveDateTime,
    /// When it was last changed (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub updated_at: NaiveDateTime,
    /// The time of the last sign-in (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub last_login_at: Option<NaiveDateTime>,
    /// When the password was set (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub password_changed_at: NaiveDateTime,
    /// The version of the terms that was accepted.
    pub terms_version: Option<String>,
    /// When the terms were accepted (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub terms_accepted_at: Option<NaiveDateTime>,
    /// The id of the account in another system.
    pub external_id: Option<String>,
    /// Whether there is a password. Without one the person signs in by text message.
    #[diesel(select_expression = users::password_hash.is_not_null())]
    pub has_password: bool,
}

/// A row of `sessions`, without its key.
#[derive(Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    /// `session` or `token`.
    pub kind: String,
    /// Whether the session lasts longer.
    pub remember: bool,
    /// The browser's description of itself.
    pub device: String,
    /// The address that the sign-in came from.
    pub address: String,
    /// When the session began (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub created_at: NaiveDateTime,
    /// When its last use was recorded (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub last_seen_at: NaiveDateTime,
    /// When it expires at the latest (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub expires_at: NaiveDateTime,
}

/// A row of `oauth_consents`, with the name of the application.
#[derive(Debug, Queryable, Serialize)]
pub struct ApplicationRow {
    /// What people call it.
    pub name: String,
    /// What it may know, as the scopes of OpenID Connect.
    pub scope: String,
    /// When the person first signed in to it (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub created_at: NaiveDateTime,
    /// When the person last signed in to it (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub last_used_at: NaiveDateTime,
}

/// A row of `known_devices`, without its hash.
#[derive(Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = known_devices)]
pub struct DeviceRow {
    /// The browser's description of itself.
    pub user_agent: String,
    /// When it last signed in, to a day (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub last_used_at: NaiveDateTime,
}

/// A row of `sms_messages`.
#[derive(Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = sms_messages)]
pub struct MessageRow {
    /// The purpose of the message.
    pub purpose: String,
    /// The address that the request came from.
    pub address: String,
    /// The provider that was asked last.
    pub provider: Option<String>,
    /// The outcome.
    pub outcome: String,
    /// When the message was requested (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub created_at: NaiveDateTime,
    /// When the provider answered (UTC).
    #[serde(serialize_with = "serialize_utc")]
    pub finished_at: Option<NaiveDateTime>,
}

/// Collects the data of an account. Returns `None` if there is no such account.
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
    let known_devices = known_devices::table
        .filter(known_devices::user_id.eq(account.id))
        .order(known_devices::last_used_at.desc())
        .select(DeviceRow::as_select())
        .load(connection)
        .await?;
    let applications = oauth_consents::table
        .inner_join(oauth_clients::table)
        .filter(oauth_consents::user_id.eq(account.id))
        .order(oauth_consents::last_used_at.desc())
        .select((
            oauth_clients::name,
            oauth_consents::scope,
            oauth_consents::created_at,
            oauth_consents::last_used_at,
        ))
        .load(connection)
        .await?;
    let sms_messages = sms_messages::table
        .filter(sms_messages::mobile.eq(&account.mobile))
        .order(sms_messages::created_at.desc())
        .select(MessageRow::as_select())
        .load(connection)
        .await?;
    let mobile = Mobile::from_stored(account.mobile.clone());
    let sms_events = sms_events::find_by_mobile(connection, &mobile, now).await?;
    Ok(Some(UserExport {
        account,
        sessions,
        known_devices,
        applications,
        sms_messages,
        sms_events,
    }))
}
