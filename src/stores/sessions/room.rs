//! Room for another session: a person may hold ten at once (R89).

use chrono::{DateTime, Utc};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _};

use super::{delete_rows, sessions, users};
use crate::{
    errors::Error,
    stores::{
        db::{Connection, RunQueryDsl as _},
        users::signed_in_at,
    },
};

/// So many sign-ins a person may have at once; one more ends the longest idle.
const MAX_PER_USER: i64 = 10;

/// Notes a sign-in with a password of this hash, of somebody who has room for its session; true for nearly everybody.
/// Otherwise it changes nothing, and either may be the reason.
///
/// The sessions are counted once the person's row is this transaction's, so of sign-ins at once each sees those before.
pub async fn set_last_login_with_room(
    connection: &mut Connection,
    user_id: i64,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    // Of the row's own id and not of `user_id`: what does not depend on the row could be counted before it is locked.
    let held = sessions::table.filter(sessions::user_id.eq(users::id)).count().single_value();
    let with_room = users::table
        .find(user_id)
        .filter(users::password_hash.eq(password_hash).and(held.lt(MAX_PER_USER)));
    Ok(diesel::update(with_room).set(signed_in_at(now)).execute(connection).await? == 1)
}

/// Ends the longest idle sessions until there is room for one more.
///
/// The transaction has written the user's row before. So sign-ins of one person wait for one another, and eleven at once do
/// not stay eleven.
pub async fn make_room(connection: &mut Connection, user_id: i64) -> Result<(), Error> {
    let held = diesel::alias!(sessions as held);
    // Counted by the index alone: of those who hold fewer no row is read, and each may lie on another page.
    let count = held.filter(held.field(sessions::user_id).eq(user_id)).count().single_value();
    let oldest_first = sessions::table
        .filter(sessions::user_id.eq(user_id).and(count.ge(MAX_PER_USER)))
        .order((sessions::last_seen_at.desc(), sessions::created_at.desc()))
        .offset(MAX_PER_USER - 1)
        .limit(1000)
        .select(sessions::key_hash)
        .load::<String>(connection)
        .await?;
    delete_rows(connection, &oldest_first).await?;
    Ok(())
}
