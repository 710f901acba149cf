//! `/api/v1/sms-codes`.

use actix_web::{HttpResponse, web::Data};

use crate::{
    domain::purpose::Purpose,
    errors::Error,
    flows::State,
    http::{
        auth::{client_context::ClientContext, pending_cookie},
        request::{bodies, idempotency, input::Json},
        response::envelope,
        state::WebState,
    },
};

/// `POST /sms-codes`.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    who: ClientContext,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let wish = bodies::sms_code_request(&web.parser, &fields, bodies::SMS_CODE, |read| {
        read.text("purpose", Purpose::parse)
    })?;
    let kept = idempotency::send(&state, &web, &fields, &wish, who.client()?).await?;
    let mut response = envelope::stored(&kept)?;
    pending_cookie::remember_mobile(&web, &mut response, &wish.mobile, wish.purpose)?;
    Ok(response)
}
