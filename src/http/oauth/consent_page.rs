//! The page on which a person lets a client know something.

use actix_web::{HttpResponse, http::StatusCode};
use tera::Context;
use url::Url;

use super::{asked::Asked, paths, redirect_answer::allow_target, resume::PARAMETER};
use crate::{
    domain::oauth::scope::{Scope, ScopeValue},
    errors::Error,
    http::{auth::viewer::Viewer, pages::form_request::FormRequest},
};

/// The parameter with the session of the person who is asked.
pub const SESSION: &str = "asked_in";

/// Shows what the client wants to know. The form sends the request of the client once more, with the decision.
pub fn show(
    FormRequest { view, .. }: &FormRequest,
    asked: &Asked,
    viewer: &Viewer,
    wanted: Scope,
) -> Result<HttpResponse, Error> {
    let parameters = &asked.parameters;
    let other = parameters.query_without(&[PARAMETER, "prompt"]);
    let host = Url::parse(&asked.target.uri).ok();
    let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
    let mut context = Context::new();
    context.insert("client", &asked.client.name);
    context.insert("host", host);
    context.insert("mobile", &viewer.account.mobile.masked());
    context.insert("wants_profile", &wanted.has(ScopeValue::Profile));
    context.insert("wants_phone", &wanted.has(ScopeValue::Phone));
    context.insert("wants_offline", &wanted.has(ScopeValue::OfflineAccess));
    let query = parameters.query_without(&[SESSION]);
    let action = format!("{}?{query}&{SESSION}={}", paths::CONSENT, viewer.session.public_id);
    context.insert("action", &action);
    context.insert("other_account", &format!("{}?{other}&prompt=login", paths::AUTHORIZE));
    let mut page = view.page(StatusCode::OK, "oauth_consent.html", context)?;
    allow_target(view, &mut page, &asked.target.form_target())?;
    Ok(page)
}
