//! Sign-ins at applications: each with its code, and with what its tokens say.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SubsecRound as _, TimeDelta, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, Queryable, Selectable, SelectableHelper as _,
};
use uuid::Uuid;

use super::schema::{oauth_clients, oauth_grants, sessions};
use crate::{
    domain::oauth::{
        amr::Amr,
        scope::{Scope, ScopeValue},
        token::OpaqueToken,
    },
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// The most grants of an account. One more ends the oldest.
const MAX_PER_ACCOUNT: i64 = 300;

/// How long a code can be exchanged.
pub const CODE_LIFETIME: Duration = Duration::from_mins(1);

/// How long a grant is kept after its tokens have expired. Its client is told of the end of the session until then.
const KEPT_AFTER_EXPIRY: TimeDelta = TimeDelta::days(1);

/// A sign-in at an application.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// The application.
    pub client_id: String,
    /// The account.
    pub user_id: i64,
    /// The public id of the session that it was granted in.
    pub session_id: String,
    /// The issuer that the client knows us by.
    pub issuer: String,
    /// What the client may know.
    pub scope: Scope,
    /// How the person signed in.
    pub amr: Option<Amr>,
    /// When the person signed in.
    pub auth_time: DateTime<Utc>,
    /// What the client wants to see in the ID token.
    pub nonce: Option<String>,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// The challenge of PKCE.
    pub code_challenge: Option<String>,
}

impl Grant {
    /// Whether it outlives its session.
    pub fn is_offline(&self) -> bool {
        self.scope.has(ScopeValue::OfflineAccess)
    }
}

/// A grant whose client has to be told that the session has ended.
#[derive(Clone, Debug)]
pub struct EndedGrant {
    /// The grant.
    pub grant: Grant,
    /// How often it was tried.
    pub attempts: i32,
}

/// The row of a code.
#[derive(Clone, Debug)]
pub struct FoundCode {
    /// The grant that the code gives.
    pub grant: Grant,
    /// Whether it was exchanged before.
    pub is_used: bool,
    /// Until when it can be exchanged.
    pub expires_at: DateTime<Utc>,
}

/// Records a grant with its code. Its id is made here.
pub async fn insert(
    connection: &mut Connection,
    grant: &Grant,
    code: &OpaqueToken,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let now = now.trunc_subsecs(6);
    let code_expires_at = (now + CODE_LIFETIME).naive_utc();
    let values = (
        oauth_grants::id.eq(Uuid::now_v7().to_string()),
        oauth_grants::client_id.eq(&grant.client_id),
        oauth_grants::user_id.eq(grant.user_id),
        oauth_grants::session_id.eq(&grant.session_id),
        oauth_grants::issuer.eq(&grant.issuer),
        oauth_grants::scope.eq(grant.scope.to_string()),
        oauth_grants::amr.eq(grant.amr.map(Amr::as_str)),
        oauth_grants::auth_time.eq(grant.auth_time.naive_utc()),
        oauth_grants::nonce.eq(&grant.nonce),
        oauth_grants::redirect_uri.eq(&grant.redirect_uri),
        oauth_grants::code_hash.eq(code.hash()),
        oauth_grants::code_challenge.eq(&grant.code_challenge),
        oauth_grants::code_expires_at.eq(code_expires_at),
        oauth_grants::created_at.eq(now.naive_utc()),
        oauth_grants::expires_at.eq(code_expires_at),
        oauth_grants::logout_attempts.eq(0),
    );
    diesel::insert_into(oauth_grants::table).values(values).execute(connection).await?;
    Ok(())
}

