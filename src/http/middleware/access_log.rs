//! The access log: a line in the log and a timing in the metrics for every request, if either is enabled.

use std::time::Instant;

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody as _},
    http::{Method, StatusCode},
};
use log::Level;

use crate::{http::state::WebState, logging::ACCESS_TARGET};

/// The route of a request that matches none, or that failed before its route was known.
const NO_ROUTE: &str = "none";

/// A request that is being handled.
pub(crate) struct AccessLog {
    started_at: Instant,
    method: &'static str,
}

impl AccessLog {
    /// Starts the timing; `None` if neither the log line nor the metrics are enabled.
    pub(crate) fn begin(method: &Method, web: &WebState) -> Option<Self> {
        let is_enabled = web.metrics.is_served() || is_logged();
        is_enabled.then(|| Self { started_at: Instant::now(), method: method_name(method) })
    }

    /// Logs and counts the answer. The route stands for the path, which may contain mobile numbers and secrets.
    pub(crate) fn end(
        &self,
        web: &WebState,
        request: Option<&HttpRequest>,
        response: &HttpResponse,
    ) {
        let route = request.and_then(HttpRequest::match_pattern);
        let route = route.unwrap_or_else(|| NO_ROUTE.to_owned());
        let (method, took, status) = (self.method, self.started_at.elapsed(), response.status());
        if is_logged() {
            let bytes = match response.body().size() {
                BodySize::Sized(bytes) => bytes,
                BodySize::None | BodySize::Stream => 0,
            };
            log::info!(
                target: ACCESS_TARGET,
                "event=access method={method} route={route:?} status={} ms={} bytes={bytes}",
                status.as_u16(),
                took.as_millis(),
            );
        }
        if web.metrics.is_served() {
            web.metrics.request_answered(method, route, status_class(status), took);
        }
    }
}

fn is_logged() -> bool {
    log::log_enabled!(target: ACCESS_TARGET, Level::Info)
}

/// Returns the method, or `other` for one that is not known: clients can make up any number of methods.
fn method_name(method: &Method) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|name| *name == method.as_str())
        .unwrap_or("other")
}

fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        500.. => "5xx",
    }
}
