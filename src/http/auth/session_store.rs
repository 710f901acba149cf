//! actix-session, which carries the key of a session in a signed cookie and nothing else.
//!
//! The session itself lives in the database: flows create and end it in the transaction of what it belongs to (R132),
//! and [`current_session`](super::current_session) looks it up.

use std::collections::HashMap;

use actix_session::{
    Session, SessionMiddleware,
    config::{BrowserSession, CookieContentSecurity},
    storage::{LoadError, SaveError, SessionKey as CookieValue, SessionStore, UpdateError},
};
use actix_web::cookie::{SameSite, time::Duration};
use anyhow::anyhow;

use super::cookies::session_cookie_name;
use crate::{errors::Error, http::state::WebState, stores::tables::sessions::SessionKey};

/// The one entry of the session's state.
const KEY: &str = "key";

/// Builds the middleware that verifies the cookie of a request, and sets or deletes the cookie of an answer.
pub fn session_middleware(web: &WebState) -> SessionMiddleware<KeyStore> {
    SessionMiddleware::builder(KeyStore, web.cookie_key.clone())
        .cookie_name(session_cookie_name(web).to_owned())
        .cookie_secure(web.origin.is_https())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(BrowserSession::default())
        .build()
}

/// Returns the key that came in the cookie.
pub(super) fn key(session: &Session) -> Option<SessionKey> {
    SessionKey::parse(&session.get::<String>(KEY).ok()??)
}

/// Puts the key of a new session into the cookie, in the place of an older one.
pub(super) fn set_key(session: &Session, key: &SessionKey) -> Result<(), Error> {
    session.renew();
    session.insert(KEY, key.as_str()).map_err(Error::internal)
}

/// Stores nothing: the state of a session is the key out of the cookie, and a new state is a new key.
#[derive(Debug)]
pub struct KeyStore;

impl SessionStore for KeyStore {
    async fn load(&self, key: &CookieValue) -> Result<Option<HashMap<String, String>>, LoadError> {
        let key = SessionKey::parse(key.as_ref());
        // actix-session keeps every value as JSON.
        let state =
            |key: SessionKey| (KEY.to_owned(), serde_json::Value::from(key.as_str()).to_string());
        Ok(key.map(|key| HashMap::from([state(key)])))
    }

    async fn save(
        &self,
        state: HashMap<String, String>,
        _: &Duration,
    ) -> Result<CookieValue, SaveError> {
        let key = state.get(KEY).and_then(|json| serde_json::from_str::<String>(json).ok());
        let key = key.ok_or_else(|| SaveError::Other(anyhow!("a session without a key")))?;
        CookieValue::try_from(key).map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(
        &self,
        key: CookieValue,
        _: HashMap<String, String>,
        _: &Duration,
    ) -> Result<CookieValue, UpdateError> {
        Ok(key)
    }

    async fn update_ttl(&self, _: &CookieValue, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, _: &CookieValue) -> Result<(), anyhow::Error> {
        Ok(())
    }
}
