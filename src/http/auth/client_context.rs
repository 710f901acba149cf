//! Who stands behind a request: the peer, or whom a trusted proxy names.

use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use actix_session::SessionExt as _;
use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header::USER_AGENT, web::Data,
};

use super::{duplicate_cookies, session, session_cookie::CookieMaxAge};
use crate::{
    domain::{client::Client, invisible::is_invisible},
    errors::Error,
    flows::SignedIn,
    http::state::WebState,
    logging,
};

/// Characters of what a browser calls itself.
const LONGEST_DEVICE: usize = 255;

/// The person or program at the other end, and the cookie that is theirs to change.
pub struct ClientContext {
    client: Client,
    /// Why nobody knows whose the cookie is: the database did not answer.
    outage: Option<String>,
    request: HttpRequest,
}

impl ClientContext {
    /// What the network tells.
    ///
    /// Fails when the database has failed for this very request: flows would only wait for it a
    /// second time, and together that is longer than anybody does (R127).
    pub fn client(&self) -> Result<&Client, Error> {
        match &self.outage {
            Some(outage) => Err(Error::store(outage.clone())),
            None => Ok(&self.client),
        }
    }

    /// Lets somebody in: the new session's key goes to the cookie, and an older one there is forgotten.
    pub fn set_session_cookie(&self, signed_in: &SignedIn) -> Result<(), Error> {
        session::set_key(&self.request.get_session(), signed_in)?;
        if let Some(life) = signed_in.kept_for {
            self.request.extensions_mut().insert(CookieMaxAge(life));
        }
        Ok(())
    }
}

impl FromRequest for ClientContext {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(who(request))
    }
}

fn who(request: &HttpRequest) -> Result<ClientContext, Error> {
    let peer = request.peer_addr().ok_or_else(|| Error::internal("no peer address"))?.ip();
    let web = request.app_data::<Data<WebState>>().ok_or_else(|| Error::internal("no web data"))?;
    let device = request.headers().get(USER_AGENT).map(|it| String::from_utf8_lossy(it.as_bytes()));
    let device = device.unwrap_or_default();
    let client = Client {
        address: web.proxies.client_address(peer, request.headers()),
        device: device.chars().filter(|it| !is_invisible(*it)).take(LONGEST_DEVICE).collect(),
        session: session::current_session(request),
        others: duplicate_cookies::others(request),
        is_app: false,
    };
    Ok(ClientContext { client, outage: session::load_error(request), request: request.clone() })
}

/// Where the request comes from that is being worked on, for what sees no request of its own.
pub fn current_client_address() -> Option<IpAddr> {
    logging::current_request().and_then(|request| request.address)
}
