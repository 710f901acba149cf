//! Accounts that come from another system, many at once.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::{
    ExpressionMethods as _, Insertable, QueryDsl as _, RunQueryDsl as _, SqliteConnection,
};

use super::{
    db::{Connection, Either},
    schema::users,
    users::{NewUser, taken},
};
use crate::errors::Error;

/// What became of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It has an account now.
    MovedIn,
    /// Its number had one before, which was left as it is.
    Known,
    /// Somebody else has its name.
    NameTaken,
}

/// Gives accounts to those who have none, in the order of the list; the answer is in that order too.
///
/// Runs within one transaction. It looks before it inserts, since most conflicts are old ones; if
/// somebody registers in between, the unique indexes judge and nobody of this list has moved in.
pub fn move_in(connection: &mut Connection, people: &[NewUser]) -> Result<Vec<Arrival>, Error> {
    let mobiles = people.iter().map(|it| it.account.mobile.as_str());
    let names = people.iter().map(|it| it.account.name.as_str());
    let mut mobiles: HashSet<String> = users::table
        .filter(users::mobile.eq_any(mobiles))
        .select(users::mobile)
        .load::<String>(connection)?
        .into_iter()
        .collect();
    let mut names: HashSet<String> = users::table
        .filter(users::name.eq_any(names))
        .select(users::name)
        .load::<String>(connection)?
        .into_iter()
        .collect();
    let mut rows = Vec::with_capacity(people.len());
    let mut judge = |it| {
        let row = Row::of(it);
        if mobiles.contains(&row.mobile) {
            return Arrival::Known;
        }
        if !names.insert(row.name.clone()) {
            return Arrival::NameTaken;
        }
        mobiles.insert(row.mobile.clone());
        rows.push(row);
        Arrival::MovedIn
    };
    let arrivals = people.iter().map(&mut judge).collect();
    insert(connection, &rows)?;
    Ok(arrivals)
}

/// MySQL is far away: one statement for all. SQLite is near: one prepared statement, again and again.
fn insert(connection: &mut Connection, rows: &[Row]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    match connection.either() {
        Either::Mysql(it) => {
            diesel::insert_into(users::table).values(rows).execute(it).map_err(taken)?;
        }
        Either::Sqlite(it) => rows.iter().try_for_each(|row| insert_one(it, row))?,
    }
    Ok(())
}

fn insert_one(connection: &mut SqliteConnection, row: &Row) -> Result<(), Error> {
    diesel::insert_into(users::table).values(row).execute(connection).map_err(taken)?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct Row {
    id: i64,
    mobile: String,
    name: String,
    password_hash: String,
    avatar_url: Option<String>,
    status: &'static str,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    password_changed_at: NaiveDateTime,
}

impl Row {
    fn of(new: &NewUser) -> Self {
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
        }
    }
}
