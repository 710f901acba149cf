//! Searches for accounts, for operators.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, SelectableHelper as _,
};

use super::{schema::users, users::Row};
use crate::{
    domain::{account::Account, mobile::Mobile, name::Name},
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// An account and its id in another system.
pub type FoundUser = (Account, Option<String>);

/// Returns the accounts of this number, id or external id, and those whose names begin with the text.
///
/// They are ordered by name, at most `most`. Each condition has an index of its own, so a large table is not scanned.
pub async fn find_users(
    connection: &mut Connection,
    text: &str,
    most: i64,
) -> Result<Vec<FoundUser>, Error> {
    // If the text is no number or id, these match no account.
    let mobile =
        Mobile::parse(text).map_or_else(|_| String::new(), |mobile| mobile.as_str().to_owned());
    let id = text.parse().unwrap_or(-1);
    let exactly = users::mobile.eq(mobile).or(users::id.eq(id)).or(users::external_id.eq(text));
    let mut found: Vec<(Row, Option<String>)> = users::table
        .filter(exactly)
        .order(users::name)
        .limit(most)
        .select((Row::as_select(), users::external_id))
        .load(connection)
        .await?;
    let prefix = Name::normalize(text);
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
