//! The cookie of a signed-in person, through actix-session; the session itself lives in the database.

use std::{
    collections::HashMap,
    future::{Ready, ready},
};

use actix_session::{
    Session, SessionExt as _, SessionMiddleware,
    config::{BrowserSession, CookieContentSecurity},
    storage::{LoadError, SaveError, SessionKey as CookieKey, SessionStore, UpdateError},
};
use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    cookie::{SameSite, time::Duration},
    dev::Payload,
};
use anyhow::anyhow;
use chrono::{DateTime, Utc};

use super::{bearer::Bearer, client_context, duplicate_cookies};
use crate::{
    domain::{
        account::{Account, Status},
        client::ClientSession,
        clock::Clock,
        mobile::Mobile,
        name::Name,
    },
    errors::Error,
    flows::{SignedIn, State, find_session, sign_out::sign_out},
    http::{middleware::origin::CookiesIgnored, state::WebState},
    stores::tables::sessions::{LiveSession, SessionKey},
};

/// What the session carries; the first three are what the product's owner asked for.
const USER_ID: &str = "user_id";
const NAME: &str = "name";
const MOBILE: &str = "mobile";
const AVATAR_URL: &str = "avatar_url";
const CREATED_AT: &str = "created_at";
const SIGNED_IN_AT: &str = "signed_in_at";
const PUBLIC_ID: &str = "session";
/// A new session's key, on its way to the cookie.
const KEY: &str = "key";
/// Instead of all the others: the database did not answer.
const OUTAGE: &str = "outage";
/// Instead of all the others: the session ended because its account held too many.
const DISPLACED: &str = "displaced";

/// The person a request comes from.
#[derive(Debug)]
pub struct Viewer {
    /// Who it is.
    pub account: Account,
    /// The session it came with.
    pub session: ClientSession,
    /// When the person last proved who they are.
    pub signed_in_at: DateTime<Utc>,
}

/// How long after signing in somebody may change what lets them in (R88).
const FRESH: Duration = Duration::minutes(10);

impl Viewer {
    /// The person, if the sign-in is fresh enough for a change that could shut the owner out.
    pub fn fresh(self, clock: &Clock) -> Result<Self, Error> {
        let age = clock.now() - self.signed_in_at;
        if age.num_seconds() < FRESH.whole_seconds() { Ok(self) } else { Err(Error::SignInAgain) }
    }
}

/// The middleware that knows who is there.
pub fn session_middleware(
    state: &State,
    web: &WebState,
) -> SessionMiddleware<DatabaseSessionStore> {
    let is_https = web.origin.is_https();
    SessionMiddleware::builder(DatabaseSessionStore(state.clone()), web.cookie_key.clone())
        .cookie_name(cookie_name(web).to_owned())
        .cookie_secure(is_https)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(BrowserSession::default())
        .build()
}

/// The cookie's name; the prefix makes browsers refuse one that another host has set (R80).
pub fn cookie_name(web: &WebState) -> &'static str {
    if web.origin.is_https() { "__Host-haoma" } else { "haoma" }
}

/// Puts a new session's key into the cookie; an older one there is forgotten.
pub fn set_key(session: &Session, signed_in: &SignedIn) -> Result<(), Error> {
    session.clear();
    session.renew();
    session.insert(KEY, signed_in.key.as_str()).map_err(Error::internal)
}

/// Signing out twice, or in two tabs at once, is as good as once (R83).
pub fn ignore_not_found(ended: Result<(), Error>) -> Result<(), Error> {
    match ended {
        Err(Error::NotFound) => Ok(()),
        ended => ended,
    }
}

/// Ends the session of whoever is there, and all others that the request has keys of; somebody who was signed
/// out already is so still.
pub async fn sign_out_request(
    state: &State,
    request: &HttpRequest,
    viewer: Result<Viewer, Error>,
) -> Result<(), Error> {
    let believed = match viewer {
        Ok(viewer) => Some(viewer.session),
        Err(Error::NotSignedIn | Error::SignedInElsewhere) => None,
        Err(error) => return Err(error),
    };
    for session in believed.into_iter().chain(duplicate_cookies::others(request)) {
        ignore_not_found(sign_out(state, session).await)?;
    }
    request.get_session().purge();
    Ok(())
}

/// Which session a request came with, by whatever key.
pub fn current_session(request: &HttpRequest) -> Option<ClientSession> {
    if let Some(bearer) = request.extensions().get::<Bearer>() {
        return bearer.session();
    }
    let session = &request.get_session();
    Some(ClientSession { user_id: get(session, USER_ID)?, public_id: get(session, PUBLIC_ID)? })
}

