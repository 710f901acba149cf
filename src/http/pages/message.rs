//! The page for a failure where there is no form to show it in.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{Method, StatusCode, header::RETRY_AFTER},
    web::Data,
};
use fluent_bundle::FluentArgs;
use tera::Context;

use super::view::View;
use crate::{
    errors::Error,
    http::{
        response::{error_log::log_error, error_table::error_row},
        state::WebState,
    },
    i18n::language::Language,
};

/// Answers a failure as a page.
pub fn failure(
    web: &Data<WebState>,
    language: Language,
    (method, query): (&Method, &str),
    error: &Error,
) -> HttpResponse {
    let view = View::anonymous(web, language, query);
    let row = error_row(error);
    let (status, wait) = (row.status, row.retry_seconds());
    let passes = status == StatusCode::SERVICE_UNAVAILABLE && method == Method::GET;
    match page(&view, status, &row.message(&web.catalog, language), wait, passes) {
        Ok(page) => page,
        Err(error) => {
            log_error(&web.metrics, &error);
            HttpResponseBuilder::new(status).finish()
        }
    }
}

/// Renders a page of one sentence. `wait` is in seconds. If `passes`, the page links to itself, to try again.
pub(super) fn page(
    view: &View,
    status: StatusCode,
    sentence: &str,
    wait: Option<u64>,
    passes: bool,
) -> Result<HttpResponse, Error> {
    let mut context = Context::new();
    context.insert("heading", &view.translate(heading(status), &FluentArgs::new()));
    context.insert("sentence", sentence);
    context.insert("again", &passes.then(|| format!("?{}", view.query)));
    let mut page = view.page(status, "message.html", context)?;
    if let Some(wait) = wait {
        page.headers_mut().insert(RETRY_AFTER, wait.into());
    }
    Ok(page)
}

fn heading(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "heading-not-found",
        StatusCode::SERVICE_UNAVAILABLE => "heading-unavailable",
        status if status.is_server_error() => "heading-internal",
        _ => "heading-refused",
    }
}
