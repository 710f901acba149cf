//! `/api/v1/session`: the session a request comes with.

use actix_session::Session;
use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde_json::json;

use crate::{
    domain::client::Client,
    errors::Error,
    flows::{SignedIn, State, sign_in::sign_in, sign_in_by_code::sign_in_by_code},
    http::{
        answer::{self, AccountData},
        client::Who,
        input::{Fields, Json},
        inputs,
        session::{self, Viewer},
    },
};

/// `GET /session`: who am I.
pub async fn get(viewer: Viewer) -> HttpResponse {
    answer::ok(StatusCode::OK, AccountData::from(&viewer.account))
}

/// `POST /session`: sign in, by password or by SMS code.
pub async fn post(state: Data<State>, who: Who, Json(fields): Json) -> Result<HttpResponse, Error> {
    let signed_in = enter(&state, &fields, who.client()?).await?;
    who.let_in(&signed_in)?;
    Ok(answer::ok(StatusCode::OK, AccountData::from(&signed_in.account)))
}

/// Signs in by whichever proof the fields hold.
pub async fn enter(state: &State, fields: &Fields, client: &Client) -> Result<SignedIn, Error> {
    if fields.has("mobile") || fields.has("sms_code") {
        let login = inputs::code_login(fields, inputs::CODE_LOGIN)?;
        idempotency::sign_in_by_code(state, web, fields, login, client).await
    } else {
        let credentials = inputs::credentials(fields, inputs::CREDENTIALS)?;
        sign_in(state, credentials, client).await
    }
}

/// `DELETE /session`: sign out; somebody who was signed out already is so still.
pub async fn delete(
    state: Data<State>,
    cookie: Session,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    session::end(&state, &cookie, viewer).await?;
    Ok(answer::ok(StatusCode::OK, json!({})))
}
