//! Imports accounts from another system, many at once.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods as _, Insertable, NullableExpressionMethods as _, QueryDsl as _};

use super::{
    schema::users,
    users::{NewUser, taken},
};
use crate::{
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// The result of importing one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportResult {
    /// The account was created.
    Created,
    /// There is an account with this number, which was left as it is.
    MobileTaken,
    /// Another account has the name.
    NameTaken,
    /// Another account has the external id.
    ExternalIdTaken,
}

/// Returns those of these numbers that have accounts.
pub async fn existing_mobiles(
    connection: &mut Connection,
    mobiles: &[String],
) -> Result<HashSet<String>, Error> {
    let known = users::table.filter(users::mobile.eq_any(mobiles)).select(users::mobile);
    Ok(known.load::<String>(connection).await?.into_iter().collect())
}

/// Creates accounts for the numbers that have none. The results are in the order of the list.
///
/// Runs within one transaction. It looks for conflicts before it inserts, since most are with older accounts. If
/// somebody registers meanwhile, a unique index makes the whole transaction fail.
pub async fn import_users(
    connection: &mut Connection,
    users: &[NewUser],
) -> Result<Vec<ImportResult>, Error> {
    let mobiles = users.iter().map(|user| user.account.mobile.as_str());
    let names = users.iter().map(|user| user.account.name.as_str());
    let mut mobiles: HashSet<String> = users::table
        .filter(users::mobile.eq_any(mobiles))
        .select(users::mobile)
        .load::<String>(connection)
        .await?
        .into_iter()
        .collect();
    let mut names: HashSet<String> = users::table
        .filter(users::name.eq_any(names))
        .select(users::name)
        .load::<String>(connection)
        .await?
        .into_iter()
        .collect();
    let external_ids = users.iter().filter_map(|user| user.external_id.as_deref());
    let mut external_ids: HashSet<String> = users::table
        .filter(users::external_id.eq_any(external_ids.collect::<Vec<_>>()))
        .select(users::external_id.assume_not_null())
        .load::<String>(connection)
        .await?
        .into_iter()
        .collect();
    let mut rows = Vec::with_capacity(users.len());
    let mut check = |user| {
        let row = Row::from_user(user);
        if mobiles.contains(&row.mobile) {
            return ImportResult::MobileTaken;
        }
        if row.external_id.as_ref().is_some_and(|id| external_ids.contains(id)) {
            return ImportResult::ExternalIdTaken;
        }
        if !names.insert(row.name.clone()) {
            return ImportResult::NameTaken;
        }
        external_ids.extend(row.external_id.clone());
        mobiles.insert(row.mobile.clone());
        rows.push(row);
        ImportResult::Created
    };
    let results = users.iter().map(&mut check).collect();
    insert(connection, &rows).await?;
    Ok(results)
}

/// MySQL is reached over the network, so one statement inserts all rows. SQLite is not: one prepared statement runs for
/// each row.
async fn insert(connection: &mut Connection, rows: &[Row]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    if let Some(mysql) = connection.as_mysql() {
        let all = diesel::insert_into(users::table).values(rows);
        diesel_async::RunQueryDsl::execute(all, mysql).await.map_err(taken)?;
        return Ok(());
    }
    for row in rows {
        diesel::insert_into(users::table).values(row).execute(connection).await.map_err(taken)?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct Row {
    id: i64,
    mobile: String,
    name: String,
    password_hash: Option<String>,
    avatar_url: Option<String>,
    status: &'static str,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    password_changed_at: NaiveDateTime,
    external_id: Option<String>,
}

impl Row {
    fn from_user(new: &NewUser) -> Self {
        let account = &new.account;
        let created_at = account.created_at.naive_utc();
        Self {
            id: account.id,
            mobile: account.mobile.as_str().to_owned(),
            name: account.name.as_str().to_owned(),
            password_hash: new.password_hash.clone(),
            avatar_url: account.avatar_url.clone(),
            status: account.status.as_str(),
            created_at,
            updated_at: created_at,
            password_changed_at: created_at,
            external_id: new.external_id.clone(),
        }
    }
}
