//! `/`: redirects to the account, or to the sign-in page.

use actix_web::{HttpRequest, HttpResponse};

use super::account::sign_in_page;
use crate::{
    errors::Error,
    http::{
        auth::viewer::Viewer,
        pages::{next, view::see_other},
    },
};

/// `GET /`. A language that is chosen in the query is handed on.
pub async fn get(
    request: HttpRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    let path = match viewer {
        Ok(_) => "/account".to_owned(),
        Err(error) => sign_in_page(&request, error)?,
    };
    Ok(see_other(&next::in_language_of(request.query_string(), &path)))
}
