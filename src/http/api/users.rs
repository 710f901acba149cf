//! `/api/v1/users`.

use actix_web::{HttpResponse, http::StatusCode, web::Data};

use crate::{
    errors::Error,
    flows::{State, register_once::Registered},
    http::{
        auth::client_context::ClientContext,
        request::{bodies, idempotency, input::Json},
        response::{account::AccountData, envelope},
        state::WebState,
    },
};

/// `POST /users`: register and be signed in.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    who: ClientContext,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let registration = bodies::registration(&web.parser, &fields, bodies::REGISTRATION)?;
    let registered =
        idempotency::register(&state, &web, &fields, registration, who.client()?).await?;
    let response = match &registered {
        Registered::First(signed_in) => {
            envelope::ok(StatusCode::CREATED, AccountData::from(&signed_in.account))
        }
        Registered::Again { response, .. } => envelope::stored(response)?,
    };
    if let Some(signed_in) = registered.into_signed_in() {
        who.set_session_cookie(&signed_in)?;
    }
    Ok(response)
}
