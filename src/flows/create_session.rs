//! Let somebody in who has just proved who they are.

use chrono::{DateTime, Utc};

use crate::{
    domain::client::Client,
    errors::Error,
    stores::{
        db::Connection,
        tables::{
            sessions,
            sessions::{Kind, Lifetimes, NewSession, SessionKey, SessionLimits},
        },
    },
};

/// How a session begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct SessionOptions {
    pub(super) at: DateTime<Utc>,
    pub(super) lifetimes: Lifetimes,
    pub(super) limits: SessionLimits,
    /// Whether it shall outlive the browser.
    pub(super) remember: bool,
}

/// What holds the key: an app has a token.
pub(super) fn kind_for(client: &Client) -> Kind {
    if client.is_app { Kind::Token } else { Kind::Session }
}

/// Begins a session within the transaction of what proved the person; the one that the browser held
/// so far ends with it, whosever it was (R81).
///
/// An app gets a token that lives as long as a remembered session, and ends nothing. If the account holds as many
/// sessions of this kind as it may, the one that was idle for longest ends as well.
pub(super) async fn create_session(
    connection: &mut Connection,
    user_id: i64,
    client: &Client,
    options: SessionOptions,
) -> Result<SessionKey, Error> {
    let key = SessionKey::random();
    begin_session_with_key(connection, &key, user_id, client, options).await?;
    Ok(key)
}

/// The same with a key that was made before.
pub(super) async fn begin_session_with_key(
    connection: &mut Connection,
    key: &SessionKey,
    user_id: i64,
    client: &Client,
    SessionOptions { at, lifetimes, limits, remember }: SessionOptions,
) -> Result<(), Error> {
    if !client.is_app {
        for old in client.session.iter().chain(&client.others) {
            sessions::delete_by_public_id(connection, old.user_id, &old.public_id).await?;
        }
    }
    let kind = kind_for(client);
    sessions::make_room(connection, user_id, (kind, limits), at).await?;
    let new = NewSession {
        user_id,
        kind,
        remember: remember || client.is_app,
        device: client.device.clone(),
        address: client.address.to_string(),
    };
    sessions::create_with_key(connection, key, &new, at, lifetimes).await
}
