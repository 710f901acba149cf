//! `/api/v1/password-resets`.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde_json::json;

use crate::{
    errors::Error,
    flows::State,
    http::{answer, client::Who, idempotency, input::Json, inputs, web::Web},
};

/// `POST /password-resets`: a new password for whoever proves the number; every session ends.
pub async fn post(
    state: Data<State>,
    web: Data<Web>,
    who: Who,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let reset = inputs::password_reset(&fields, inputs::PASSWORD_RESET)?;
    idempotency::reset(&state, &web, &fields, reset, who.client()?).await?;
    Ok(answer::ok(StatusCode::OK, json!({})))
}
