//! The JSON envelope: `{"errno":"0","errmsg":"OK","data":{…}}`.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header::RETRY_AFTER},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{json, value::RawValue};

use super::{
    errno::Errno,
    error_table::{ErrorRow, error_row},
};
use crate::{
    errors::{Error, FieldProblem},
    i18n::{catalog::Catalog, language::Language, problem_messages::field_messages},
    logging,
    stores::tables::idempotency_keys::StoredResponse,
};

#[derive(Serialize)]
struct Success<T> {
    errno: &'static str,
    errmsg: &'static str,
    data: T,
}

/// Answers success with data.
pub fn ok(status: StatusCode, data: impl Serialize) -> HttpResponse {
    let body = Success { errno: Errno::Ok.code(), errmsg: "OK", data };
    HttpResponseBuilder::new(status).json(body)
}

/// Answers a repeated request as it was answered the first time. The stored text is sent as it stands.
pub fn stored(response: &StoredResponse) -> Result<HttpResponse, Error> {
    let status = StatusCode::from_u16(response.status).map_err(Error::internal)?;
    let data: &RawValue = serde_json::from_str(&response.body).map_err(Error::internal)?;
    Ok(ok(status, data))
}

/// Answers an error: its number and its name for programs, a sentence in the language of the request for people, and
/// the id of the request, by which the log has it.
pub fn failure(catalog: &Catalog, language: Language, error: &Error) -> HttpResponse {
    let row = error_row(error);
    let mut body = json!({
        "errno": row.errno.code(),
        "error": row.name(),
        "errmsg": row.json_message(catalog, language),
        "data": row.data_object(),
    });
    if let Some(body) = body.as_object_mut() {
        if let Error::Input(problems) = error {
            body.insert("fields".to_owned(), json!(field_messages(catalog, language, problems)));
            body.insert("reasons".to_owned(), json!(field_reasons(problems)));
        }
        if let Some(request) = logging::current_request() {
            body.insert("request_id".to_owned(), json!(request.id.as_str()));
        }
    }
    error_builder(row.status, &row).json(body)
}

/// Begins the answer to an error, with `Retry-After` where waiting helps.
pub(crate) fn error_builder(status: StatusCode, row: &ErrorRow) -> HttpResponseBuilder {
    let mut response = HttpResponseBuilder::new(status);
    if let Some(seconds) = row.retry_seconds() {
        response.insert_header((RETRY_AFTER, seconds));
    }
    response
}

/// Returns the word of each field's problem, by field.
fn field_reasons(problems: &[FieldProblem]) -> BTreeMap<&str, &'static str> {
    problems.iter().map(|problem| (&*problem.field, problem.problem.reason())).collect()
}

/// Writes a time as JSON does here: UTC, whole seconds.
pub(super) fn timestamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
