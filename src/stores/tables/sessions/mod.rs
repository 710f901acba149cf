//! Sessions: who is signed in, where and until when.

mod displaced;
mod ended;
mod key;
mod limit;
mod values;

use chrono::{DateTime, NaiveDateTime, SubsecRound as _, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    Queryable, Selectable, SelectableHelper as _, dsl::auto_type,
};
use uuid::Uuid;

pub use self::{
    displaced::purge_displaced,
    ended::{end, end_all, end_others},
    key::{KeyHash, SessionKey},
    limit::make_room,
    values::{
        Kind, Lifetime, Lifetimes, ListedSession, LiveSession, Lookup, NewSession, SessionLimits,
    },
};

use self::{
    displaced::{Reason, reason_of},
    values::TOUCH_EVERY,
};
use super::{
    oauth_grants,
    schema::{displaced_sessions, sessions, users},
    users::Row as UserRow,
};
use crate::{
    domain::{account::Status, oauth::amr::Amr},
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// Creates a session. [`make_room`] must have run before.
pub async fn create(
    connection: &mut Connection,
    new: &NewSession,
    now: DateTime<Utc>,
    lifetimes: Lifetimes,
) -> Result<SessionKey, Error> {
    let key = SessionKey::random();
    create_with_key(connection, &key, new, now, lifetimes).await?;
    Ok(key)
}

/// Creates a session with this key. [`make_room`] must have run before.
pub async fn create_with_key(
    connection: &mut Connection,
    key: &SessionKey,
    new: &NewSession,
    now: DateTime<Utc>,
    lifetimes: Lifetimes,
) -> Result<(), Error> {
    let lifetime = if new.remember { lifetimes.remembered } else { lifetimes.normal };
    let now = now.trunc_subsecs(6);
    let values = (
        sessions::key_hash.eq(key.hash().as_str().to_owned()),
        // A UUID that begins with the time: with random ones every insert would read another page of the index.
        sessions::public_id.eq(Uuid::now_v7().to_string()),
        sessions::user_id.eq(new.user_id),
        sessions::kind.eq(new.kind.as_str()),
        sessions::remember.eq(new.remember),
        sessions::device.eq(cut(&new.device, 255)),
        sessions::address.eq(cut(&new.address, 45)),
        sessions::created_at.eq(now.naive_utc()),
        sessions::last_seen_at.eq(now.naive_utc()),
        sessions::expires_at.eq((now + lifetime.absolute).naive_utc()),
        sessions::amr.eq(new.amr.as_str()),
    );
    diesel::insert_into(sessions::table).values(values).execute(connection).await?;
    Ok(())
}

/// Looks up the session of the key with this hash, and whether it has expired. Sessions of locked accounts are not found.
pub async fn find(
    connection: &mut Connection,
    key: &KeyHash,
    now: DateTime<Utc>,
    lifetimes: Lifetimes,
) -> Result<Lookup, Error> {
    let row = sessions::table
        .inner_join(users::table)
        .filter(sessions::key_hash.eq(key.as_str()))
        .filter(users::status.eq(Status::Active.as_str()))
        .select((Row::as_select(), UserRow::as_select(), within_limits(now, lifetimes)))
        .first::<(Row, UserRow, bool)>(connection)
        .await
        .optional()?;
    let Some((session, user, is_within_limits)) = row else {
        return Ok(match reason_of(connection, key, now).await? {
            Some(Reason::Displaced) => Lookup::Displaced,
            Some(Reason::Ended) => Lookup::Ended,
            None => Lookup::NotFound,
        });
    };
    if !is_within_limits {
        return Ok(Lookup::Expired);
    }
    Ok(Lookup::Live(LiveSession {
        kind: session.kind()?,
        public_id: session.public_id,
        account: user.into_account()?,
        remember: session.remember,
        signed_in_at: session.created_at.and_utc(),
        last_seen_at: session.last_seen_at.and_utc(),
        amr: session.amr.as_deref().and_then(Amr::parse),
    }))
}

/// Returns the live sessions of an account, the last used first.
pub async fn list(
    connection: &mut Connection,
    user_id: i64,
    now: DateTime<Utc>,
    lifetimes: Lifetimes,
) -> Result<Vec<ListedSession>, Error> {
    let rows = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(within_limits(now, lifetimes))
        .order(sessions::last_seen_at.desc())
        .select(Row::as_select())
        .load::<Row>(connection)
        .await?;
    rows.into_iter().map(Row::listed).collect()
}

/// Records that a session was used from an address, at most once a minute. Returns whether it was recorded. Without an
/// address the last one stays.
pub async fn touch(
    connection: &mut Connection,
    key: &KeyHash,
    address: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let due = sessions::table
        .find(key.as_str())
        .filter(sessions::last_seen_at.le((now - TOUCH_EVERY).naive_utc()));
    let rows = diesel::update(due)
        .set((
            sessions::last_seen_at.eq(now.naive_utc()),
            address.map(|address| sessions::last_address.eq(address)),
        ))
        .execute(connection)
        .await?;
    Ok(rows == 1)
}

/// Deletes the session of the key with this hash, if there is one.
pub async fn delete(connection: &mut Connection, key: &KeyHash) -> Result<(), Error> {
    diesel::delete(sessions::table.find(key.as_str())).execute(connection).await?;
    Ok(())
}

/// Deletes one of a person's own sessions. Returns `false` if there is none, also for a session of somebody else (R85).
pub async fn delete_by_public_id(
    connection: &mut Connection,
    user_id: i64,
    public_id: &str,
) -> Result<bool, Error> {
    let own = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::public_id.eq(public_id));
    Ok(diesel::delete(own).execute(connection).await? == 1)
}

