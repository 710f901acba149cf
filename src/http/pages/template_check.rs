//! Renders every page once at the start, so that a mistake in the operator's own templates is found before a visitor
//! meets it.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use actix_web::{http::StatusCode, web::Data};
use serde_json::json;
use tera::Context;

use super::{
    done::Done,
    form::FormPage,
    form_template::{FormProperties, FormTemplate},
    message, rendered_form,
    view::View,
};
use crate::{
    errors::{Error, Price, ProofProblem},
    http::{
        assets::{templates, templates::MissingSentence},
        state::WebState,
    },
    i18n::language::LANGUAGES,
};

/// Renders every page in every language: empty, and with everything that may stand on it. Every form must have the
/// fields that its handler reads, and every message must exist.
pub fn render_all_templates(web: &WebState, own: &Path) -> Result<(), Error> {
    let strict = templates::load(&web.catalog, Some(own), MissingSentence::Fail)?;
    let web = Data::new(WebState { tera: Arc::new(strict), ..web.clone() });
    for language in LANGUAGES {
        let view = View::anonymous(&web, language, "");
        for template in FormTemplate::ALL {
            let (empty, full) = (render_empty(template, &view)?, render_full(template, &view)?);
            check_fields(template, &view, own, &empty)?;
            check_fields(template, &view, own, &full)?;
        }
        message::page(&view, StatusCode::NOT_FOUND, "…", None, false)?;
        message::page(&view, StatusCode::SERVICE_UNAVAILABLE, "…", Some(5), true)?;
        account(&view)?;
        oauth(&view)?;
    }
    Ok(())
}

fn render_empty(template: FormTemplate, view: &View) -> Result<String, Error> {
    let page =
        FormPage { verified_mobile: verified(template), ..FormPage::empty(template, "mobile") };
    page.render(view, StatusCode::OK, "", &BTreeMap::new())
}

/// Renders everything that may stand on a form, with a problem beside every field.
fn render_full(template: FormTemplate, view: &View) -> Result<String, Error> {
    let page = FormPage {
        notice: "…".to_owned(),
        done: Some(Done::SignedOut),
        signed_in_as: "…".to_owned(),
        resend_after: 5,
        is_code_requested: true,
        price: Some(Price::proof_of_work(2, ProofProblem::Missing)),
        verified_mobile: verified(template),
        ..FormPage::empty(template, "password")
    };
    let problems =
        FormTemplate::all_with_problem().map(|name| (name.to_owned(), "…".to_owned())).collect();
    page.render(view, StatusCode::BAD_REQUEST, "…", &problems)
}

fn verified(template: FormTemplate) -> String {
    let mobile = if template == FormTemplate::RegisterVerified { "138****8000" } else { "" };
    mobile.to_owned()
}

fn check_fields(template: FormTemplate, view: &View, own: &Path, html: &str) -> Result<(), Error> {
    let FormProperties { file, with_problem, hidden, .. } = template.properties();
    let has_terms = view.web.parser.terms.is_some();
    let visible = with_problem.iter().filter(|name| has_terms || **name != "terms");
    let fields: Vec<_> = visible.map(|name| (*name, None)).chain(hidden.iter().copied()).collect();
    match rendered_form::find_fault(html, template.action(), &fields) {
        None => Ok(()),
        Some(fault) => {
            let place = templates::location_of_missing(own, file, &fault.markup);
            Err(Error::internal(format!("{place}: {}", fault.sentence)))
        }
    }
}

/// Renders the pages on the way to an application and back.
fn oauth(view: &View) -> Result<(), Error> {
    let mut context = Context::new();
    for name in ["client", "host", "mobile", "action", "other_account", "continue_js"] {
        context.insert(name, "…");
    }
    for name in ["wants_profile", "wants_phone", "wants_offline"] {
        context.insert(name, &true);
    }
    context.insert("fields", &[json!({ "name": "code", "value": "…" })]);
    for file in ["oauth_consent.html", "oauth_form_post.html", "oauth_logout.html"] {
        view.page(StatusCode::OK, file, context.clone())?;
    }
    Ok(())
}

fn account(view: &View) -> Result<(), Error> {
    let ago = json!({ "unit": "now", "count": 0 });
    let session = |device: Option<&str>, current: bool| {
        json!({ "id": "0", "kind": "session", "device": device, "address": "203.0.113.*",
            "signed_in_at": "2026-01-01T00:00:00Z", "last_address": "203.0.113.*", "last_seen_at": "2026-01-01T00:00:00Z",
            "last_seen_ago": ago, "signed_in_ago": ago, "current": current })
    };
    let device = |name: Option<&str>, current: bool| json!({ "id": "0", "device": name, "last_used_at": "2026-01-01T00:00:00Z", "current": current });
    let account = json!({ "name": "name", "mobile": "138****8000", "has_password": true,
        "created_at": "2026-01-01" });
    let mut context = Context::new();
    context.insert("notice", "…");
    context.insert("alert", "…");
    context.insert("account", &account);
    context.insert("sessions", &[session(Some("Chrome"), true), session(None, false)]);
    let application =
        json!({ "id": "0", "name": "Wiki", "knows_mobile": true, "since": "2026-01-01T00:00:00Z" });
    context.insert("applications", &[application]);
    context.insert("devices", &[device(Some("Chrome"), true), device(None, false)]);
    view.page(StatusCode::OK, "account.html", context).map(drop)
}
