//! `Authorization: Bearer …`: the key of an app, where a browser has its cookie.

use actix_web::{
    Error as ActixError, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderValue},
    middleware::Next,
    web::Data,
};

use super::{client_context, session::Viewer};
use crate::{
    domain::client::ClientSession,
    errors::Error,
    flows::{State, find_session::find_session},
    stores::tables::sessions::{Kind, LiveSession, SessionKey},
};

/// So that people and secret scanners see what a token is.
const PREFIX: &str = "haoma_";
/// The first is the standard's; the others are what front-ends of the drf family write.
const SCHEMES: [&str; 3] = ["bearer ", "token ", "jwt "];

/// Put on a request that came with a bearer token: whose it is.
#[derive(Debug)]
pub enum Bearer {
    /// A live token's.
    Live(Box<LiveSession>),
    /// Nobody's: expired, revoked, or never ours.
    Unknown,
    /// One that ended because its account held too many.
    Displaced,
    /// The database did not answer.
    StoreError(String),
}

impl Bearer {
    /// The person.
    pub fn viewer(&self) -> Result<Viewer, Error> {
        match self {
            Self::Live(live) => {
                let session = self.session().ok_or(Error::NotSignedIn)?;
                let signed_in_at = live.signed_in_at;
                Ok(Viewer { account: live.account.clone(), session, signed_in_at })
            }
            Self::Unknown => Err(Error::NotSignedIn),
            Self::Displaced => Err(Error::SignedInElsewhere),
            Self::StoreError(error) => Err(Error::store(error.clone())),
        }
    }

    /// The session.
    pub fn session(&self) -> Option<ClientSession> {
        let Self::Live(live) = self else { return None };
        Some(ClientSession { user_id: live.account.id, public_id: live.public_id.clone() })
    }
}

/// Looks a bearer token up. The cookies beside one are taken away: a request has one key.
pub async fn bearer(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    if is_presented(request.headers()) {
        let found = find(&request).await;
        request.headers_mut().remove(COOKIE).for_each(drop);
        request.extensions_mut().insert(found);
    }
    next.call(request).await
}

/// Whether a request comes with a bearer token, good or bad.
pub fn is_presented(headers: &HeaderMap) -> bool {
    headers.get_all(AUTHORIZATION).any(|it| after_scheme(it).is_some())
}

/// A key as an app gets it.
pub fn token(key: &SessionKey) -> String {
    format!("{PREFIX}{}", key.as_str())
}

async fn find(request: &ServiceRequest) -> Bearer {
    let Some(state) = request.app_data::<Data<State>>() else { return Bearer::Unknown };
    let Some(key) = key(request.headers()) else { return Bearer::Unknown };
    match find_session(state, &key, client_context::current_client_address()).await {
        // A cookie's key is good in its cookie only.
        Ok(Some(live)) if live.kind == Kind::Token => Bearer::Live(Box::new(live)),
        Ok(_) => Bearer::Unknown,
        Err(Error::SignedInElsewhere) => Bearer::Displaced,
        Err(error) => Bearer::StoreError(error.to_string()),
    }
}

/// Which of two tokens counts would be anybody's guess: then none does.
fn key(headers: &HeaderMap) -> Option<SessionKey> {
    let mut all = headers.get_all(AUTHORIZATION);
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    SessionKey::parse(after_scheme(only)?.trim().strip_prefix(PREFIX)?)
}

fn after_scheme(value: &HeaderValue) -> Option<&str> {
    let text = value.to_str().ok()?;
    SCHEMES.into_iter().find_map(|it| {
        let (scheme, rest) = text.split_at_checked(it.len())?;
        scheme.eq_ignore_ascii_case(it).then_some(rest)
    })
}
