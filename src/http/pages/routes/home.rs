//! `/`: redirects to the account, or to the sign-in page.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::account::sign_in_page;
use crate::{
    errors::Error,
    http::{
        auth::viewer::Viewer,
        pages::{next, view::see_other},
        state::WebState,
    },
};

/// `GET /`. A language that is chosen in the query is handed on.
pub async fn get(
    request: HttpRequest,
    web: Data<WebState>,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    let query = request.query_string();
    match viewer {
        Ok(_) => Ok(see_other(&next::in_language_of(query, "/account"))),
        Err(error) => sign_in_page(&web, &request, &next::in_language_of(query, "/login"), error),
    }
}
