//! Accounts.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _, dsl::auto_type,
};
use rand::Rng as _;

use super::schema::users;
use crate::{
    domain::{
        account::{Account, AccountSelector, Status},
        mobile::Mobile,
        name::Name,
        terms::TermsVersion,
    },
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _, violated_unique_key},
};

/// The values of a new account.
pub struct NewUser {
    /// The account.
    pub account: Account,
    /// The stored hash of the password; `None` for an account without a password.
    pub password_hash: Option<String>,
    /// The terms that were accepted when registering (R111).
    pub terms: Option<TermsVersion>,
    /// The id of the account in another system, which is unique.
    pub external_id: Option<String>,
}

/// Returns a new id: random, positive and below 2^53, so that JavaScript reads it exactly.
pub fn random_id() -> i64 {
    rand::rng().random_range(1..1 << 53)
}

/// Creates an account. Of many at once one succeeds: the unique indexes decide.
pub async fn create(connection: &mut Connection, new: &NewUser) -> Result<(), Error> {
    let account = &new.account;
    let created_at = account.created_at.naive_utc();
    let values = (
        users::id.eq(account.id),
        users::mobile.eq(account.mobile.as_str()),
        users::name.eq(account.name.as_str()),
        users::password_hash.eq(new.password_hash.as_deref()),
        users::avatar_url.eq(account.avatar_url.as_deref()),
        users::status.eq(account.status.as_str()),
        users::created_at.eq(created_at),
        users::updated_at.eq(created_at),
        users::password_changed_at.eq(created_at),
        users::terms_version.eq(new.terms.as_ref().map(TermsVersion::as_str)),
        users::terms_accepted_at.eq(new.terms.as_ref().map(|_| created_at)),
        users::external_id.eq(new.external_id.as_deref()),
    );
    diesel::insert_into(users::table).values(values).execute(connection).await.map_err(taken)?;
    Ok(())
}

/// Returns the account of this id.
pub async fn find(connection: &mut Connection, id: i64) -> Result<Option<Account>, Error> {
    let row = users::table.find(id).select(Row::as_select()).first(connection).await.optional()?;
    row.map(Row::into_account).transpose()
}

/// Returns the account of this number.
pub async fn find_by_mobile(
    connection: &mut Connection,
    mobile: &Mobile,
) -> Result<Option<Account>, Error> {
    let account = users::table.filter(users::mobile.eq(mobile.as_str()));
    let row = account.select(Row::as_select()).first(connection).await.optional()?;
    row.map(Row::into_account).transpose()
}

async fn find_by_name(connection: &mut Connection, name: &Name) -> Result<Option<Account>, Error> {
    let account = users::table.filter(users::name.eq(name.as_str()));
    let row = account.select(Row::as_select()).first(connection).await.optional()?;
    row.map(Row::into_account).transpose()
}

/// Returns the id of the account of this number.
pub async fn find_id_by_mobile(
    connection: &mut Connection,
    mobile: &Mobile,
) -> Result<Option<i64>, Error> {
    let owner = users::table.filter(users::mobile.eq(mobile.as_str())).select(users::id);
    Ok(owner.first(connection).await.optional()?)
}

/// Returns the account that an operator named on the command line.
pub async fn find_by_selector(
    connection: &mut Connection,
    selector: &AccountSelector,
) -> Result<Option<Account>, Error> {
    match selector {
        AccountSelector::Id(id) => find(connection, *id).await,
        AccountSelector::Mobile(mobile) => find_by_mobile(connection, mobile).await,
        AccountSelector::Name(name) => find_by_name(connection, name).await,
    }
}

/// Changes the number of an account. Fails if another account has it: the unique index decides.
pub async fn set_mobile(
    connection: &mut Connection,
    id: i64,
    mobile: &Mobile,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(users::table.find(id))
        .set((users::mobile.eq(mobile.as_str()), users::updated_at.eq(now.naive_utc())))
        .execute(connection)
        .await
        .map_err(taken)?;
    Ok(())
}

/// Changes the name of an account. Fails if another account has it: the unique index decides.
pub async fn set_name(
    connection: &mut Connection,
    id: i64,
    name: &Name,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(users::table.find(id))
        .set((users::name.eq(name.as_str()), users::updated_at.eq(now.naive_utc())))
        .execute(connection)
        .await
        .map_err(taken)?;
    Ok(())
}

