//! The browser or app that sends a request: its address, its device and the session that the request belongs to.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::USER_AGENT, web::Data};

use super::{
    current_session::{CurrentSession, client_session},
    duplicate_cookies, session_cookie,
};
use crate::{
    domain::{client::Client, invisible::is_invisible},
    errors::Error,
    flows::SignedIn,
    http::{context::RequestContext, state::WebState},
};

/// The most characters that are kept of a `User-Agent`.
const LONGEST_DEVICE: usize = 255;

/// What flows need to know of the browser or app that sends a request, and the way to set its session cookie.
pub struct ClientContext {
    client: Client,
    /// The error of the database, if it did not answer when the session was looked up.
    unavailable: Option<String>,
    request: HttpRequest,
}

impl ClientContext {
    /// Returns what flows need to know.
    ///
    /// Fails if the database did not answer when the session was looked up: a flow would only wait for it a second
    /// time, and nobody waits that long (R127).
    pub fn client(&self) -> Result<&Client, Error> {
        match &self.unavailable {
            Some(error) => Err(Error::store(error.clone())),
            None => Ok(&self.client),
        }
    }

    /// Puts the key of a new session into the cookie, in the place of an older one.
    pub fn set_session_cookie(&self, signed_in: &SignedIn) -> Result<(), Error> {
        session_cookie::set(&self.request, signed_in)
    }
}

impl FromRequest for ClientContext {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(client_context(request))
    }
}

fn client_context(request: &HttpRequest) -> Result<ClientContext, Error> {
    let web = request.app_data::<Data<WebState>>().ok_or_else(|| Error::internal("no web data"))?;
    let address = RequestContext::of(request, web).address;
    let user_agent = request.headers().get(USER_AGENT);
    let device =
        user_agent.map(|header| String::from_utf8_lossy(header.as_bytes())).unwrap_or_default();
    let current = CurrentSession::of(request);
    let current = current.as_deref();
    let unavailable = match current {
        Some(CurrentSession::Unavailable(error)) => Some(error.clone()),
        Some(_) | None => None,
    };
    let client = Client {
        address: address.ok_or_else(|| Error::internal("no peer address"))?,
        device: device
            .chars()
            .filter(|letter| !is_invisible(*letter))
            .take(LONGEST_DEVICE)
            .collect(),
        session: current.and_then(CurrentSession::live).map(client_session),
        others: duplicate_cookies::others(request),
        is_app: false,
    };
    Ok(ClientContext { client, unavailable, request: request.clone() })
}
