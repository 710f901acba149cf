//! Opens a session on another site of the operator, to which a ticket has brought it.

use std::net::IpAddr;

use super::{State, find_session::find_session};
use crate::{
    errors::Error,
    stores::tables::sessions::{KeyHash, LiveSession, Lookup},
};

/// Uses a ticket up and returns its session; `None` if the ticket was used before, or if the session has ended.
pub async fn accept_hand_over(
    state: &State,
    (ticket, session): (&str, &KeyHash),
    site: &str,
    address: Option<IpAddr>,
) -> Result<Option<LiveSession>, Error> {
    if !state.hand_over_tickets.consume(ticket).await? {
        return Ok(None);
    }
    match find_session(state, session, address).await? {
        Lookup::Live(live) => {
            state.metrics.handed_over();
            let (user, id) = (live.account.id, &live.public_id);
            log::info!("event=handed_over user={user} session={id:?} site={site:?}");
            Ok(Some(live))
        }
        Lookup::Expired | Lookup::Displaced | Lookup::Ended | Lookup::NotFound => Ok(None),
    }
}
