//! `/api/v1/user`: the account of whoever is signed in.

use actix_session::Session;
use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde_json::json;

use crate::{
    errors::Error,
    flows::{
        State, change_mobile::change_mobile, change_name::change_name,
        change_password::change_password, delete_account::delete_account,
    },
    http::{
        answer::{self, AccountData},
        client::Who,
        input::Json,
        inputs,
        session::Viewer,
    },
};

/// `PUT /user/password`: all other sessions end, and this one gets a new key.
pub async fn put_password(
    state: Data<State>,
    who: Who,
    viewer: Viewer,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let account = viewer.fresh(&state.clock)?.account;
    let change = inputs::password_change(&fields, inputs::PASSWORD_CHANGE, &account)?;
    let signed_in = change_password(&state, &account, change, who.client()?).await?;
    who.let_in(&signed_in)?;
    Ok(answer::ok(StatusCode::OK, json!({})))
}

/// `PUT /user/mobile`.
pub async fn put_mobile(
    state: Data<State>,
    who: Who,
    viewer: Viewer,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let change = inputs::mobile_change(&fields, inputs::MOBILE_CHANGE)?;
    change_mobile(&state, &viewer.fresh(&state.clock)?.account, change, who.client()?).await?;
    Ok(answer::ok(StatusCode::OK, json!({})))
}

/// `PATCH /user`.
pub async fn patch(
    state: Data<State>,
    viewer: Viewer,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let name = inputs::renaming(&fields, inputs::RENAMING)?;
    let account = change_name(&state, &viewer.account, name).await?;
    Ok(answer::ok(StatusCode::OK, AccountData::from(&account)))
}

/// `DELETE /user`.
pub async fn delete(
    state: Data<State>,
    cookie: Session,
    who: Who,
    viewer: Viewer,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let proof = inputs::owner_proof(&fields, inputs::OWNER_PROOF)?;
    delete_account(&state, &viewer.fresh(&state.clock)?.account, proof, who.client()?).await?;
    cookie.purge();
    Ok(answer::ok(StatusCode::OK, json!({})))
}
