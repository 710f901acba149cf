//! `/api/v1/password-resets`: new passwords for people who forgot theirs.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde_json::json;

use crate::{
    errors::Error,
    flows::State,
    http::{
        auth::client_context::ClientContext,
        request::{bodies, body::Json, idempotency},
        response::envelope,
        state::WebState,
    },
};

/// `POST /password-resets`: sets a new password after an SMS code has proved the number, and ends every session.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    context: ClientContext,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let reset = bodies::password_reset(&web.parser, &fields)?;
    idempotency::reset(&state, &web, &fields, reset, context.client()?).await?;
    Ok(envelope::ok(StatusCode::OK, json!({})))
}
