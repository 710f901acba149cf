//! A page that says what went wrong, where there is no form to say it in.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header::RETRY_AFTER},
    web::Data,
};
use fluent_bundle::FluentArgs;
use tera::Context;

use super::view::View;
use crate::{
    errors::Error,
    http::{
        sentences::{seconds_up, sentence},
        status::{self, status},
        web::Web,
        words::Language,
    },
};

/// A failure as a page.
pub fn failure(
    web: &Data<Web>,
    language: Language,
    path: &str,
    query: &str,
    error: &Error,
) -> HttpResponse {
    let view = View::stranger(web, language, path, query);
    let status = status(error);
    let wait = error.retry_after().map(seconds_up);
    let mut context = Context::new();
    context.insert("heading", &view.say(heading(status), &FluentArgs::new()));
    context.insert("sentence", &sentence(&web.words, language, error));
    context.insert("retry_after", &wait.unwrap_or(0));
    match view.page(status, "message.html", context) {
        Ok(mut page) => {
            if let Some(wait) = wait {
                page.headers_mut().insert(RETRY_AFTER, wait.into());
            }
            page
        }
        Err(error) => {
            status::note(&web.metrics, &error);
            HttpResponseBuilder::new(status).finish()
        }
    }
}

fn heading(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "heading-not-found",
        StatusCode::SERVICE_UNAVAILABLE => "heading-unavailable",
        status if status.is_server_error() => "heading-internal",
        _ => "heading-refused",
    }
}
