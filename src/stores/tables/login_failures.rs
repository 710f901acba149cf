//! Failures in a row: after so many a way into an account is closed, until another way or the operator opens
//! it again. They are kept with the account: no restart forgives them (R19, R43).
//!
//! A sign-in and a new password end every row; they are noted where these are ([`users`](super::users)).

use diesel::{ExpressionMethods as _, QueryDsl as _};

use super::schema::users;
use crate::{
    domain::mobile::Mobile,
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// So many failures of one kind in a row close that way in, until a sign-in by another or the operator
/// opens it. NIST allows a hundred; some may be under way while the last one is counted.
pub(crate) const MOST_IN_A_ROW: i32 = 90;

/// Counts a wrong password.
pub async fn count_wrong_password(connection: &mut Connection, id: i64) -> Result<(), Error> {
    diesel::update(users::table.find(id))
        .set(users::password_failures.eq(users::password_failures + 1))
        .execute(connection)
        .await?;
    Ok(())
}

/// Counts a wrong code for whoever has this number, if anybody has.
pub async fn count_wrong_code(connection: &mut Connection, mobile: &Mobile) -> Result<(), Error> {
    diesel::update(users::table.filter(users::mobile.eq(mobile.as_str())))
        .set(users::code_failures.eq(users::code_failures + 1))
        .execute(connection)
        .await?;
    Ok(())
}

/// Refuses when so many wrong codes were tried in a row that no code is taken any more.
pub async fn check_codes_are_taken(connection: &mut Connection, id: i64) -> Result<(), Error> {
    let closed = users::table.find(id).filter(users::code_failures.ge(MOST_IN_A_ROW));
    match closed.count().get_result::<i64>(connection).await? {
        0 => Ok(()),
        _ => Err(Error::SmsSignInClosed),
    }
}

/// Forgets failures in a row, of either kind.
pub async fn clear_failures(connection: &mut Connection, id: i64) -> Result<(), Error> {
    diesel::update(users::table.find(id))
        .set((users::password_failures.eq(0), users::code_failures.eq(0)))
        .execute(connection)
        .await?;
    Ok(())
}
