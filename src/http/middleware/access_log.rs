//! What is told and counted of every request, if anybody wants to know: a line in the log, and its time.

use std::time::Instant;

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody as _},
    http::{Method, StatusCode},
};
use log::Level;

use crate::{http::state::WebState, logging::ACCESS_TARGET};

/// Where nothing of ours was asked for, or the request fell before that was known.
const NOWHERE: &str = "none";

/// A request that is being worked on.
pub(crate) struct AccessLog {
    begun: Instant,
    method: &'static str,
}

impl AccessLog {
    /// `None` while nobody wants to know.
    pub(crate) fn begin(method: &Method, web: &WebState) -> Option<Self> {
        let is_wanted = web.metrics.is_served() || is_told();
        is_wanted.then(|| Self { begun: Instant::now(), method: named(method) })
    }

    /// It is answered. The route stands for the path, which may hold numbers and secrets.
    pub(crate) fn end(
        &self,
        web: &WebState,
        request: Option<&HttpRequest>,
        response: &HttpResponse,
    ) {
        let route = request.and_then(HttpRequest::match_pattern);
        let route = route.unwrap_or_else(|| NOWHERE.to_owned());
        let (method, took, status) = (self.method, self.begun.elapsed(), response.status());
        if is_told() {
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
            web.metrics.request_answered(method, route, class(status), took);
        }
    }
}

fn is_told() -> bool {
    log::log_enabled!(target: ACCESS_TARGET, Level::Info)
}

/// Anybody may make up methods.
fn named(method: &Method) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|it| *it == method.as_str())
        .unwrap_or("other")
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        500.. => "5xx",
    }
}