/// Makes room for another grant.
///
/// Those of the same session and client whose codes or tokens have expired are deleted, and the oldest ones of an account
/// that has too many. So neither silent renewal nor a flood of requests piles grants up.
pub async fn make_room(
    connection: &mut Connection,
    grant: &Grant,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let replaced = oauth_grants::table
        .filter(oauth_grants::user_id.eq(grant.user_id))
        .filter(oauth_grants::session_id.eq(&grant.session_id))
        .filter(oauth_grants::client_id.eq(&grant.client_id))
        .filter(oauth_grants::expires_at.le(now.naive_utc()));
    diesel::delete(replaced).execute(connection).await?;
    let superfluous = oauth_grants::table
        .filter(oauth_grants::user_id.eq(grant.user_id))
        .order(oauth_grants::created_at.desc())
        .offset(MAX_PER_ACCOUNT - 1)
        .limit(100)
        .select(oauth_grants::id)
        .load::<String>(connection)
        .await?;
    if !superfluous.is_empty() {
        let rows = oauth_grants::table.filter(oauth_grants::id.eq_any(superfluous));
        diesel::delete(rows).execute(connection).await?;
    }
    Ok(())
}

/// Returns what a code gives.
pub async fn find_by_code(
    connection: &mut Connection,
    code: &OpaqueToken,
) -> Result<Option<FoundCode>, Error> {
    let row = oauth_grants::table
        .filter(oauth_grants::code_hash.eq(code.hash()))
        .select((Row::as_select(), oauth_grants::code_used_at, oauth_grants::code_expires_at))
        .first::<(Row, Option<NaiveDateTime>, NaiveDateTime)>(connection)
        .await
        .optional()?;
    Ok(row.map(|(row, used_at, expires_at)| FoundCode {
        grant: row.into_grant(),
        is_used: used_at.is_some(),
        expires_at: expires_at.and_utc(),
    }))
}

/// Uses the code of a grant up. Of concurrent calls one returns `true`.
pub async fn use_code(
    connection: &mut Connection,
    grant_id: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let unused = oauth_grants::table
        .filter(oauth_grants::id.eq(grant_id))
        .filter(oauth_grants::code_used_at.is_null());
    let used = oauth_grants::code_used_at.eq(now.naive_utc());
    Ok(diesel::update(unused).set(used).execute(connection).await? == 1)
}

