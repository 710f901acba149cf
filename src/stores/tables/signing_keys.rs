//! The table of the keys that sign JWTs. [`jwt_keys`](crate::stores::jwt_keys) decides what they are used for.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
    result::{DatabaseErrorKind, Error as DieselError},
};

use super::schema::signing_keys;
use crate::{
    domain::{signing_algorithm::SigningAlgorithm, signing_key::PublishedKey},
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// A row of the table.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// The number of the key, counted from 1 across all algorithms.
    pub generation: i32,
    /// The public half, which others verify with.
    pub public: PublishedKey,
    /// The private half, encrypted. It is empty once the key no longer signs.
    pub encrypted: String,
    /// When the key was made.
    pub created_at: DateTime<Utc>,
    /// When the key stops signing; may lie in the future.
    pub retired_at: Option<DateTime<Utc>>,
}

impl StoredKey {
    /// Returns whether the key signs now or later.
    pub fn is_in_use(&self, now: DateTime<Utc>) -> bool {
        self.retired_at.is_none_or(|at| at > now)
    }
}

/// Returns every key, the oldest first.
pub async fn all(connection: &mut Connection) -> Result<Vec<StoredKey>, Error> {
    let rows = signing_keys::table
        .order(signing_keys::generation)
        .select(Row::as_select())
        .load::<Row>(connection)
        .await?;
    rows.into_iter().map(Row::into_key).collect()
}

/// Inserts a key. Returns `false` if there is one of its generation already.
pub async fn insert(connection: &mut Connection, new: &StoredKey) -> Result<bool, Error> {
    let values = (
        signing_keys::generation.eq(new.generation),
        signing_keys::algorithm.eq(new.public.algorithm.as_str()),
        signing_keys::kid.eq(&new.public.kid),
        signing_keys::public_key.eq(new.public.to_stored()),
        signing_keys::private_key.eq(&new.encrypted),
        signing_keys::created_at.eq(new.created_at.naive_utc()),
        signing_keys::retired_at.eq(new.retired_at.map(|at| at.naive_utc())),
    );
    match diesel::insert_into(signing_keys::table).values(values).execute(connection).await {
        Ok(_) => Ok(true),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Retires every key of the same algorithm before this one at that time, unless it retires sooner.
pub async fn retire_before(
    connection: &mut Connection,
    new: &StoredKey,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let at = at.naive_utc();
    let later = signing_keys::retired_at.is_null().or(signing_keys::retired_at.gt(at));
    let older = signing_keys::table
        .filter(signing_keys::algorithm.eq(new.public.algorithm.as_str()))
        .filter(signing_keys::generation.lt(new.generation))
        .filter(later);
    diesel::update(older).set(signing_keys::retired_at.eq(at)).execute(connection).await?;
    Ok(())
}

/// Replaces an encrypted private half, unless it was replaced meanwhile.
pub async fn replace_encrypted(
    connection: &mut Connection,
    old: &str,
    new: &str,
) -> Result<(), Error> {
    let one = signing_keys::table.filter(signing_keys::private_key.eq(old));
    diesel::update(one).set(signing_keys::private_key.eq(new)).execute(connection).await?;
    Ok(())
}

/// Deletes the private halves of keys that were retired by then.
pub async fn forget_private(connection: &mut Connection, by: DateTime<Utc>) -> Result<(), Error> {
    let retired = signing_keys::table.filter(signing_keys::retired_at.le(by.naive_utc()));
    diesel::update(retired).set(signing_keys::private_key.eq("")).execute(connection).await?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = signing_keys)]
struct Row {
    generation: i32,
    algorithm: String,
    kid: String,
    public_key: String,
    private_key: String,
    created_at: NaiveDateTime,
    retired_at: Option<NaiveDateTime>,
}

impl Row {
    fn into_key(self) -> Result<StoredKey, Error> {
        let read = |algorithm| PublishedKey::from_stored(algorithm, self.kid, &self.public_key);
        let public = SigningAlgorithm::parse(&self.algorithm).and_then(read);
        Ok(StoredKey {
            generation: self.generation,
            public: public.ok_or_else(|| Error::internal("a signing key cannot be read"))?,
            encrypted: self.private_key,
            created_at: self.created_at.and_utc(),
            retired_at: self.retired_at.map(|at| at.and_utc()),
        })
    }
}
