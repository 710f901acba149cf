//! Answers to clients, in the format of OAuth and not in our envelope.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use serde::Serialize;
use serde_json::json;

use crate::{
    domain::oauth::error::{OauthError, OauthErrorCode as Code},
    errors::Error,
    flows::oauth::OauthFailure,
    http::{
        response::{error_log::log_error, error_table::error_row},
        state::WebState,
    },
};

/// Answers success. Pages of any site may read it: what it says was proved by what the request contains, not by a cookie.
pub fn ok(body: impl Serialize) -> HttpResponse {
    builder(StatusCode::OK).json(body)
}

/// Answers success without a body.
pub fn empty() -> HttpResponse {
    builder(StatusCode::OK).finish()
}

/// Answers what an endpoint has found, or its failure.
pub fn of(web: &WebState, found: Result<HttpResponse, OauthFailure>) -> HttpResponse {
    found.unwrap_or_else(|refused| failure(web, &refused))
}

/// Answers a failure of the token, revocation or introspection endpoint (RFC 6749 §5.2).
fn failure(web: &WebState, failure: &OauthFailure) -> HttpResponse {
    let error = match failure {
        OauthFailure::Refused(error) => error,
        OauthFailure::Failed(error) => return server_failure(web, error),
    };
    let mut answer = if error.code == Code::InvalidClient {
        let mut answer = builder(StatusCode::UNAUTHORIZED);
        answer.insert_header((WWW_AUTHENTICATE, r#"Basic realm="haoma""#));
        answer
    } else {
        builder(StatusCode::BAD_REQUEST)
    };
    answer.json(body(error))
}

/// Answers a failure of an endpoint that takes an access token (RFC 6750 §3).
pub fn bearer_failure(error: &OauthError) -> HttpResponse {
    let status = if error.code == Code::InsufficientScope {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::UNAUTHORIZED
    };
    let challenge = format!(
        r#"Bearer realm="haoma", error="{}", error_description="{}""#,
        error.code.as_str(),
        error.description
    );
    builder(status).insert_header((WWW_AUTHENTICATE, challenge)).json(body(error))
}

/// Answers a request without an access token, which names no error (RFC 6750 §3.1).
pub fn no_token() -> HttpResponse {
    let challenge = (WWW_AUTHENTICATE, r#"Bearer realm="haoma""#);
    builder(StatusCode::UNAUTHORIZED).insert_header(challenge).finish()
}

/// Answers an error of ours, such as a database that does not answer.
pub fn server_failure(web: &WebState, error: &Error) -> HttpResponse {
    log_error(&web.metrics, error);
    let row = error_row(error);
    let word = match row.status {
        status if status == StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request",
    };
    let mut answer = builder(row.status);
    if let Some(seconds) = row.retry_seconds() {
        answer.insert_header((RETRY_AFTER, seconds));
    }
    answer.json(json!({ "error": word }))
}

fn body(error: &OauthError) -> serde_json::Value {
    json!({ "error": error.code.as_str(), "error_description": error.description })
}

fn builder(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponseBuilder::new(status);
    answer.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*")).insert_header((PRAGMA, "no-cache"));
    answer
}
