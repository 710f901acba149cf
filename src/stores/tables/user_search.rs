//! Accounts that an operator looks for without knowing which they are.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, SelectableHelper as _,
};

use super::{schema::users, users::Row};
use crate::{
    domain::{account::Account, mobile::Mobile, name::Name},
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// An account that was found, and what another system calls it.
pub type FoundUser = (Account, Option<String>);

/// Accounts of this number, id or external id, and those whose names begin like this; by name, `most` at
/// the most. Each way in is an index of its own, so that a large table is not read through.
pub async fn find_users(
    connection: &mut Connection,
    text: &str,
    most: i64,
) -> Result<Vec<FoundUser>, Error> {
    // Not a number or an id: those of nobody.
    let mobile = Mobile::parse(text).map_or_else(|_| String::new(), |it| it.as_str().to_owned());
    let id = text.parse().unwrap_or(-1);
    let exactly = users::mobile.eq(mobile).or(users::id.eq(id)).or(users::external_id.eq(text));
    let mut found: Vec<(Row, Option<String>)> = users::table
        .filter(exactly)
        .order(users::name)
        .limit(most)
        .select((Row::as_select(), users::external_id))
        .load(connection)
        .await?;
    let prefix = Name::fold(text);
    let after = format!("{prefix}{}", char::MAX);
    let by_name: Vec<(Row, Option<String>)> = users::table
        .filter(users::name.ge(&prefix).and(users::name.lt(&after)))
        .order(users::name)
        .limit(most)
        .select((Row::as_select(), users::external_id))
        .load(connection)
        .await?;
    for row in by_name {
        if !found.iter().any(|(other, _)| other.id() == row.0.id()) {
            found.push(row);
        }
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    found.into_iter().take(most).map(|(row, id)| Ok((row.into_account()?, id))).collect()
}
