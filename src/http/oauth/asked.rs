//! Which client a request comes from, and where the answer goes.

use actix_web::HttpRequest;

use super::{issuer::issuer, redirect_answer::RedirectTarget};
use crate::{
    domain::oauth::{
        authorization_request::response_mode, client::OauthClient, parameters::Parameters,
    },
    errors::Error,
    flows::{State, oauth::grant_code::find_client},
    http::state::WebState,
};

/// A request whose client is known.
pub struct Asked {
    /// All parameters.
    pub parameters: Parameters,
    /// The client.
    pub client: OauthClient,
    /// Where the answer goes.
    pub target: RedirectTarget,
}

/// Finds the client of a request and where to answer it. Until both are known to be good, nothing may be sent there: the
/// person is told (RFC 6749 §4.1.2.1).
pub async fn asked(state: &State, web: &WebState, request: &HttpRequest) -> Result<Asked, Error> {
    let parameters = Parameters::parse(request.query_string().as_bytes());
    let id = parameters.get("client_id").ok_or(Error::UnknownClient)?;
    let client = find_client(state, id).await?.ok_or(Error::UnknownClient)?;
    let uri = parameters.get("redirect_uri").filter(|uri| client.allows_redirect_to(uri));
    let Some(uri) = uri.map(str::to_owned) else {
        log::warn!("event=oauth_redirect_uri_refused client={id:?}");
        return Err(Error::RedirectUriRefused);
    };
    let target = RedirectTarget {
        uri,
        mode: response_mode(&parameters),
        state: parameters.get("state").map(str::to_owned),
        issuer: issuer(request, web)?,
    };
    Ok(Asked { parameters, client, target })
}
