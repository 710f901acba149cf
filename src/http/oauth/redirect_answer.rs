//! The answer of the authorization endpoint, which the browser carries to the client.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_SECURITY_POLICY, LOCATION},
    },
};
use serde::Serialize;
use tera::Context;
use url::form_urlencoded::Serializer;

use crate::{
    domain::oauth::{
        authorization_request::ResponseMode, error::OauthError, redirect_uri, token::OpaqueToken,
    },
    errors::Error,
    http::{middleware::security_headers, pages::view::View},
};

/// Where and how a client gets its answer.
#[derive(Clone, Debug)]
pub struct RedirectTarget {
    /// The redirect URI, which the client has registered.
    pub uri: String,
    /// How the answer is sent.
    pub mode: ResponseMode,
    /// What the client wants to see again.
    pub state: Option<String>,
    /// Who answers, so that a client of several servers cannot mix them up (RFC 9207).
    pub issuer: String,
}

#[derive(Serialize)]
struct HiddenField<'a> {
    name: &'a str,
    value: &'a str,
}

impl RedirectTarget {
    /// Answers with a code.
    pub fn code(&self, view: &View, code: &OpaqueToken) -> Result<HttpResponse, Error> {
        self.answer(view, &[("code", code.as_str())])
    }

    /// Answers with an error.
    pub fn error(&self, view: &View, error: &OauthError) -> Result<HttpResponse, Error> {
        log::info!(
            "event=oauth_request_refused error={} why={:?}",
            error.code.as_str(),
            error.description
        );
        let description = ("error_description", error.description);
        self.answer(view, &[("error", error.code.as_str()), description])
    }

    /// Returns what the policy `form-action` calls the place.
    pub fn form_target(&self) -> String {
        redirect_uri::form_target(&self.uri).unwrap_or_default()
    }

    fn answer(&self, view: &View, values: &[(&str, &str)]) -> Result<HttpResponse, Error> {
        let state = self.state.as_deref().map(|state| ("state", state));
        let values = values.iter().copied().chain(state).chain([("iss", self.issuer.as_str())]);
        match self.mode {
            ResponseMode::Query => {
                let query = Serializer::new(String::new()).extend_pairs(values).finish();
                let joint = if self.uri.contains('?') { '&' } else { '?' };
                let location = format!("{}{joint}{query}", self.uri);
                Ok(HttpResponse::SeeOther().insert_header((LOCATION, location)).finish())
            }
            ResponseMode::FormPost => {
                let fields: Vec<_> =
                    values.map(|(name, value)| HiddenField { name, value }).collect();
                let mut context = Context::new();
                context.insert("action", &self.uri);
                context.insert("fields", &fields);
                context.insert("continue_js", &view.web.assets.continue_js.href());
                let mut page = view.page(StatusCode::OK, "oauth_form_post.html", context)?;
                allow_target(view, &mut page, &self.form_target())?;
                Ok(page)
            }
        }
    }
}

/// Lets the forms of a page lead to a client.
pub fn allow_target(view: &View, page: &mut HttpResponse, target: &str) -> Result<(), Error> {
    let policy = security_headers::with_form_target(&view.web.page_policy, target)?;
    page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(())
}
