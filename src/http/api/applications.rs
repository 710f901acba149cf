//! `/api/v1/user/applications`: the applications that the person has signed in to.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde_json::json;

use crate::{
    errors::Error,
    flows::{
        State,
        oauth::applications::{list_applications, remove_application},
    },
    http::{
        auth::viewer::Viewer,
        response::{application::ApplicationData, envelope},
    },
};

/// `GET /user/applications`: lists them.
pub async fn get(state: Data<State>, viewer: Viewer) -> Result<HttpResponse, Error> {
    let applications = list_applications(&state, viewer.account.id).await?;
    let applications: Vec<_> = applications.iter().map(ApplicationData::of).collect();
    Ok(envelope::ok(StatusCode::OK, json!({ "applications": applications })))
}

/// `DELETE /user/applications/{id}`: ends the access of one.
pub async fn delete(
    state: Data<State>,
    viewer: Viewer,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    remove_application(&state, viewer.account.id, id.into_inner()).await?;
    Ok(envelope::ok(StatusCode::OK, json!({})))
}
