//! `/api/v1/sms-codes`.

use actix_web::{HttpResponse, web::Data};

use crate::{
    domain::purpose::Purpose,
    errors::Error,
    flows::State,
    http::{answer, client::Who, idempotency, input::Json, inputs, pending, web::Web},
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
    let kept = idempotency::send(&state, &web, &fields, &wish, who.client()?).await?;
    let mut response = answer::kept(&kept)?;
    pending::remember(&web, &mut response, &wish.mobile, wish.purpose)?;
    Ok(response)
}