/// Deletes every session of an account. Returns their number.
pub async fn delete_all(connection: &mut Connection, user_id: i64) -> Result<usize, Error> {
    oauth_grants::end_offline_access(connection, user_id, |_| true).await?;
    let own = sessions::table.filter(sessions::user_id.eq(user_id));
    Ok(diesel::delete(own).execute(connection).await?)
}

/// Deletes every session of an account but one. Returns their number.
pub async fn delete_others(
    connection: &mut Connection,
    user_id: i64,
    keep_public_id: &str,
) -> Result<usize, Error> {
    let others = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::public_id.ne(keep_public_id));
    Ok(diesel::delete(others).execute(connection).await?)
}

/// Deletes expired rows, the oldest first and at most `batch`. Returns their number.
pub async fn purge_expired(
    connection: &mut Connection,
    now: DateTime<Utc>,
    batch: i64,
) -> Result<usize, Error> {
    let expired = sessions::table
        .filter(sessions::expires_at.le(now.naive_utc()))
        .order(sessions::expires_at)
        .limit(batch)
        .select(sessions::key_hash)
        .load::<String>(connection)
        .await?;
    delete_rows(connection, &expired).await
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct Row {
    public_id: String,
    kind: String,
    remember: bool,
    device: String,
    address: String,
    created_at: NaiveDateTime,
    last_seen_at: NaiveDateTime,
    last_address: Option<String>,
    amr: Option<String>,
}

impl Row {
    fn kind(&self) -> Result<Kind, Error> {
        Kind::parse(&self.kind)
            .ok_or_else(|| Error::internal(format!("a session is of kind {:?}", self.kind)))
    }

    fn listed(self) -> Result<ListedSession, Error> {
        Ok(ListedSession {
            kind: self.kind()?,
            public_id: self.public_id,
            device: self.device,
            last_address: self.last_address.unwrap_or_else(|| self.address.clone()),
            address: self.address,
            signed_in_at: self.created_at.and_utc(),
            last_seen_at: self.last_seen_at.and_utc(),
        })
    }
}

/// The session has not expired and was not idle for too long.
#[auto_type]
fn within_limits(now: DateTime<Utc>, lifetimes: Lifetimes) -> _ {
    let seen_after: NaiveDateTime = (now - lifetimes.normal.idle).naive_utc();
    let remembered_seen_after: NaiveDateTime = (now - lifetimes.remembered.idle).naive_utc();
    let now: NaiveDateTime = now.naive_utc();
    let normal = sessions::remember.eq(false).and(sessions::last_seen_at.gt(seen_after));
    let remembered =
        sessions::remember.eq(true).and(sessions::last_seen_at.gt(remembered_seen_after));
    sessions::expires_at.gt(now).and(normal.or(remembered))
}

async fn delete_rows(connection: &mut Connection, key_hashes: &[String]) -> Result<usize, Error> {
    if key_hashes.is_empty() {
        return Ok(0);
    }
    let rows = sessions::table.filter(sessions::key_hash.eq_any(key_hashes));
    Ok(diesel::delete(rows).execute(connection).await?)
}

fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}
