//! `/api/v1/session`: the session a request comes with.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use serde_json::json;

use crate::{
    domain::client::Client,
    errors::Error,
    flows::{SignedIn, State, sign_in::sign_in},
    http::{
        answer::{self, AccountData},
        client::Who,
        idempotency,
        input::{Fields, Json},
        inputs,
        session::{self, Viewer},
        web::Web,
    },
};

/// `GET /session`: who am I.
pub async fn get(viewer: Viewer) -> HttpResponse {
    answer::ok(StatusCode::OK, AccountData::from(&viewer.account))
}

/// `POST /session`: sign in, by password or by SMS code.
pub async fn post(
    state: Data<State>,
    web: Data<Web>,
    who: Who,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let signed_in = enter(&state, &web, &fields, who.client()?).await?;
    who.let_in(&signed_in)?;
    Ok(answer::ok(StatusCode::OK, AccountData::from(&signed_in.account)))
}

/// Signs in by whichever proof the fields hold.
pub async fn enter(
    state: &State,
    web: &Web,
    fields: &Fields,
    client: &Client,
) -> Result<SignedIn, Error> {
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
    request: HttpRequest,
    state: Data<State>,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    session::end(&state, &request, viewer).await?;
    Ok(answer::ok(StatusCode::OK, json!({})))
}
