//! `/oauth/consent`: a person allows or declines what a client asks.

use actix_web::HttpResponse;

use super::{
    asked::asked,
    authorize::{Consent, answer},
    consent_page::SESSION,
};
use crate::{
    domain::oauth::error::{OauthError, OauthErrorCode as Code},
    errors::Error,
    http::{
        auth::viewer::Viewer,
        pages::{form_request::FormRequest, next},
        request::body::Form,
    },
};

/// `POST /oauth/consent`, with the request of the client in its query. It takes a form of our own pages only.
pub async fn post(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    let FormRequest { state, view, request, .. } = &form_request;
    if fields.raw("decision") == "allow" {
        // Somebody else may have signed in since the page was shown; they see it for themselves.
        let asked_in = next::value(request.query_string(), SESSION);
        let is_given = viewer.as_ref().is_ok_and(|viewer| viewer.session.public_id == asked_in);
        let consent = if is_given { Consent::Given } else { Consent::NotAsked };
        return answer(&form_request, viewer, consent).await;
    }
    let asked = asked(state, &view.web, request).await?;
    state.metrics.oauth_event("declined");
    let declined = OauthError::new(Code::AccessDenied, "the person has declined");
    asked.target.error(view, &declined)
}
