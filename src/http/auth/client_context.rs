//! The browser or app that sends a request: its address, its device and the session that the request belongs to.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::USER_AGENT, web::Data};

use super::{
    current_session::{CurrentSession, client_session},
    device_cookie, duplicate_cookies, session_cookie,
};
use crate::{
    domain::{client::Client, device::DeviceId, invisible::is_invisible},
    errors::Error,
    flows::SignedIn,
    http::{context::RequestContext, state::WebState},
};

/// The most characters that are kept of a `User-Agent`.
const LONGEST_USER_AGENT: usize = 255;

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

    /// Puts the key of a new session into the cookie, in the place of an older one, and has the client keep its device id.
    pub fn set_session_cookie(&self, signed_in: &SignedIn) -> Result<(), Error> {
        self.keep_device();
        session_cookie::set(&self.request, signed_in)
    }

    /// Has the answer set the cookie with the id of the device, which then lasts another 180 days.
    pub fn keep_device(&self) {
        device_cookie::keep(&self.request, self.client.device_after_answer());
    }

    /// Has the answer give an id to a client that sent none, whether it succeeds or not.
    pub fn name_device(&self) {
        if self.client.device.is_none() {
            self.keep_device();
        }
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
    let RequestContext { address, language } = RequestContext::of(request, web);
    let user_agent = request.headers().get(USER_AGENT);
    let user_agent =
        user_agent.map(|header| String::from_utf8_lossy(header.as_bytes())).unwrap_or_default();
    let current = CurrentSession::of(request);
    let current = current.as_deref();
    let unavailable = match current {
        Some(CurrentSession::Unavailable(error)) => Some(error.clone()),
        Some(_) | None => None,
    };
    let client = Client {
        address: address.ok_or_else(|| Error::internal("no peer address"))?,
        user_agent: user_agent
            .chars()
            .filter(|letter| !is_invisible(*letter))
            .take(LONGEST_USER_AGENT)
            .collect(),
        language,
        device: device_cookie::device_of(request, web),
        new_device: DeviceId::random(),
        session: current.and_then(CurrentSession::live).map(client_session),
        others: duplicate_cookies::others(request),
        is_app: false,
    };
    Ok(ClientContext { client, unavailable, request: request.clone() })
}
