//! A session on its way to another site of the operator.
//!
//! The browser begins there, and keeps a nonce in a cookie of that site. Our own host seals the name of the session in a
//! ticket with the hash of the nonce: whoever else gets to see the ticket can do nothing with it.

use std::time::Duration;

use actix_session::SessionExt as _;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{encrypted_cookie, session_store};
use crate::{
    domain::hex::sha256_hex,
    errors::Error,
    flows::{State, accept_hand_over::accept_hand_over},
    http::{context::RequestContext, state::WebState},
    stores::{
        hand_over_tickets::HandOverTickets,
        tables::sessions::{KeyHash, LiveSession},
    },
};

/// The cookie of a site with the nonce of the browser.
const NONCE_COOKIE: &str = "haoma_start";
/// The name under which tickets are sealed.
const TICKET: &str = "hand-over ticket";
/// How long a person may take to sign in.
const TIME_TO_SIGN_IN: Duration = Duration::from_mins(30);

#[derive(Serialize, Deserialize)]
struct Ticket {
    id: String,
    session: String,
    browser: String,
    site: String,
    next: String,
}

/// A session that has arrived at a site.
pub struct Arrived {
    /// The session.
    pub live: LiveSession,
    /// The hash of its key.
    pub session: KeyHash,
    /// The path on the site that the person wants to go to.
    pub next: String,
}

/// Returns a new nonce and its hash.
pub fn nonce() -> (String, String) {
    let nonce = Uuid::new_v4().to_string();
    let hash = sha256_hex(&nonce);
    (nonce, hash)
}

/// Has a site's answer set the nonce.
pub fn keep_nonce(web: &WebState, response: &mut HttpResponse, nonce: &str) -> Result<(), Error> {
    encrypted_cookie::set(web, response, NONCE_COOKIE, nonce, TIME_TO_SIGN_IN)
}

/// Seals the session of a request for the browser with this hash, which comes from `site` and wants to go to the path
/// `next` there. Fails if the session did not come in a cookie.
pub fn ticket(
    web: &WebState,
    request: &HttpRequest,
    (browser, site, next): (&str, &str, &str),
) -> Result<String, Error> {
    let key = session_store::key(&request.get_session()).ok_or(Error::NotSignedIn)?;
    let ticket = Ticket {
        id: Uuid::new_v4().simple().to_string(),
        session: key.hash().as_str().to_owned(),
        browser: browser.to_owned(),
        site: site.to_owned(),
        next: next.to_owned(),
    };
    let text = serde_json::to_string(&ticket).map_err(Error::internal)?;
    encrypted_cookie::seal(web, TICKET, &text, HandOverTickets::LIFETIME)
}

/// Takes a ticket on `site`.
///
/// `None` if the ticket is of another browser or site, too old or used, or if its session has ended.
pub async fn take(
    (state, web): (&State, &WebState),
    request: &HttpRequest,
    (site, sealed): (&str, &str),
) -> Result<Option<Arrived>, Error> {
    let Some(text) = encrypted_cookie::open(web, TICKET, sealed) else { return Ok(None) };
    let ticket: Ticket = serde_json::from_str(&text).map_err(Error::internal)?;
    let nonce = encrypted_cookie::value(web, request, NONCE_COOKIE);
    let is_ours = nonce.is_some_and(|nonce| sha256_hex(nonce) == ticket.browser);
    let session = KeyHash::parse(&ticket.session).filter(|_| is_ours && ticket.site == site);
    let Some(session) = session else { return Ok(None) };
    let address = RequestContext::of(request, web).address;
    let live = accept_hand_over(state, (&ticket.id, &session), site, address).await?;
    Ok(live.map(|live| Arrived { live, session, next: ticket.next }))
}
