//! `/api/v1/user/devices`: the devices that are known to the account.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use fluent_bundle::FluentArgs;
use serde_json::json;

use crate::{
    errors::Error,
    flows::{
        State,
        known_devices::{forget_device, list_devices},
    },
    http::{
        auth::{client_context::ClientContext, viewer::Viewer},
        context::RequestContext,
        response::{envelope, known_device::KnownDeviceData},
        state::WebState,
    },
};

/// `GET /user/devices`: lists them.
pub async fn get(
    request: HttpRequest,
    state: Data<State>,
    web: Data<WebState>,
    context: ClientContext,
    viewer: Viewer,
) -> Result<HttpResponse, Error> {
    let devices = list_devices(&state, viewer.account.id).await?;
    let language = RequestContext::of(&request, &web).language;
    let translate = |key: &str| web.catalog.translate(language, key, &FluentArgs::new());
    let devices = KnownDeviceData::list(&devices, context.client()?.device, &translate);
    Ok(envelope::ok(StatusCode::OK, json!({ "devices": devices })))
}

/// `DELETE /user/devices/{id}`: makes one unknown.
pub async fn delete(
    state: Data<State>,
    viewer: Viewer,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    forget_device(&state, viewer.account.id, id.into_inner()).await?;
    Ok(envelope::ok(StatusCode::OK, json!({})))
}
