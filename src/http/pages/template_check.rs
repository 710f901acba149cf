//! Every page once, before anybody sees one: what is wrong with the operator's own templates stops the start.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use actix_web::{http::StatusCode, web::Data};
use serde_json::json;
use tera::Context;

use super::{
    form::{FormPage, TEMPLATES},
    message, rendered_form,
    view::View,
};
use crate::{
    errors::Error,
    http::{
        assets::{templates, templates::MissingSentence},
        request::input::Fields,
        state::WebState,
    },
    i18n::language::LANGUAGES,
};

/// Renders every page in every language: empty, and with all that may stand on it. Every form has to have the
/// fields that its handler reads, and every sentence has to exist.
pub fn render_all_templates(web: &WebState, own: &Path) -> Result<(), Error> {
    let strict = templates::load(&web.catalog, Some(own), MissingSentence::Fail)?;
    let web = Data::new(WebState { tera: Arc::new(strict), ..web.clone() });
    for language in LANGUAGES {
        let view = View::anonymous(&web, language, "");
        for template in TEMPLATES {
            let blank = FormPage::new(template, "mobile", &Fields::default());
            let full = FormPage::full(template, &Fields::default());
            let pages =
                [(&blank, blank.render_blank(&view)?), (&full, full.render_problems(&view)?)];
            for (form, html) in pages {
                check(form, &view, own, &html)?;
            }
        }
        message::page(&view, StatusCode::NOT_FOUND, "…", None, false)?;
        message::page(&view, StatusCode::SERVICE_UNAVAILABLE, "…", Some(5), true)?;
        account(&view)?;
    }
    Ok(())
}

fn check(form: &FormPage, view: &View, own: &Path, html: &str) -> Result<(), Error> {
    let (path, fields) = form.needs(view);
    match rendered_form::lacks(html, path, &fields) {
        None => Ok(()),
        Some(fault) => {
            let place = templates::location_of_missing(own, form.template, &fault.markup);
            Err(Error::internal(format!("{place}: {}", fault.sentence)))
        }
    }
}

fn account(view: &View) -> Result<(), Error> {
    let session = |device: Option<&str>, current: bool| {
        json!({ "id": "0", "kind": "session", "device": device, "address": "203.0.113.*",
            "signed_in_at": "2026-01-01T00:00:00Z", "last_address": "203.0.113.*", "last_seen_at": "2026-01-01T00:00:00Z",
            "current": current })
    };
    let account =
        BTreeMap::from([("name", "name"), ("mobile", "138****8000"), ("created_at", "2026-01-01")]);
    let mut context = Context::new();
    context.insert("account", &account);
    context.insert("sessions", &[session(Some("Chrome"), true), session(None, false)]);
    view.page(StatusCode::OK, "account.html", context).map(drop)
}
