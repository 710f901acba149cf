//! Every page once, before anybody sees one: what is wrong with the operator's own templates stops the start.

use std::collections::BTreeMap;

use actix_web::{http::StatusCode, web::Data};
use serde_json::json;
use tera::Context;

use super::{
    form::{FormPage, TEMPLATES},
    message,
    view::View,
};
use crate::{
    errors::Error,
    http::{input::Fields, web::Web, words::LANGUAGES},
};

/// Renders every page in every language: empty, and with all that may stand on it.
pub fn rehearse(web: &Web) -> Result<(), Error> {
    let web = Data::new(web.clone());
    for language in LANGUAGES {
        let view = View::stranger(&web, language, "");
        for template in TEMPLATES {
            FormPage::new(template, "mobile", &Fields::none(&web)).show(&view)?;
            FormPage::full(template, &Fields::none(&web)).show_all(&view)?;
        }
        message::page(&view, StatusCode::NOT_FOUND, "…", None, false)?;
        message::page(&view, StatusCode::SERVICE_UNAVAILABLE, "…", Some(5), true)?;
        account(&view)?;
    }
    Ok(())
}

fn account(view: &View) -> Result<(), Error> {
    let session = |device: Option<&str>, current: bool| {
        json!({ "id": "0", "kind": "session", "device": device, "address": "203.0.113.*",
            "signed_in_at": "2026-01-01T00:00:00Z", "last_seen_at": "2026-01-01T00:00:00Z",
            "current": current })
    };
    let account =
        BTreeMap::from([("name", "name"), ("mobile", "138****8000"), ("created_at", "2026-01-01")]);
    let mut context = Context::new();
    context.insert("account", &account);
    context.insert("sessions", &[session(Some("Chrome"), true), session(None, false)]);
    view.page(StatusCode::OK, "account.html", context).map(drop)
}