/// Deletes an account. Its sessions and tokens are deleted with the row.
pub async fn delete(connection: &mut Connection, id: i64) -> Result<(), Error> {
    diesel::delete(users::table.find(id)).execute(connection).await?;
    Ok(())
}

/// Replaces a password with this hash; `None` is an account without a password. Returns `false` if the password has changed
/// meanwhile.
pub async fn change_password_hash(
    connection: &mut Connection,
    id: i64,
    (old, new): (Option<&str>, &str),
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let account = users::table.find(id);
    let value = users::password_hash.eq(new);
    let rows = if let Some(old) = old {
        let unchanged = account.filter(users::password_hash.eq(old));
        diesel::update(unchanged).set(value).execute(connection).await?
    } else {
        let unchanged = account.filter(users::password_hash.is_null());
        diesel::update(unchanged).set(value).execute(connection).await?
    };
    if rows == 1 {
        set_password_hash(connection, id, new, now).await?;
    }
    Ok(rows == 1)
}

/// Sets a new password.
pub async fn set_password_hash(
    connection: &mut Connection,
    id: i64,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(users::table.find(id))
        .set((
            users::password_hash.eq(password_hash),
            users::password_changed_at.eq(now.naive_utc()),
            users::updated_at.eq(now.naive_utc()),
            users::password_failures.eq(0),
            users::code_failures.eq(0),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Replaces the hash with a better one of the same password, unless the password has changed meanwhile.
///
/// Returns whether it did. A sign-in is not refused if it did not (R73).
pub async fn replace_password_hash(
    connection: &mut Connection,
    id: i64,
    old: &str,
    new: &str,
) -> Result<bool, Error> {
    let unchanged = users::table.find(id).filter(users::password_hash.eq(old));
    let rows =
        diesel::update(unchanged).set(users::password_hash.eq(new)).execute(connection).await?;
    Ok(rows == 1)
}

/// Records a sign-in, which resets the consecutive failures (R36).
pub async fn set_last_login(
    connection: &mut Connection,
    id: i64,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(users::table.find(id)).set(last_login_values(now)).execute(connection).await?;
    Ok(())
}

/// Records a sign-in with a password of this hash. Returns `false` if the password has changed meanwhile.
pub async fn set_last_login_if_unchanged(
    connection: &mut Connection,
    id: i64,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let unchanged = users::table.find(id).filter(users::password_hash.eq(password_hash));
    Ok(diesel::update(unchanged).set(last_login_values(now)).execute(connection).await? == 1)
}

/// The columns that a sign-in sets.
#[auto_type]
fn last_login_values(now: DateTime<Utc>) -> _ {
    let now: NaiveDateTime = now.naive_utc();
    (
        users::last_login_at.eq(now),
        users::password_failures.eq(0_i32),
        users::code_failures.eq(0_i32),
    )
}

/// Locks or unlocks an account.
pub async fn set_status(
    connection: &mut Connection,
    id: i64,
    status: Status,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let values = (users::status.eq(status.as_str()), users::updated_at.eq(now.naive_utc()));
    diesel::update(users::table.find(id)).set(values).execute(connection).await?;
    Ok(())
}

/// The columns of an account.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct Row {
    id: i64,
    mobile: String,
    name: String,
    avatar_url: Option<String>,
    status: String,
    created_at: NaiveDateTime,
}

impl Row {
    pub(crate) fn id(&self) -> i64 {
        self.id
    }

    pub(crate) fn into_account(self) -> Result<Account, Error> {
        let status = Status::parse(&self.status)
            .ok_or_else(|| Error::internal(format!("user {} is {:?}", self.id, self.status)))?;
        Ok(Account {
            id: self.id,
            mobile: Mobile::from_stored(self.mobile),
            name: Name::from_stored(self.name),
            avatar_url: self.avatar_url,
            status,
            created_at: self.created_at.and_utc(),
        })
    }
}

/// Turns a violation of a unique key of `users` into the error that says what is taken.
pub(crate) fn taken(error: diesel::result::Error) -> Error {
    // MySQL names the index and SQLite the column.
    match violated_unique_key(&error) {
        Some("users_mobile_key" | "users.users_mobile_key" | "users.mobile") => Error::MobileTaken,
        Some("users_name_key" | "users.users_name_key" | "users.name") => Error::NameTaken,
        _ => error.into(),
    }
}