/// Why nobody knows which session a request came with.
pub fn load_error(request: &HttpRequest) -> Option<String> {
    if let Some(bearer) = request.extensions().get::<Bearer>() {
        let Bearer::StoreError(error) = bearer else { return None };
        return Some(error.clone());
    }
    if let Some(outage) = duplicate_cookies::outage(request) {
        return Some(outage);
    }
    get(&request.get_session(), OUTAGE)
}

/// Reads sessions out of the database for actix-session.
///
/// It only reads: the flows make and end sessions in the transaction of what these belong to
/// (R132). Saving hands on the key that a flow has made, deleting finds it done.
pub struct DatabaseSessionStore(State);

impl SessionStore for DatabaseSessionStore {
    async fn load(&self, key: &CookieKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let Some(key) = SessionKey::parse(key.as_ref()) else { return Ok(None) };
        match find_session::find_session(&self.0, &key, client_context::current_client_address())
            .await
        {
            Ok(None) => Ok(None),
            Ok(Some(live)) => Ok(Some(carried(&live))),
            Err(Error::SignedInElsewhere) => {
                Ok(Some(HashMap::from([(DISPLACED.to_owned(), true.to_string())])))
            }
            // Not an error here: pages that need nobody still work, and whoever asks who is there
            // gets this failure (R127: never 401, never a deleted cookie).
            Err(error) => Ok(Some(HashMap::from([(OUTAGE.to_owned(), json(&error.to_string()))]))),
        }
    }

    async fn save(
        &self,
        state: HashMap<String, String>,
        _: &Duration,
    ) -> Result<CookieKey, SaveError> {
        let key = state.get(KEY).and_then(|it| serde_json::from_str::<String>(it).ok());
        let key =
            key.ok_or_else(|| SaveError::Other(anyhow!("a session that no flow has made")))?;
        CookieKey::try_from(key).map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(
        &self,
        key: CookieKey,
        _: HashMap<String, String>,
        _: &Duration,
    ) -> Result<CookieKey, UpdateError> {
        Ok(key)
    }

    async fn update_ttl(&self, _: &CookieKey, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, _: &CookieKey) -> Result<(), anyhow::Error> {
        Ok(())
    }
}

impl FromRequest for Viewer {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(viewer(request))
    }
}

fn viewer(request: &HttpRequest) -> Result<Viewer, Error> {
    if let Some(bearer) = request.extensions().get::<Bearer>() {
        return bearer.viewer();
    }
    if let Some(error) = load_error(request) {
        return Err(Error::store(error));
    }
    let session = request.get_session();
    if get::<bool>(&session, DISPLACED).is_some() {
        return Err(Error::SignedInElsewhere);
    }
    read(request, &session).ok_or_else(|| match request.extensions().get::<CookiesIgnored>() {
        Some(CookiesIgnored) => Error::OriginMissing,
        None => Error::NotSignedIn,
    })
}

fn carried(
    LiveSession { account, public_id, signed_in_at, .. }: &LiveSession,
) -> HashMap<String, String> {
    let mut state = HashMap::from([
        (USER_ID.to_owned(), account.id.to_string()),
        (NAME.to_owned(), json(account.name.as_str())),
        (MOBILE.to_owned(), json(account.mobile.as_str())),
        (CREATED_AT.to_owned(), account.created_at.timestamp_micros().to_string()),
        (SIGNED_IN_AT.to_owned(), signed_in_at.timestamp_micros().to_string()),
        (PUBLIC_ID.to_owned(), json(public_id)),
    ]);
    if let Some(url) = &account.avatar_url {
        state.insert(AVATAR_URL.to_owned(), json(url));
    }
    state
}

fn read(request: &HttpRequest, session: &Session) -> Option<Viewer> {
    let moment = |key| DateTime::<Utc>::from_timestamp_micros(get(session, key)?);
    let account = Account {
        id: get(session, USER_ID)?,
        mobile: Mobile::from_stored(get(session, MOBILE)?),
        name: Name::from_stored(get(session, NAME)?),
        avatar_url: get(session, AVATAR_URL),
        status: Status::Active,
        created_at: moment(CREATED_AT)?,
    };
    Some(Viewer {
        account,
        session: current_session(request)?,
        signed_in_at: moment(SIGNED_IN_AT)?,
    })
}

fn get<T: serde::de::DeserializeOwned>(session: &Session, key: &str) -> Option<T> {
    session.get(key).ok().flatten()
}

/// actix-session keeps every value as JSON text.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
