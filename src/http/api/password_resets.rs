//! `/api/v1/password-resets`.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde_json::json;

use crate::{
    errors::Error,
    flows::{State, reset_password::reset_password},
    http::{answer, client::Who, input::Json, inputs},
};

/// `POST /password-resets`: a new password for whoever proves the number; every session ends.
pub async fn post(state: Data<State>, who: Who, Json(fields): Json) -> Result<HttpResponse, Error> {
    let reset = inputs::password_reset(&fields, inputs::PASSWORD_RESET)?;
    reset_password(&state, reset, who.client()?).await?;
    Ok(answer::ok(StatusCode::OK, json!({})))
}
