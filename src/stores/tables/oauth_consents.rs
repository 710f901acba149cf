//! Which applications people have signed in to, and what they let them know.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    result::{DatabaseErrorKind, Error as DieselError},
};

use super::{
    oauth_grants,
    schema::{oauth_clients, oauth_consents},
};
use crate::{
    domain::oauth::scope::Scope,
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// An application in the list that a person sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The `client_id`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may know.
    pub scope: Scope,
    /// When the person first signed in to it.
    pub since: DateTime<Utc>,
    /// When the person last signed in to it.
    pub last_used_at: DateTime<Utc>,
}

/// Returns what a person lets a client know; `None` if they have never signed in to it.
pub async fn find(
    connection: &mut Connection,
    user_id: i64,
    client_id: &str,
) -> Result<Option<Scope>, Error> {
    let scope: Option<String> = oauth_consents::table
        .find((user_id, client_id))
        .select(oauth_consents::scope)
        .first(connection)
        .await
        .optional()?;
    Ok(scope.map(|scope| Scope::parse(&scope)))
}

/// Records that a person has signed in to a client, which may know this from now on beside what it may know already.
pub async fn record(
    connection: &mut Connection,
    user_id: i64,
    client_id: &str,
    scope: Scope,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let this = oauth_consents::table.find((user_id, client_id));
    let used = oauth_consents::last_used_at.eq(now.naive_utc());
    if let Some(before) = find(connection, user_id, client_id).await? {
        let wider = oauth_consents::scope.eq(before.with(scope).to_string());
        diesel::update(this).set((used, wider)).execute(connection).await?;
        return Ok(());
    }
    let new = (
        oauth_consents::user_id.eq(user_id),
        oauth_consents::client_id.eq(client_id),
        oauth_consents::scope.eq(scope.to_string()),
        oauth_consents::created_at.eq(now.naive_utc()),
        used,
    );
    match diesel::insert_into(oauth_consents::table).values(new).execute(connection).await {
        // Two tabs at once: the other one has recorded it.
        Ok(_) | Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Returns the applications of a person, the last used first.
pub async fn list(connection: &mut Connection, user_id: i64) -> Result<Vec<Application>, Error> {
    let rows = oauth_consents::table
        .inner_join(oauth_clients::table)
        .filter(oauth_consents::user_id.eq(user_id))
        .order(oauth_consents::last_used_at.desc())
        .select((
            oauth_clients::id,
            oauth_clients::name,
            oauth_consents::scope,
            oauth_consents::created_at,
            oauth_consents::last_used_at,
        ))
        .load::<(String, String, String, NaiveDateTime, NaiveDateTime)>(connection)
        .await?;
    let application = |(id, name, scope, since, last_used_at): (_, _, String, NaiveDateTime, _)| {
        let last_used_at: NaiveDateTime = last_used_at;
        Application {
            id,
            name,
            scope: Scope::parse(&scope),
            since: since.and_utc(),
            last_used_at: last_used_at.and_utc(),
        }
    };
    Ok(rows.into_iter().map(application).collect())
}

/// Ends what a person has granted to a client. Returns `false` if that was nothing.
pub async fn delete(
    connection: &mut Connection,
    user_id: i64,
    client_id: &str,
) -> Result<bool, Error> {
    oauth_grants::delete_of_client(connection, user_id, client_id).await?;
    let consent = oauth_consents::table.find((user_id, client_id));
    Ok(diesel::delete(consent).execute(connection).await? == 1)
}
