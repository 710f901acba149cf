//! Signing out, the same for pages, the API and older front-ends.

use actix_web::HttpRequest;

use super::{duplicate_cookies, session_cookie, viewer::Viewer};
use crate::{
    errors::Error,
    flows::{State, sign_out::sign_out},
};

/// Ends the session of a request, and all other sessions whose keys came with it. Succeeds also when nobody is signed
/// in any more.
pub async fn sign_out_request(
    state: &State,
    request: &HttpRequest,
    viewer: Result<Viewer, Error>,
) -> Result<(), Error> {
    let current = match viewer {
        Ok(viewer) => Some(viewer.session),
        Err(Error::NotSignedIn | Error::SignedInElsewhere) => None,
        Err(error) => return Err(error),
    };
    for session in current.into_iter().chain(duplicate_cookies::others(request)) {
        ignore_not_found(sign_out(state, session).await)?;
    }
    session_cookie::remove(request);
    Ok(())
}

/// Takes a session that has ended already as ended: signing out twice, or in two tabs at once, is no error (R83).
pub fn ignore_not_found(ended: Result<(), Error>) -> Result<(), Error> {
    match ended {
        Err(Error::NotFound) => Ok(()),
        ended => ended,
    }
}
