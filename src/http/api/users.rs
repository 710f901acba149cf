//! `/api/v1/users`.

use actix_web::{HttpResponse, http::StatusCode, web::Data};

use crate::{
    errors::Error,
    flows::{State, register::register},
    http::{
        answer::{self, AccountData},
        client::Who,
        input::Json,
        inputs, session,
    },
};

/// `POST /users`: register and be signed in.
pub async fn post(state: Data<State>, who: Who, Json(fields): Json) -> Result<HttpResponse, Error> {
    let registration = inputs::registration(&fields, inputs::REGISTRATION)?;
    let signed_in = register(&state, registration, who.client()?).await?;
    session::start(who.session(), &signed_in)?;
    Ok(answer::ok(StatusCode::CREATED, AccountData::from(&signed_in.account)))
}
