//! The person who is signed in.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use chrono::{DateTime, TimeDelta, Utc};

use super::current_session::{CookiesIgnored, CurrentSession, client_session};
use crate::{
    domain::{account::Account, client::ClientSession, clock::Clock, oauth::amr::Amr},
    errors::Error,
    flows::prove_owner::SignedInOwner,
    stores::tables::sessions::LiveSession,
};

/// How long after signing in a person may change what they sign in with, without another proof (R88).
const MAX_SIGN_IN_AGE: TimeDelta = TimeDelta::minutes(10);

/// The person a request comes from. As an extractor it fails when nobody is signed in.
#[derive(Debug)]
pub struct Viewer {
    /// The person's account.
    pub account: Account,
    /// The session that the request belongs to.
    pub session: ClientSession,
    /// When the person last proved who they are.
    pub signed_in_at: DateTime<Utc>,
    /// How the person proved who they are; `None` if that was not recorded yet.
    pub amr: Option<Amr>,
}

impl Viewer {
    /// Returns the person if the sign-in is fresh enough for a change that could lock the owner out, else
    /// [`Error::SignInAgain`].
    pub fn fresh(self, clock: &Clock) -> Result<Self, Error> {
        if self.is_fresh(clock) { Ok(self) } else { Err(Error::SignInAgain) }
    }

    /// Returns the person as the owner of the account.
    pub fn owner(&self, clock: &Clock) -> SignedInOwner<'_> {
        SignedInOwner { account: &self.account, is_fresh: self.is_fresh(clock) }
    }

    /// Returns whether the person has signed in just now.
    fn is_fresh(&self, clock: &Clock) -> bool {
        clock.now() - self.signed_in_at < MAX_SIGN_IN_AGE
    }
}

impl From<&LiveSession> for Viewer {
    fn from(live: &LiveSession) -> Self {
        Self {
            account: live.account.clone(),
            session: client_session(live),
            signed_in_at: live.signed_in_at,
            amr: live.amr,
        }
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
    match CurrentSession::of(request).as_deref() {
        Some(CurrentSession::Live(live)) => Ok(live.into()),
        Some(CurrentSession::Displaced) => Err(Error::SignedInElsewhere),
        Some(CurrentSession::Unavailable(error)) => Err(Error::store(error.clone())),
        Some(CurrentSession::Missing | CurrentSession::Expired | CurrentSession::Ended) | None => {
            let are_ignored = request.extensions().contains::<CookiesIgnored>();
            Err(if are_ignored { Error::OriginMissing } else { Error::NotSignedIn })
        }
    }
}
