//! Consecutive failures to sign in.
//!
//! After too many, one way to sign in is closed until the person signs in some other way or the operator opens it. The
//! password is closed to strangers only: devices that are known to the account still sign in by it. The failures are
//! stored with the account, so no restart resets them (R19, R43).
//!
//! A sign-in and a new password reset them; see [`users`](super::users).

use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};

use super::schema::users;
use crate::{
    domain::mobile::Mobile,
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// Number of consecutive failures of one kind that close that way to sign in. NIST allows a hundred, and some may be
/// under way while the last one is counted.
pub(crate) const MAX_CONSECUTIVE_FAILURES: i32 = 90;

/// Counts a wrong password of a stranger, and returns how many there were in a row. In a transaction, no two calls return
/// the same number.
pub async fn count_wrong_password(connection: &mut Connection, id: i64) -> Result<i32, Error> {
    let account = users::table.find(id);
    diesel::update(account)
        .set(users::password_failures.eq(users::password_failures + 1))
        .execute(connection)
        .await?;
    let failures = account.select(users::password_failures).first(connection).await;
    Ok(failures.optional()?.unwrap_or_default())
}

/// Returns whether strangers have failed too often in a row to sign in by the password of this account.
pub async fn is_closed_to_strangers(connection: &mut Connection, id: i64) -> Result<bool, Error> {
    let closed =
        users::table.find(id).filter(users::password_failures.ge(MAX_CONSECUTIVE_FAILURES));
    Ok(closed.count().get_result::<i64>(connection).await? > 0)
}

/// Counts a wrong code for the account of this number, if there is one.
pub async fn count_wrong_code(connection: &mut Connection, mobile: &Mobile) -> Result<(), Error> {
    diesel::update(users::table.filter(users::mobile.eq(mobile.as_str())))
        .set(users::code_failures.eq(users::code_failures + 1))
        .execute(connection)
        .await?;
    Ok(())
}

/// Fails if signing in by code is closed after too many wrong codes.
pub async fn require_code_sign_in_open(connection: &mut Connection, id: i64) -> Result<(), Error> {
    let closed = users::table.find(id).filter(users::code_failures.ge(MAX_CONSECUTIVE_FAILURES));
    match closed.count().get_result::<i64>(connection).await? {
        0 => Ok(()),
        _ => Err(Error::SmsSignInClosed),
    }
}

/// Resets consecutive failures of both kinds.
pub async fn clear_failures(connection: &mut Connection, id: i64) -> Result<(), Error> {
    diesel::update(users::table.find(id))
        .set((users::password_failures.eq(0), users::code_failures.eq(0)))
        .execute(connection)
        .await?;
    Ok(())
}
