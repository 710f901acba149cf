//! `/api/v1/user`: the account that is signed in.

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
        auth::{client_context::ClientContext, viewer::Viewer},
        request::{bodies, body::Json},
        response::{account::AccountData, envelope},
        state::WebState,
    },
};

/// `PUT /user/password`: changes the password, or sets the first one. All other sessions end, and this one gets a new key.
pub async fn put_password(
    state: Data<State>,
    web: Data<WebState>,
    context: ClientContext,
    viewer: Viewer,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let change = bodies::password_change(&web.parser, &fields, &viewer.account)?;
    let owner = viewer.owner(&state.clock);
    let signed_in = change_password(&state, owner, change, context.client()?).await?;
    context.set_session_cookie(&signed_in)?;
    Ok(envelope::ok(StatusCode::OK, json!({})))
}

/// `PUT /user/mobile`: changes the mobile number.
pub async fn put_mobile(
    state: Data<State>,
    web: Data<WebState>,
    context: ClientContext,
    viewer: Viewer,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let change = bodies::mobile_change(&web.parser, &fields)?;
    change_mobile(&state, viewer.owner(&state.clock), change, context.client()?).await?;
    Ok(envelope::ok(StatusCode::OK, json!({})))
}

/// `PATCH /user`: changes the name.
pub async fn patch(
    state: Data<State>,
    viewer: Viewer,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let name = bodies::name_change(&fields)?;
    let account = change_name(&state, &viewer.account, name).await?;
    Ok(envelope::ok(StatusCode::OK, AccountData::from(&account)))
}

/// `DELETE /user`: deletes the account.
pub async fn delete(
    state: Data<State>,
    cookie: Session,
    context: ClientContext,
    viewer: Viewer,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let proof = bodies::owner_proof(&fields)?;
    delete_account(&state, viewer.owner(&state.clock), proof, context.client()?).await?;
    cookie.purge();
    Ok(envelope::ok(StatusCode::OK, json!({})))
}
