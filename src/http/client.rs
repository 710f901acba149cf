//! Who stands behind a request: the peer, or whom a trusted proxy names.

use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use actix_session::SessionExt as _;
use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header::USER_AGENT, web::Data,
};

use super::{doubled_cookies, remember::CookieLife, session, web::Web};
use crate::{
    domain::{client::Client, unseen::is_unseen},
    errors::Error,
    flows::SignedIn,
    journal,
};

/// Characters of what a browser calls itself.
const LONGEST_DEVICE: usize = 255;

/// The person or program at the other end, and the cookie that is theirs to change.
pub struct Who {
    client: Client,
    /// Why nobody knows whose the cookie is: the database did not answer.
    outage: Option<String>,
    request: HttpRequest,
}

impl Who {
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
    pub fn let_in(&self, signed_in: &SignedIn) -> Result<(), Error> {
        session::start(&self.request.get_session(), signed_in)?;
        if let Some(life) = signed_in.kept_for {
            self.request.extensions_mut().insert(CookieLife(life));
        }
        Ok(())
    }
}

impl FromRequest for Who {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(who(request))
    }
}

fn who(request: &HttpRequest) -> Result<Who, Error> {
    let peer = request.peer_addr().ok_or_else(|| Error::internal("no peer address"))?.ip();
    let web = request.app_data::<Data<Web>>().ok_or_else(|| Error::internal("no web data"))?;
    let device = request.headers().get(USER_AGENT).map(|it| String::from_utf8_lossy(it.as_bytes()));
    let device = device.unwrap_or_default();
    let client = Client {
        address: web.proxies.client_address(peer, request.headers()),
        device: device.chars().filter(|it| !is_unseen(*it)).take(LONGEST_DEVICE).collect(),
        session: session::held(request),
        others: doubled_cookies::others(request),
        is_app: false,
    };
    Ok(Who { client, outage: session::outage(request), request: request.clone() })
}

/// Where the request comes from that is being worked on, for what sees no request of its own.
pub fn address_of_request() -> Option<IpAddr> {
    journal::request().and_then(|request| request.address)
}
