//! `/api/v1/users`.

use actix_web::{HttpResponse, web::Data};

use crate::{
    errors::Error,
    flows::State,
    http::{answer, client::Who, idempotency, input::Json, inputs, web::Web},
};

/// `POST /users`: register and be signed in.
pub async fn post(
    state: Data<State>,
    web: Data<Web>,
    who: Who,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let wish = inputs::registration(&fields, inputs::REGISTRATION)?;
    let done = idempotency::register(&state, &web, &fields, wish, who.client()?).await?;
    if let Some(signed_in) = &done.signed_in {
        who.let_in(signed_in)?;
    }
    answer::kept(&done.kept)
}
