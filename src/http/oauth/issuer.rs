//! The name by which clients know us.

use actix_web::{HttpRequest, http::header::HOST};

use crate::{errors::Error, http::state::WebState};

/// Returns the issuer: our own origin under which the request came, such as `https://id.example.com`.
pub fn issuer(request: &HttpRequest, web: &WebState) -> Result<String, Error> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let own = host.and_then(|host| web.origin.of_host(host)).ok_or(Error::UnknownHost)?;
    Ok(own.origin().ascii_serialization())
}
