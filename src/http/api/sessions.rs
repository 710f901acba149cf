//! `/api/v1/sessions`: all sessions of the account.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use fluent_bundle::FluentArgs;
use serde_json::json;

use crate::{
    domain::client::ClientSession,
    errors::Error,
    flows::{
        State,
        list_sessions::list_sessions,
        sign_out::{end_session, sign_out_others},
    },
    http::{
        auth::viewer::Viewer,
        context::RequestContext,
        response::{envelope, session::SessionData},
        state::WebState,
    },
};

/// `GET /sessions`: lists them.
pub async fn get(
    request: HttpRequest,
    state: Data<State>,
    web: Data<WebState>,
    viewer: Viewer,
) -> Result<HttpResponse, Error> {
    let sessions = list_sessions(&state, viewer.account.id).await?;
    let language = RequestContext::of(&request, &web).language;
    let translate = |key: &str| web.catalog.translate(language, key, &FluentArgs::new());
    let sessions = SessionData::list(&sessions, &viewer.session.public_id, &translate);
    Ok(envelope::ok(StatusCode::OK, json!({ "sessions": sessions })))
}

/// `DELETE /sessions/{id}`: ends one.
pub async fn delete(
    state: Data<State>,
    viewer: Viewer,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let session = ClientSession { user_id: viewer.account.id, public_id: id.into_inner() };
    end_session(&state, session).await?;
    Ok(envelope::ok(StatusCode::OK, json!({})))
}

/// `DELETE /sessions`: ends all but the current one.
pub async fn delete_others(state: Data<State>, viewer: Viewer) -> Result<HttpResponse, Error> {
    sign_out_others(&state, viewer.fresh(&state.clock)?.session).await?;
    Ok(envelope::ok(StatusCode::OK, json!({})))
}
