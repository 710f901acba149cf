//! `/logout`: only by a form of our own, never by a link.

use actix_session::Session;
use actix_web::{HttpResponse, web::Data};

use super::view::see_other;
use crate::{
    errors::Error,
    flows::State,
    http::session::{self, Viewer},
};

/// `POST /logout`; somebody who was signed out already is so still.
pub async fn post(
    state: Data<State>,
    cookie: Session,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    session::end(&state, &cookie, viewer).await?;
    Ok(see_other("/login"))
}
