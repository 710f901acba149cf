//! `/api/v1/users`.

use actix_web::{HttpResponse, web::Data};

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

/// `POST /users`: register and be signed in.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    who: ClientContext,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let wish = bodies::registration(&web.parser, &fields, bodies::REGISTRATION)?;
    let done = idempotency::register(&state, &web, &fields, wish, who.client()?).await?;
    if let Some(signed_in) = &done.signed_in {
        who.set_session_cookie(signed_in)?;
    }
    envelope::stored(&done.kept)
}
