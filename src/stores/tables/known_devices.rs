//! The browsers and apps that have signed in to an account.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _,
    NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
    dsl::auto_type,
    result::{DatabaseErrorKind, Error as DieselError},
};

use super::schema::{known_devices, users};
use crate::{
    domain::{device::DeviceId, mobile::Mobile},
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// The most devices of an account. One more makes the one that was not used for longest unknown.
const MAX_PER_ACCOUNT: i64 = 10;
/// How long a device stays known after its last use.
const RETENTION: TimeDelta = TimeDelta::days(180);
/// The last use is recorded at most this often, so that most sign-ins write no row of it.
const RECORD_EVERY: TimeDelta = TimeDelta::days(1);

/// The account of a number, and whether the client's device is known to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The id of the account.
    pub id: i64,
    /// Whether the device has signed in to the account.
    pub knows_device: bool,
}

/// A device in the list that the owner of the account sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDevice {
    /// The id of the device in the list. It is the stored hash, and no secret.
    pub id: String,
    /// The description that the browser gave of itself at its last sign-in.
    pub user_agent: String,
    /// When it last signed in, to a day.
    pub last_used_at: DateTime<Utc>,
}

/// Joins each account with the row of this device, if the device is known to it.
#[auto_type]
pub(super) fn users_with_device(device_hash: String) -> _ {
    users::table.left_join(
        known_devices::table.on(known_devices::user_id
            .eq(users::id)
            .and(known_devices::device_hash.eq(device_hash))),
    )
}

/// Returns the hash to look for. Without a device it is one that no device has.
pub(super) fn hash_or_none(device: Option<DeviceId>) -> String {
    device.map(|device| device.hash()).unwrap_or_default()
}

/// Returns whether a device has signed in to any account.
pub async fn is_known(connection: &mut Connection, device: DeviceId) -> Result<bool, Error> {
    let known = known_devices::table.filter(known_devices::device_hash.eq(device.hash()));
    Ok(diesel::select(diesel::dsl::exists(known)).get_result(connection).await?)
}

/// Returns the account of this number, and whether the device is known to it, by one query.
pub async fn find_owner(
    connection: &mut Connection,
    mobile: &Mobile,
    device: Option<DeviceId>,
) -> Result<Option<Owner>, Error> {
    let row: Option<(i64, Option<NaiveDateTime>)> = users_with_device(hash_or_none(device))
        .filter(users::mobile.eq(mobile.as_str()))
        .select((users::id, known_devices::last_used_at.nullable()))
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(|(id, last_used_at)| Owner { id, knows_device: last_used_at.is_some() }))
}

/// Records that a device has signed in to an account. `last_used_at` is when it did so before, as far as is known.
///
/// The transaction must have written the row of the account before, so that sign-ins of one account wait for one another.
pub async fn remember(
    connection: &mut Connection,
    user_id: i64,
    (device, user_agent): (DeviceId, &str),
    last_used_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if last_used_at.is_some_and(|last| now - last < RECORD_EVERY) {
        return Ok(());
    }
    let user_agent: String = user_agent.chars().take(255).collect();
    let use_now = (
        known_devices::user_agent.eq(&user_agent),
        known_devices::last_used_at.eq(now.naive_utc()),
    );
    if last_used_at.is_some() {
        let device = known_devices::table.find((device.hash(), user_id));
        if diesel::update(device).set(use_now).execute(connection).await? == 1 {
            return Ok(());
        }
    }
    let this = (known_devices::device_hash.eq(device.hash()), known_devices::user_id.eq(user_id));
    let new = diesel::insert_into(known_devices::table).values((this, use_now));
    match new.execute(connection).await {
        Ok(_) => forget_oldest(connection, user_id).await,
        // Another sign-in of the device has recorded it since the account was looked up.
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Returns the devices of an account, the last used first.
pub async fn list(connection: &mut Connection, user_id: i64) -> Result<Vec<ListedDevice>, Error> {
    let rows = known_devices::table
        .filter(known_devices::user_id.eq(user_id))
        .order(known_devices::last_used_at.desc())
        .select(Row::as_select())
        .load::<Row>(connection)
        .await?;
    let listed = |row: Row| ListedDevice {
        id: row.device_hash,
        user_agent: row.user_agent,
        last_used_at: row.last_used_at.and_utc(),
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// Makes one device unknown to an account. Returns `false` if the account has none with this id.
pub async fn forget(connection: &mut Connection, user_id: i64, id: &str) -> Result<bool, Error> {
    let device = known_devices::table.find((id, user_id));
    Ok(diesel::delete(device).execute(connection).await? == 1)
}

/// Makes every device unknown to an account but the one that acts, if it is known.
pub async fn forget_others(
    connection: &mut Connection,
    user_id: i64,
    acting: Option<DeviceId>,
) -> Result<(), Error> {
    let others = known_devices::table
        .filter(known_devices::user_id.eq(user_id))
        .filter(known_devices::device_hash.ne(hash_or_none(acting)));
    diesel::delete(others).execute(connection).await?;
    Ok(())
}

/// Deletes devices that were not used for long, the oldest first and at most `batch`. Returns their number.
pub async fn purge_unused(
    connection: &mut Connection,
    now: DateTime<Utc>,
    batch: i64,
) -> Result<usize, Error> {
    let until = (now - RETENTION).naive_utc();
    let hashes = known_devices::table
        .filter(known_devices::last_used_at.le(until))
        .order(known_devices::last_used_at)
        .limit(batch)
        .select(known_devices::device_hash)
        .load::<String>(connection)
        .await?;
    if hashes.is_empty() {
        return Ok(0);
    }
    let unused = known_devices::table
        .filter(known_devices::device_hash.eq_any(hashes))
        .filter(known_devices::last_used_at.le(until));
    Ok(diesel::delete(unused).execute(connection).await?)
}

async fn forget_oldest(connection: &mut Connection, user_id: i64) -> Result<(), Error> {
    let superfluous = known_devices::table
        .filter(known_devices::user_id.eq(user_id))
        .order(known_devices::last_used_at.desc())
        .offset(MAX_PER_ACCOUNT)
        .limit(1000)
        .select(known_devices::device_hash)
        .load::<String>(connection)
        .await?;
    if superfluous.is_empty() {
        return Ok(());
    }
    let rows = known_devices::table
        .filter(known_devices::user_id.eq(user_id))
        .filter(known_devices::device_hash.eq_any(superfluous));
    diesel::delete(rows).execute(connection).await?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = known_devices)]
struct Row {
    device_hash: String,
    user_agent: String,
    last_used_at: NaiveDateTime,
}