/// Lets a grant last until its last token expires.
pub async fn extend(
    connection: &mut Connection,
    grant_id: &str,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(oauth_grants::table.find(grant_id))
        .set(oauth_grants::expires_at.eq(until.naive_utc()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a grant and its tokens.
pub async fn delete(connection: &mut Connection, grant_id: &str) -> Result<(), Error> {
    diesel::delete(oauth_grants::table.find(grant_id)).execute(connection).await?;
    Ok(())
}

/// Ends everything that a person has granted to a client.
pub(super) async fn delete_of_client(
    connection: &mut Connection,
    user_id: i64,
    client_id: &str,
) -> Result<(), Error> {
    let own = oauth_grants::table
        .filter(oauth_grants::user_id.eq(user_id))
        .filter(oauth_grants::client_id.eq(client_id));
    diesel::delete(own).execute(connection).await?;
    Ok(())
}

/// Takes the right of clients to act after their session has ended from the grants of some sessions of an account, so that
/// they end with their session. An account has at most [`MAX_PER_ACCOUNT`].
pub async fn end_offline_access(
    connection: &mut Connection,
    user_id: i64,
    ends: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    let all = oauth_grants::table
        .filter(oauth_grants::user_id.eq(user_id))
        .select(Row::as_select())
        .load::<Row>(connection)
        .await?;
    let ended = all.into_iter().map(Row::into_grant).filter(|grant| ends(&grant.session_id));
    for grant in ended.filter(Grant::is_offline) {
        let online = grant.scope.without(ScopeValue::OfflineAccess);
        diesel::update(oauth_grants::table.find(&grant.id))
            .set(oauth_grants::scope.eq(online.to_string()))
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Returns grants whose session has ended and whose clients want to be told, of one account or of all, at most `batch`.
pub async fn ended(
    connection: &mut Connection,
    user_id: Option<i64>,
    now: DateTime<Utc>,
    batch: i64,
) -> Result<Vec<EndedGrant>, Error> {
    let mut query = oauth_grants::table
        .inner_join(oauth_clients::table)
        .left_join(sessions::table.on(sessions::public_id.eq(oauth_grants::session_id)))
        .filter(oauth_clients::back_channel_logout_uri.is_not_null())
        .filter(oauth_grants::code_used_at.is_not_null())
        .filter(oauth_grants::logout_attempts.ge(0))
        .filter(
            oauth_grants::logout_due_at
                .is_null()
                .or(oauth_grants::logout_due_at.le(now.naive_utc())),
        )
        .filter(sessions::public_id.is_null())
        .into_boxed();
    if let Some(user_id) = user_id {
        query = query.filter(oauth_grants::user_id.eq(user_id));
    }
    let rows = query
        .limit(batch)
        .select((Row::as_select(), oauth_grants::logout_attempts))
        .load::<(Row, i32)>(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(row, attempts)| EndedGrant { grant: row.into_grant(), attempts })
        .collect())
}

/// Takes one attempt to tell the client of an ended grant, which is due again at `retry_at`. Of several instances one
/// returns `true`.
pub async fn claim_logout(
    connection: &mut Connection,
    ended: &EndedGrant,
    retry_at: DateTime<Utc>,
) -> Result<bool, Error> {
    let this = oauth_grants::table
        .filter(oauth_grants::id.eq(&ended.grant.id))
        .filter(oauth_grants::logout_attempts.eq(ended.attempts));
    let rows = diesel::update(this)
        .set((
            oauth_grants::logout_attempts.eq(ended.attempts + 1),
            oauth_grants::logout_due_at.eq(retry_at.naive_utc()),
        ))
        .execute(connection)
        .await?;
    Ok(rows == 1)
}

/// Records that the client of a grant need not be told any more. A grant that outlives its session stays.
pub async fn end_logout(connection: &mut Connection, grant: &Grant) -> Result<(), Error> {
    if !grant.is_offline() {
        return delete(connection, &grant.id).await;
    }
    diesel::update(oauth_grants::table.find(&grant.id))
        .set(oauth_grants::logout_attempts.eq(-1))
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes codes that were never used, and grants whose session has ended and whose tokens have expired a day ago, the oldest
/// first and at most `batch`. Returns their number.
///
/// Grants stay while their session does, and until their clients were told of its end.
pub async fn purge_expired(
    connection: &mut Connection,
    now: DateTime<Utc>,
    batch: i64,
) -> Result<usize, Error> {
    let expired = oauth_grants::table
        .left_join(sessions::table.on(sessions::public_id.eq(oauth_grants::session_id)))
        .inner_join(oauth_clients::table)
        .filter(oauth_grants::expires_at.le((now - KEPT_AFTER_EXPIRY).naive_utc()))
        .filter(
            oauth_grants::code_used_at.is_null().or(sessions::public_id.is_null().and(
                oauth_clients::back_channel_logout_uri
                    .is_null()
                    .or(oauth_grants::logout_attempts.lt(0)),
            )),
        )
        .order(oauth_grants::expires_at)
        .limit(batch)
        .select(oauth_grants::id)
        .load::<String>(connection)
        .await?;
    if expired.is_empty() {
        return Ok(0);
    }
    let rows = oauth_grants::table.filter(oauth_grants::id.eq_any(expired));
    Ok(diesel::delete(rows).execute(connection).await?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = oauth_grants)]
pub(super) struct Row {
    id: String,
    client_id: String,
    user_id: i64,
    session_id: String,
    issuer: String,
    scope: String,
    amr: Option<String>,
    auth_time: NaiveDateTime,
    nonce: Option<String>,
    redirect_uri: String,
    code_challenge: Option<String>,
}

impl Row {
    pub(super) fn into_grant(self) -> Grant {
        Grant {
            id: self.id,
            client_id: self.client_id,
            user_id: self.user_id,
            session_id: self.session_id,
            issuer: self.issuer,
            scope: Scope::parse(&self.scope),
            amr: self.amr.as_deref().and_then(Amr::parse),
            auth_time: self.auth_time.and_utc(),
            nonce: self.nonce,
            redirect_uri: self.redirect_uri,
            code_challenge: self.code_challenge,
        }
    }
}
