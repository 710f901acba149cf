//! `/oauth/consent`: a person allows or declines what a client asks.

use actix_web::HttpResponse;

use super::{
    asked::asked,
    authorize::{Consent, answer},
};
use crate::{
    domain::oauth::error::{OauthError, OauthErrorCode as Code},
    errors::Error,
    http::{auth::viewer::Viewer, pages::form_request::FormRequest, request::body::Form},
};

/// `POST /oauth/consent`, with the request of the client in its query. It takes a form of our own pages only.
pub async fn post(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    let FormRequest { state, view, request, .. } = &form_request;
    if fields.raw("decision") == "allow" {
        return answer(&form_request, viewer, Consent::Given).await;
    }
    let asked = asked(state, &view.web, request).await?;
    state.metrics.oauth_event("declined");
    let declined = OauthError::new(Code::AccessDenied, "the person has declined");
    asked.target.error(view, &declined)
}
