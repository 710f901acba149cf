//! `/api/v1/sessions`: where somebody is signed in.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde_json::json;

use crate::{
    domain::client::ClientSession,
    errors::Error,
    flows::{
        State,
        list_sessions::list_sessions,
        sign_out::{sign_out, sign_out_others},
    },
    http::{
        answer::{self, SessionData},
        session::Viewer,
    },
};

/// `GET /sessions`.
pub async fn get(state: Data<State>, viewer: Viewer) -> Result<HttpResponse, Error> {
    let sessions = list_sessions(&state, viewer.account.id).await?;
    let sessions: Vec<_> =
        sessions.iter().map(|it| SessionData::new(it, &viewer.session.public_id)).collect();
    Ok(answer::ok(StatusCode::OK, json!({ "sessions": sessions })))
}

/// `DELETE /sessions/{id}`.
pub async fn delete(
    state: Data<State>,
    viewer: Viewer,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let session = ClientSession { user_id: viewer.account.id, public_id: id.into_inner() };
    sign_out(&state, session).await?;
    Ok(answer::ok(StatusCode::OK, json!({})))
}

/// `DELETE /sessions`: all but this one.
pub async fn delete_others(state: Data<State>, viewer: Viewer) -> Result<HttpResponse, Error> {
    sign_out_others(&state, viewer.fresh(&state.clock)?.session).await?;
    Ok(answer::ok(StatusCode::OK, json!({})))
}
