//! Where a page of ours and a dialect share an address: what the request holds tells which is meant.

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

use super::shared_routes;
use crate::{
    domain::legacy_api::LegacyApi,
    http::{request::input, route::at},
};

/// Put on a request that is a dialect's.
struct InDialect;

/// Adds a page, and in front of it what the dialects ask for at its address.
pub fn page(
    config: &mut ServiceConfig,
    spoken: &[LegacyApi],
    path: &str,
    page: Vec<(Method, Route)>,
) {
    let in_dialect = shared_routes(path, spoken);
    if in_dialect.is_empty() {
        config.service(at(path, page));
        return;
    }
    let is_asked = |it: &GuardContext<'_>| it.req_data().get::<InDialect>().is_some();
    let has_page: Vec<_> = page.iter().map(|(method, _)| method.clone()).collect();
    let in_dialect =
        in_dialect.into_iter().map(|(method, it)| (method, it.guard(guard::fn_guard(is_asked))));
    let resource = at(path, in_dialect.chain(page));
    config.service(resource.wrap(from_fn(move |request: ServiceRequest, next: Next<BoxBody>| {
        let is_of_page = has_page.contains(request.method());
        sort_out(request, next, is_of_page)
    })));
}

/// Reads a body to see whose it is, and lets it be read again.
async fn sort_out(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
    has_page: bool,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let is_in_dialect = if request.method() == Method::POST {
        let body = input::body(request.take_payload()).await?;
        let is_in_dialect = is_json(&body, request.content_type());
        request.set_payload(Payload::from(body));
        is_in_dialect
    } else {
        !has_page
    };
    if is_in_dialect {
        request.extensions_mut().insert(InDialect);
    }
    next.call(request).await
}

/// JSON is never a form of ours, whatever it calls itself.
fn is_json(body: &Bytes, content_type: &str) -> bool {
    content_type.eq_ignore_ascii_case("application/json")
        || body.trim_ascii_start().first() == Some(&b'{')
}
