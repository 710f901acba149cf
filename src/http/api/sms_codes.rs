//! `/api/v1/sms-codes`: codes by text message.

use actix_web::{HttpResponse, http::StatusCode, web::Data};

use crate::{
    errors::Error,
    flows::{State, idempotency::Outcome},
    http::{
        auth::{client_context::ClientContext, pending_cookie},
        request::{bodies, body::Json, idempotency},
        response::envelope,
        state::WebState,
    },
};

/// `POST /sms-codes`: sends a code.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    context: ClientContext,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    context.name_device();
    let request = bodies::sms_code_request(&web.parser, &fields)?;
    let sent = idempotency::send(&state, &web, &fields, &request, context.client()?).await?;
    let mut response = match sent {
        Outcome::First(data) => envelope::ok(StatusCode::OK, data),
        Outcome::Again(response) => envelope::stored(&response)?,
    };
    pending_cookie::remember_mobile(&web, &mut response, (&request.mobile, &[]), request.purpose)?;
    Ok(response)
}
