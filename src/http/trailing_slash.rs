//! Redirects a page's path with a trailing slash to the page.

use actix_web::{
    HttpRequest, HttpResponse,
    guard::{GuardContext, fn_guard},
    http::{Method, header::LOCATION},
    web::{ServiceConfig, resource, route},
};

use super::legacy_api;
use crate::domain::legacy_api::LegacyApi;

/// Adds the redirect for one page. A legacy API that has a route at the path with the slash keeps it.
pub(super) fn service(config: &mut ServiceConfig, enabled: &[LegacyApi], page: &'static str) {
    let path = format!("{page}/");
    let legacy = legacy_api::routes_of_path(&path, enabled);
    let mut methods = vec![Method::GET, Method::HEAD, Method::POST];
    methods.retain(|method| !legacy.iter().any(|(taken, _)| taken == method));
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
