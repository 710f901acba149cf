//! `/logout`: signs out. It takes a form of our own pages only, never a link.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    errors::Error,
    flows::State,
    http::{
        auth::{sign_out::sign_out_request, viewer::Viewer},
        pages::{done::Done, view::see_other},
    },
};

/// `POST /logout`. It also succeeds if nobody was signed in.
pub async fn post(
    request: HttpRequest,
    state: Data<State>,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    sign_out_request(&state, &request, viewer).await?;
    Ok(see_other(&Done::SignedOut.page()))
}
