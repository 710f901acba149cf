//! `/`: to the account, or to the door.

use actix_web::HttpResponse;

use super::view::see_other;
use crate::{errors::Error, http::session::Viewer};

/// `GET /`.
pub async fn get(viewer: Result<Viewer, Error>) -> Result<HttpResponse, Error> {
    match viewer {
        Ok(_) => Ok(see_other("/account")),
        Err(Error::NotSignedIn) => Ok(see_other("/login")),
        Err(error) => Err(error),
    }
}
