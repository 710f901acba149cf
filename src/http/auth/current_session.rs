//! The session of a request, which is looked up once, whether a cookie or a token has its key.

use std::cell::Ref;

use actix_session::SessionExt as _;
use actix_web::{
    Error as ActixError, HttpMessage as _, HttpRequest,
    body::MessageBody,
    dev::{Extensions, ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};

use super::session_store;
use crate::{
    domain::client::ClientSession,
    flows::{State, find_session::find_session},
    http::{context::RequestContext, state::WebState},
    stores::tables::sessions::{LiveSession, Lookup, SessionKey},
};

/// The session of a request, or the reason why there is none.
///
/// Every request has one such value in its extensions, and everything that needs the user reads it there.
#[derive(Debug)]
pub enum CurrentSession {
    /// Someone is signed in.
    Live(LiveSession),
    /// No key came with the request.
    Missing,
    /// The session of the key has expired, or there is none with it.
    Expired,
    /// The session was ended by its owner on another device.
    Ended,
    /// The session was ended by newer ones, because its account had too many: "signed in elsewhere".
    Displaced,
    /// The database did not answer; this is the text of its error. Pages that need no session still work. Anything
    /// that asks for it fails with 503, never with 401, and no cookie is deleted (R127).
    Unavailable(String),
}

/// Marks a request whose cookies were removed because it may have come from another site, so that the answer can say
/// why nobody is signed in.
#[derive(Clone, Copy, Debug)]
pub struct CookiesIgnored;

impl CurrentSession {
    /// Looks up the session of a key that came with a request.
    pub(super) async fn find(request: &HttpRequest, key: &SessionKey) -> Self {
        let state = request.app_data::<Data<State>>();
        let web = request.app_data::<Data<WebState>>();
        let (Some(state), Some(web)) = (state, web) else { return Self::Missing };
        let address = RequestContext::of(request, web).address;
        match find_session(state, &key.hash(), address).await {
            Ok(Lookup::Live(live)) => Self::Live(live),
            Ok(Lookup::Expired | Lookup::NotFound) => Self::Expired,
            Ok(Lookup::Ended) => Self::Ended,
            Ok(Lookup::Displaced) => Self::Displaced,
            Err(error) => Self::Unavailable(error.to_string()),
        }
    }

    /// Returns the value of a request; `None` before it has come through [`load_session`].
    pub fn of(request: &HttpRequest) -> Option<Ref<'_, Self>> {
        Ref::filter_map(request.extensions(), Extensions::get).ok()
    }

    /// Returns the session if it is alive.
    pub fn live(&self) -> Option<&LiveSession> {
        match self {
            Self::Live(live) => Some(live),
            Self::Missing
            | Self::Expired
            | Self::Ended
            | Self::Displaced
            | Self::Unavailable(_) => None,
        }
    }
}

/// Returns the name by which the rest of the service knows a session.
pub fn client_session(live: &LiveSession) -> ClientSession {
    ClientSession { user_id: live.account.id, public_id: live.public_id.clone() }
}

/// Looks up the key that actix-session found in the cookie, unless a layer further out has looked one up.
///
/// The layers of bearer tokens, of duplicate cookies and of cookies signed by an older `SECRET_KEY` do so.
pub async fn load_session(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    if !request.extensions().contains::<CurrentSession>() {
        let current = match session_store::key(&request.get_session()) {
            Some(key) => CurrentSession::find(request.request(), &key).await,
            None => CurrentSession::Missing,
        };
        request.extensions_mut().insert(current);
    }
    next.call(request).await
}
