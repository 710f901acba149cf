//! Paths at which a page and a legacy API both have routes: the content of the request says which one it is for.

use actix_web::{
    Error as ActixError, HttpMessage as _, Route,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    guard,
    guard::GuardContext,
    http::Method,
    middleware::{Next, from_fn},
    web::{Bytes, ServiceConfig},
};

use super::routes::routes_of_path;
use crate::{
    domain::legacy_api::LegacyApi,
    http::{request::body, route::at},
};

/// Marks a request as one for a legacy API.
struct IsLegacy;

/// Adds a page, and in front of it the routes of the enabled legacy APIs at its path.
pub fn add_page(
    config: &mut ServiceConfig,
    enabled: &[LegacyApi],
    path: &str,
    page: Vec<(Method, Route)>,
) {
    let legacy = routes_of_path(path, enabled);
    if legacy.is_empty() {
        config.service(at(path, page));
        return;
    }
    let is_legacy = |context: &GuardContext<'_>| context.req_data().get::<IsLegacy>().is_some();
    let page_methods: Vec<_> = page.iter().map(|(method, _)| method.clone()).collect();
    let legacy =
        legacy.into_iter().map(|(method, route)| (method, route.guard(guard::fn_guard(is_legacy))));
    let resource = at(path, legacy.chain(page));
    config.service(resource.wrap(from_fn(move |request: ServiceRequest, next: Next<BoxBody>| {
        let has_page = page_methods.contains(request.method());
        mark_legacy(request, next, has_page)
    })));
}

/// Reads the body of a POST to see what it is for, and puts it back to be read again. Another method is for the legacy
/// API if the page does not have it.
async fn mark_legacy(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
    has_page: bool,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let is_legacy = if request.method() == Method::POST {
        let body = body::read(request.take_payload()).await?;
        let is_legacy = is_json(&body, request.content_type());
        request.set_payload(Payload::from(body));
        is_legacy
    } else {
        !has_page
    };
    if is_legacy {
        request.extensions_mut().insert(IsLegacy);
    }
    next.call(request).await
}

/// Returns whether a body is JSON, whatever its content type says. Forms of our pages never are.
fn is_json(body: &Bytes, content_type: &str) -> bool {
    content_type.eq_ignore_ascii_case("application/json")
        || body.trim_ascii_start().first() == Some(&b'{')
}
