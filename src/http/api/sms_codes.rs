//! `/api/v1/sms-codes`.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde_json::json;

use crate::{
    domain::purpose::Purpose,
    errors::Error,
    flows::{State, send_sms_code::send_sms_code},
    http::{answer, client::Who, input::Json, inputs, pending, sentences::seconds_up, web::Web},
};

/// `POST /sms-codes`.
pub async fn post(
    state: Data<State>,
    web: Data<Web>,
    who: Who,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let wish = inputs::sms_code_request(&fields, inputs::SMS_CODE, |read| {
        read.text("purpose", Purpose::parse)
    })?;
    let sent = send_sms_code(&state, &wish, who.client()?).await?;
    let data = json!({
        "resend_after": seconds_up(sent.resend_after),
        "expires_in": sent.expires_in.as_secs(),
    });
    let mut response = answer::ok(StatusCode::OK, data);
    pending::remember(&web, &mut response, &wish.mobile, wish.purpose)?;
    Ok(response)
}
