//! `/api/v1/password-resets`.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde_json::json;

use crate::{
    errors::Error,
    flows::State,
    http::{
        auth::client_context::ClientContext,
        request::{bodies, idempotency, input::Json},
        response::envelope,
        state::WebState,
    },
};

/// `POST /password-resets`: a new password for whoever proves the number; every session ends.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    who: ClientContext,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let reset = bodies::password_reset(&web.parser, &fields, bodies::PASSWORD_RESET)?;
    idempotency::reset(&state, &web, &fields, reset, who.client()?).await?;
    Ok(envelope::ok(StatusCode::OK, json!({})))
}
