//! A session on its way to another site of the operator, where a cookie of its own opens the same session.
//!
//! The browser begins there, and keeps a nonce in a cookie of that site. Our own host seals the key of the session in a
//! ticket with the hash of the nonce: whoever else gets to see the ticket can do nothing with it.

use std::time::Duration;

use actix_session::SessionExt as _;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{current_session::CurrentSession, encrypted_cookie, session_cookie, session_store};
use crate::{
    domain::hex::hex,
    errors::Error,
    flows::State,
    http::state::WebState,
    stores::{hand_over_tickets::HandOverTickets, tables::sessions::SessionKey},
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
    key: String,
    browser: String,
    site: String,
    next: String,
}

/// Returns a new nonce and its hash.
pub fn nonce() -> (String, String) {
    let nonce = Uuid::new_v4().to_string();
    let hash = hash(&nonce);
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
        key: key.as_str().to_owned(),
        browser: browser.to_owned(),
        site: site.to_owned(),
        next: next.to_owned(),
    };
    let text = serde_json::to_string(&ticket).map_err(Error::internal)?;
    encrypted_cookie::seal(web, TICKET, &text, HandOverTickets::LIFETIME)
}

/// Takes a ticket on `site`, has the answer set the cookie of its session, and returns the path to go to.
///
/// `None` if the ticket is of another browser or site, too old or used, or if its session has ended.
pub async fn take(
    (state, web): (&State, &WebState),
    request: &HttpRequest,
    (site, sealed): (&str, &str),
) -> Result<Option<String>, Error> {
    let Some(text) = encrypted_cookie::open(web, TICKET, sealed) else { return Ok(None) };
    let ticket: Ticket = serde_json::from_str(&text).map_err(Error::internal)?;
    let nonce = encrypted_cookie::value(web, request, NONCE_COOKIE);
    let is_ours = nonce.is_some_and(|nonce| hash(&nonce) == ticket.browser) && ticket.site == site;
    if !is_ours || !state.hand_over_tickets.consume(&ticket.id).await? {
        return Ok(None);
    }
    let Some(key) = SessionKey::parse(&ticket.key) else { return Ok(None) };
    match CurrentSession::find(request, &key).await {
        CurrentSession::Live(live) => {
            let max_age = live.remember.then_some(state.lifetimes.remembered.absolute);
            session_cookie::set_key(request, &key, max_age)?;
            Ok(Some(ticket.next))
        }
        CurrentSession::Unavailable(error) => Err(Error::store(error)),
        CurrentSession::Missing
        | CurrentSession::Expired
        | CurrentSession::Ended
        | CurrentSession::Displaced => Ok(None),
    }
}

fn hash(nonce: &str) -> String {
    hex(&Sha256::digest(nonce))
}
