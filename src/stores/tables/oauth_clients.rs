//! The applications that people sign in to with their account here.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
    result::{DatabaseErrorKind, Error as DieselError},
};

use super::schema::oauth_clients;
use crate::{
    domain::{
        jwk,
        oauth::client::{ClientAuth, OauthClient},
        signing_algorithm::SigningAlgorithm,
    },
    errors::Error,
    stores::db::{Connection, RunQueryDsl as _},
};

/// Returns a client.
pub async fn find(connection: &mut Connection, id: &str) -> Result<Option<OauthClient>, Error> {
    let row = oauth_clients::table
        .find(id)
        .select(Row::as_select())
        .first::<Row>(connection)
        .await
        .optional()?;
    row.map(Row::into_client).transpose()
}

/// Returns every client, the oldest first.
pub async fn all(connection: &mut Connection) -> Result<Vec<OauthClient>, Error> {
    let rows = oauth_clients::table
        .order((oauth_clients::created_at, oauth_clients::id))
        .select(Row::as_select())
        .load::<Row>(connection)
        .await?;
    rows.into_iter().map(Row::into_client).collect()
}

/// Registers a client, with its public keys as they were given. Returns `false` if there is one with its id.
pub async fn insert(
    connection: &mut Connection,
    client: &OauthClient,
    jwks: Option<&str>,
) -> Result<bool, Error> {
    let values = (
        oauth_clients::id.eq(&client.id),
        oauth_clients::name.eq(&client.name),
        oauth_clients::auth_method.eq(client.auth.as_str()),
        oauth_clients::secret_hash.eq(&client.secret_hash),
        oauth_clients::jwks.eq(jwks),
        oauth_clients::redirect_uris.eq(to_json(&client.redirect_uris)?),
        oauth_clients::post_logout_redirect_uris.eq(to_json(&client.post_logout_redirect_uris)?),
        oauth_clients::back_channel_logout_uri.eq(&client.back_channel_logout_uri),
        oauth_clients::algorithm.eq(client.algorithm.as_str()),
        oauth_clients::is_own.eq(client.is_own),
        oauth_clients::pairwise_salt.eq(&client.pairwise_salt),
        oauth_clients::created_at.eq(client.created_at.naive_utc()),
    );
    match diesel::insert_into(oauth_clients::table).values(values).execute(connection).await {
        Ok(_) => Ok(true),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Gives a client a new secret. The present one is accepted until `until`. Returns `false` if the client has none.
pub async fn replace_secret(
    connection: &mut Connection,
    id: &str,
    new_hash: &str,
    until: DateTime<Utc>,
) -> Result<bool, Error> {
    let client = oauth_clients::table
        .filter(oauth_clients::id.eq(id))
        .filter(oauth_clients::auth_method.eq(ClientAuth::Secret.as_str()));
    let old: Option<Option<String>> =
        client.select(oauth_clients::secret_hash).first(connection).await.optional()?;
    let Some(old) = old else { return Ok(false) };
    diesel::update(oauth_clients::table.find(id))
        .set((
            oauth_clients::secret_hash.eq(new_hash),
            oauth_clients::previous_secret_hash.eq(old),
            oauth_clients::previous_secret_until.eq(until.naive_utc()),
        ))
        .execute(connection)
        .await?;
    Ok(true)
}

/// Deletes a client with everything that it was granted. Returns `false` if there is none.
pub async fn delete(connection: &mut Connection, id: &str) -> Result<bool, Error> {
    Ok(diesel::delete(oauth_clients::table.find(id)).execute(connection).await? == 1)
}

fn to_json(uris: &[String]) -> Result<String, Error> {
    serde_json::to_string(uris).map_err(Error::internal)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = oauth_clients)]
pub(super) struct Row {
    id: String,
    name: String,
    auth_method: String,
    secret_hash: Option<String>,
    previous_secret_hash: Option<String>,
    previous_secret_until: Option<NaiveDateTime>,
    jwks: Option<String>,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    back_channel_logout_uri: Option<String>,
    algorithm: String,
    is_own: bool,
    pairwise_salt: Option<String>,
    created_at: NaiveDateTime,
}

impl Row {
    pub(super) fn into_client(self) -> Result<OauthClient, Error> {
        let unreadable = |what: &str| Error::internal(format!("a client has an unreadable {what}"));

        let keys = self.jwks.as_deref().map(jwk::parse_set).transpose();
        let keys = keys.map_err(Error::internal)?;
        let until = self.previous_secret_until.map(|until| until.and_utc());
        Ok(OauthClient {
            auth: ClientAuth::parse(&self.auth_method).ok_or_else(|| unreadable("auth_method"))?,
            keys: keys.unwrap_or_default(),
            algorithm: SigningAlgorithm::parse(&self.algorithm)
                .ok_or_else(|| unreadable("algorithm"))?,
            redirect_uris: serde_json::from_str(&self.redirect_uris).map_err(Error::internal)?,
            post_logout_redirect_uris: serde_json::from_str(&self.post_logout_redirect_uris)
                .map_err(Error::internal)?,
            previous_secret: self.previous_secret_hash.zip(until),
            id: self.id,
            name: self.name,
            secret_hash: self.secret_hash,
            back_channel_logout_uri: self.back_channel_logout_uri,
            is_own: self.is_own,
            pairwise_salt: self.pairwise_salt,
            created_at: self.created_at.and_utc(),
        })
    }
}
