//! What a sign-in by password is checked against.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    Queryable, Selectable, SelectableHelper as _,
};

use super::{
    known_devices::{hash_or_none, users_with_device},
    login_failures::MAX_CONSECUTIVE_FAILURES,
    schema::{known_devices, users},
    users::Row,
};
use crate::{
    domain::{account::Account, device::DeviceId, mobile::Mobile, name::Name},
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// An account as a sign-in finds it.
#[derive(Clone, Debug)]
pub struct StoredCredentials {
    /// The account.
    pub account: Account,
    /// The hash of the password; `None` for an account without a password.
    pub password_hash: Option<String>,
    /// Whether strangers have failed so often in a row that only known devices may sign in by password.
    pub is_closed_to_strangers: bool,
    /// When the client's device was last used with the account, to a day; `None` if it is not known to it.
    pub device_last_used_at: Option<DateTime<Utc>>,
}

/// Returns the account of this number, and what is known of the device with respect to it, by one query.
pub async fn by_mobile(
    connection: &mut Connection,
    mobile: &Mobile,
    device: Option<DeviceId>,
) -> Result<Option<StoredCredentials>, Error> {
    let account = users_with_device(hash_or_none(device)).filter(users::mobile.eq(mobile.as_str()));
    let row = account.select(CredentialsRow::as_select()).first(connection).await.optional()?;
    row.map(CredentialsRow::into_credentials).transpose()
}

/// Returns the account of this name, and what is known of the device with respect to it, by one query.
pub async fn by_name(
    connection: &mut Connection,
    name: &Name,
    device: Option<DeviceId>,
) -> Result<Option<StoredCredentials>, Error> {
    let account = users_with_device(hash_or_none(device)).filter(users::name.eq(name.as_str()));
    let row = account.select(CredentialsRow::as_select()).first(connection).await.optional()?;
    row.map(CredentialsRow::into_credentials).transpose()
}

/// Returns the account of this id, and what is known of the device with respect to it, by one query.
pub async fn by_id(
    connection: &mut Connection,
    id: i64,
    device: Option<DeviceId>,
) -> Result<Option<StoredCredentials>, Error> {
    let account = users_with_device(hash_or_none(device)).filter(users::id.eq(id));
    let row = account.select(CredentialsRow::as_select()).first(connection).await.optional()?;
    row.map(CredentialsRow::into_credentials).transpose()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct CredentialsRow {
    #[diesel(embed)]
    account: Row,
    password_hash: Option<String>,
    password_failures: i32,
    #[diesel(select_expression = known_devices::last_used_at.nullable())]
    device_last_used_at: Option<NaiveDateTime>,
}

impl CredentialsRow {
    fn into_credentials(self) -> Result<StoredCredentials, Error> {
        Ok(StoredCredentials {
            account: self.account.into_account()?,
            password_hash: self.password_hash,
            is_closed_to_strangers: self.password_failures >= MAX_CONSECUTIVE_FAILURES,
            device_last_used_at: self.device_last_used_at.map(|at| at.and_utc()),
        })
    }
}
