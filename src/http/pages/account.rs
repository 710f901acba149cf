//! `/account`: what a signed-in person sees of the account.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use serde_json::json;
use tera::Context;

use super::{
    next,
    view::{View, see_other},
};
use crate::{errors::Error, http::session::Viewer};

/// `GET /account`; somebody who is not signed in does that first and then comes back.
pub async fn get(
    view: View,
    request: HttpRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    let account = match viewer {
        Ok(viewer) => viewer.account,
        Err(Error::NotSignedIn) => {
            return Ok(see_other(&next::onto("/login", &request.uri().to_string())));
        }
        Err(error) => return Err(error),
    };
    let mut context = Context::new();
    let account = json!({
        "name": account.name.as_str(),
        "mobile": account.mobile.masked(),
        "created_at": account.created_at.format("%Y-%m-%d").to_string(),
    });
    context.insert("account", &account);
    view.page(StatusCode::OK, "account.html", context)
}
