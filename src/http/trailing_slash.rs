//! A page with a slash behind its path: the browser is sent to the page itself.

use actix_web::{
    HttpRequest, HttpResponse,
    guard::{GuardContext, fn_guard},
    http::{Method, header::LOCATION},
    web::{ServiceConfig, resource, route},
};

use super::legacy_api;
use crate::domain::legacy_api::LegacyApi;

/// Adds the redirect for one page. What a dialect asks for at the path with the slash stays the dialect's.
pub(super) fn service(config: &mut ServiceConfig, spoken: &[LegacyApi], page: &'static str) {
    let path = format!("{page}/");
    let of_dialects = legacy_api::routes_of_path(&path, spoken);
    let mut methods = vec![Method::GET, Method::HEAD, Method::POST];
    methods.retain(|method| !of_dialects.iter().any(|(taken, _)| taken == method));
    let is_redirected =
        fn_guard(move |request: &GuardContext<'_>| methods.contains(&request.head().method));
    config.service(resource(path).guard(is_redirected).route(route().to(
        move |request: HttpRequest| {
            let to = location(page, request.query_string());
            async move { HttpResponse::PermanentRedirect().insert_header((LOCATION, to)).finish() }
        },
    )));
}

fn location(page: &str, query: &str) -> String {
    if query.is_empty() { page.to_owned() } else { format!("{page}?{query}") }
}
