//! `/logout`: signs out. It takes a form of our own pages only, never a link.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    errors::Error,
    flows::State,
    http::{
        auth::{pending_cookie, sign_out::sign_out_request, viewer::Viewer},
        pages::done::Done,
        state::WebState,
    },
};

/// `POST /logout`. It also succeeds if nobody was signed in.
pub async fn post(
    request: HttpRequest,
    (state, web): (Data<State>, Data<WebState>),
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    sign_out_request(&state, &request, viewer).await?;
    let mut response = Done::SignedOut.redirect(&web)?;
    pending_cookie::forget_mobiles(&web, &request, &mut response)?;
    Ok(response)
}
