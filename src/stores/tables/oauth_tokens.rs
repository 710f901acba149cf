//! Access and refresh tokens, stored as hashes.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SubsecRound as _, Utc};
use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};

use super::{
    oauth_grants::{Grant, Row as GrantRow},
    schema::{oauth_clients, oauth_grants, oauth_tokens, sessions, users},
    users::Row as UserRow,
};
use crate::{
    domain::{
        account::{Account, Status},
        oauth::{
            client::subject,
            scope::Scope,
            token::{OpaqueToken, TokenUse},
        },
    },
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// How long an access token is good.
pub const ACCESS_LIFETIME: Duration = Duration::from_mins(10);
/// How long a refresh token is good if it is not used. Each use begins anew.
pub const REFRESH_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// How long after its use a second use of a refresh token is noticed. A client that refreshes every ten minutes leaves a
/// thousand rows in this time.
const REUSE_NOTICED: Duration = Duration::from_hours(7 * 24);

/// A token that was found, and what it belongs to.
#[derive(Clone, Debug)]
pub struct FoundToken {
    /// The grant that the token comes of.
    pub grant: Grant,
    /// The account.
    pub account: Account,
    /// The `sub` by which the client knows the account.
    pub subject: String,
    /// Whether the session that the person signed in with goes on.
    pub session_is_live: bool,
    /// What the token is good for, which may be less than what was granted.
    pub scope: Scope,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// Whether it is a refresh token that was used before.
    pub is_used: bool,
}

/// Records a token.
pub async fn insert(
    connection: &mut Connection,
    (token, token_use): (&OpaqueToken, TokenUse),
    (grant_id, scope): (&str, Scope),
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), Error> {
    let values = (
        oauth_tokens::token_hash.eq(token.hash()),
        oauth_tokens::grant_id.eq(grant_id),
        oauth_tokens::kind.eq(word(token_use)),
        oauth_tokens::scope.eq(scope.to_string()),
        oauth_tokens::created_at.eq(now.trunc_subsecs(6).naive_utc()),
        oauth_tokens::expires_at.eq(expires_at.trunc_subsecs(6).naive_utc()),
    );
    diesel::insert_into(oauth_tokens::table).values(values).execute(connection).await?;
    Ok(())
}

/// Looks a token up. It is not found if it has expired, if the account is locked or gone, or if the session has ended that
/// it belongs to.
pub async fn find(
    connection: &mut Connection,
    (token, token_use): (&OpaqueToken, TokenUse),
    now: DateTime<Utc>,
) -> Result<Option<FoundToken>, Error> {
    let row = oauth_tokens::table
        .inner_join(oauth_grants::table.inner_join(oauth_clients::table))
        .inner_join(users::table.on(users::id.eq(oauth_grants::user_id)))
        .left_join(sessions::table.on(sessions::public_id.eq(oauth_grants::session_id)))
        .filter(oauth_tokens::token_hash.eq(token.hash()))
        .filter(oauth_tokens::kind.eq(word(token_use)))
        .filter(oauth_tokens::expires_at.gt(now.naive_utc()))
        .filter(users::status.eq(Status::Active.as_str()))
        .select((
            GrantRow::as_select(),
            UserRow::as_select(),
            (
                oauth_tokens::scope,
                oauth_tokens::created_at,
                oauth_tokens::expires_at,
                oauth_tokens::used_at,
            ),
            (sessions::expires_at.nullable(), oauth_clients::pairwise_salt),
        ))
        .first::<(GrantRow, UserRow, TokenColumns, OtherColumns)>(connection)
        .await
        .optional()?;
    let Some((grant, user, (scope, created_at, expires_at, used_at), (session_expires_at, salt))) =
        row
    else {
        return Ok(None);
    };
    let grant = grant.into_grant();
    let session_is_live = session_expires_at.is_some_and(|at| at > now.naive_utc());
    if !session_is_live && !grant.is_offline() {
        return Ok(None);
    }
    let account = user.into_account()?;
    Ok(Some(FoundToken {
        grant,
        subject: subject(salt.as_deref(), account.id),
        account,
        session_is_live,
        scope: Scope::parse(&scope),
        created_at: created_at.and_utc(),
        expires_at: expires_at.and_utc(),
        is_used: used_at.is_some(),
    }))
}

/// Uses a refresh token up, which stays known for [`REUSE_NOTICED`]. Of concurrent calls one returns `true`.
pub async fn use_refresh_token(
    connection: &mut Connection,
    (token, expires_at): (&OpaqueToken, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let unused = oauth_tokens::table
        .filter(oauth_tokens::token_hash.eq(token.hash()))
        .filter(oauth_tokens::used_at.is_null());
    let forgotten_at = expires_at.min(now + REUSE_NOTICED);
    let used = (
        oauth_tokens::used_at.eq(now.naive_utc()),
        oauth_tokens::expires_at.eq(forgotten_at.naive_utc()),
    );
    Ok(diesel::update(unused).set(used).execute(connection).await? == 1)
}

/// Ends one token.
pub async fn delete(connection: &mut Connection, token: &OpaqueToken) -> Result<(), Error> {
    diesel::delete(oauth_tokens::table.find(token.hash())).execute(connection).await?;
    Ok(())
}

/// Deletes expired tokens, the oldest first and at most `batch`. Returns their number.
pub async fn purge_expired(
    connection: &mut Connection,
    now: DateTime<Utc>,
    batch: i64,
) -> Result<usize, Error> {
    let expired = oauth_tokens::table
        .filter(oauth_tokens::expires_at.le(now.naive_utc()))
        .order(oauth_tokens::expires_at)
        .limit(batch)
        .select(oauth_tokens::token_hash)
        .load::<String>(connection)
        .await?;
    if expired.is_empty() {
        return Ok(0);
    }
    let rows = oauth_tokens::table.filter(oauth_tokens::token_hash.eq_any(expired));
    Ok(diesel::delete(rows).execute(connection).await?)
}

/// The end of the session, and the salt of the client.
type OtherColumns = (Option<NaiveDateTime>, Option<String>);
type TokenColumns = (String, NaiveDateTime, NaiveDateTime, Option<NaiveDateTime>);

/// Returns the word that is stored. Codes and secrets are not stored here.
fn word(token_use: TokenUse) -> &'static str {
    match token_use {
        TokenUse::Refresh => "refresh",
        TokenUse::Access | TokenUse::Code | TokenUse::ClientSecret => "access",
    }
}
