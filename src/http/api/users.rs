//! `/api/v1/users`: registration.

use actix_web::{HttpResponse, http::StatusCode, web::Data};

use crate::{
    errors::Error,
    flows::{State, register_once::Registered},
    http::{
        auth::client_context::ClientContext,
        request::{bodies, body::Json, idempotency},
        response::{account::AccountData, envelope},
        state::WebState,
    },
};

/// `POST /users`: registers and signs in.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    context: ClientContext,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let registration = bodies::registration(&web.parser, &fields)?;
    let registered =
        idempotency::register(&state, &web, &fields, registration, context.client()?).await?;
    let response = match &registered {
        Registered::First(signed_in) => {
            envelope::ok(StatusCode::CREATED, AccountData::from(&signed_in.account))
        }
        Registered::Again { response, .. } => envelope::stored(response)?,
    };
    if let Some(signed_in) = registered.into_signed_in() {
        context.set_session_cookie(&signed_in)?;
    }
    Ok(response)
}
