//! Creates a session for a user who has just proved their identity.

use chrono::{DateTime, Utc};

use crate::{
    domain::{client::Client, oauth::amr::Amr},
    errors::Error,
    stores::{
        db::Connection,
        tables::{
            known_devices, sessions,
            sessions::{Kind, Lifetimes, NewSession, SessionKey, SessionLimits},
        },
    },
};

/// Options of a new session.
#[derive(Clone, Copy, Debug)]
pub(super) struct SessionOptions {
    pub(super) at: DateTime<Utc>,
    pub(super) lifetimes: Lifetimes,
    pub(super) limits: SessionLimits,
    /// Whether the session outlives the browser.
    pub(super) remember: bool,
    /// How the person proved who they are.
    pub(super) amr: Amr,
    /// When the client's device was last used with the account, if it is known to it.
    pub(super) device_last_used_at: Option<DateTime<Utc>>,
}

/// Returns the kind of session that a client gets: a token for an app, otherwise a session in a cookie.
pub(super) fn kind_for(client: &Client) -> Kind {
    if client.is_app { Kind::Token } else { Kind::Session }
}

/// Creates a session in the transaction that checked the proof. The session that the browser held until now ends,
/// whichever account it belongs to (R81).
///
/// An app gets a token that lives as long as a remembered session, and none of its sessions ends. If the account holds
/// as many sessions of this kind as it may, the one that was idle for longest ends as well. The client's device is known
/// to the account from now on.
pub(super) async fn create_session(
    connection: &mut Connection,
    user_id: i64,
    client: &Client,
    options: SessionOptions,
) -> Result<SessionKey, Error> {
    let key = SessionKey::random();
    create_session_with_key(connection, &key, user_id, client, options).await?;
    Ok(key)
}

/// Creates a session with a key that already exists.
pub(super) async fn create_session_with_key(
    connection: &mut Connection,
    key: &SessionKey,
    user_id: i64,
    client: &Client,
    SessionOptions { at, lifetimes, limits, remember, amr, device_last_used_at }: SessionOptions,
) -> Result<(), Error> {
    if !client.is_app {
        for old in client.session.iter().chain(&client.others) {
            sessions::delete_by_public_id(connection, old.user_id, &old.public_id).await?;
        }
    }
    let device = (client.device_after_answer(), client.user_agent.as_str());
    known_devices::remember(connection, user_id, device, device_last_used_at, at).await?;
    let kind = kind_for(client);
    sessions::make_room(connection, user_id, (kind, limits), at).await?;
    let new = NewSession {
        user_id,
        kind,
        remember: remember || client.is_app,
        device: client.user_agent.clone(),
        address: client.address.to_string(),
        amr,
    };
    sessions::create_with_key(connection, key, &new, at, lifetimes).await
}
