//! The JSON envelope: `{"errno":"0","errmsg":"OK","data":{…}}`.

use std::net::IpAddr;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header::RETRY_AFTER},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{device::device_name, status::status};
use crate::{
    domain::account::Account,
    errors::{Errno, Error, Limit},
    i18n::{
        catalog::{Catalog, Language},
        error_messages::{
            error_message, error_name, field_messages, field_reasons, retry_seconds, seconds_up,
        },
    },
    logging,
    stores::tables::{idempotency_keys::StoredResponse, sessions::ListedSession},
};

/// Success with data.
pub fn ok(status: StatusCode, data: impl Serialize) -> HttpResponse {
    let body = json!({ "errno": Errno::Ok.code(), "errmsg": "OK", "data": data });
    HttpResponseBuilder::new(status).json(body)
}

/// Success that was kept, or is about to be: the same answer each time.
pub fn stored(kept: &StoredResponse) -> Result<HttpResponse, Error> {
    let status = StatusCode::from_u16(kept.status).map_err(Error::internal)?;
    let data: Value = serde_json::from_str(&kept.body).map_err(Error::internal)?;
    Ok(ok(status, data))
}

/// A failure: its number and its word for programs, a sentence in the request's language for people, and the name of
/// the request under which the log has it.
pub fn failure(words: &Catalog, language: Language, error: &Error) -> HttpResponse {
    let mut body = json!({
        "errno": error.errno().code(),
        "error": error_name(error),
        "errmsg": error_message(words, language, error),
        "data": failure_data(error),
    });
    if let Some(body) = body.as_object_mut() {
        if let Error::Input(problems) = error {
            body.insert("fields".to_owned(), json!(field_messages(words, language, problems)));
            body.insert("reasons".to_owned(), json!(field_reasons(problems)));
        }
        if let Some(request) = logging::current_request() {
            body.insert("request_id".to_owned(), json!(request.id.as_str()));
        }
    }
    with_wait(status(error), error).json(body)
}

/// The beginning of an answer to a failure, with when to try again.
pub(crate) fn with_wait(status: StatusCode, error: &Error) -> HttpResponseBuilder {
    let mut response = HttpResponseBuilder::new(status);
    if let Some(wait) = error.retry_after() {
        response.insert_header((RETRY_AFTER, retry_seconds(wait)));
    }
    response
}

/// What a program needs beside the sentence.
pub(crate) fn failure_data(error: &Error) -> Value {
    if let Error::TooOften { limit: Limit::Resend, retry_after } = error {
        return json!({ "resend_after": seconds_up(*retry_after) });
    }
    if let Error::WrongLogin { captcha_required: true } | Error::CaptchaNeeded = error {
        return json!({ "captcha_required": true });
    }
    if let Error::ProofOfWork(_) = error {
        return json!({ "proof_of_work_required": true });
    }
    if let Error::SmsCodeWrong { tries_left } = error {
        return json!({ "tries_left": tries_left });
    }
    json!({})
}

/// A session as its owner sees it in a list.
#[derive(Debug, Serialize)]
pub struct SessionData {
    id: String,
    kind: &'static str,
    device: String,
    address: String,
    signed_in_at: String,
    last_address: String,
    last_seen_at: String,
    current: bool,
}

impl SessionData {
    /// Sessions as they are listed: the one that asks comes first, and devices have names in the person's
    /// language.
    pub fn list(
        sessions: &[ListedSession],
        current: &str,
        translate: &dyn Fn(&str) -> String,
    ) -> Vec<Self> {
        let mut list: Vec<_> =
            sessions.iter().map(|session| Self::new(session, current, translate)).collect();
        list.sort_by_key(|session| !session.current);
        list
    }

    fn new(session: &ListedSession, current: &str, translate: &dyn Fn(&str) -> String) -> Self {
        Self {
            id: session.public_id.clone(),
            kind: session.kind.as_str(),
            device: device_name(&session.device, translate),
            address: masked(&session.address),
            signed_in_at: text(session.signed_in_at),
            last_address: masked(&session.last_address),
            last_seen_at: text(session.last_seen_at),
            current: session.public_id == current,
        }
    }
}

/// The network of an address: enough to know one's own place again (R85).
fn masked(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.*")
        }
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::*")
        }
        Err(_) => String::new(),
    }
}

fn text(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An account as programs see it; the number is masked, for its owner knows it (R110).
#[derive(Debug, Serialize)]
pub struct AccountData {
    id: i64,
    mobile: String,
    name: String,
    avatar_url: Option<String>,
    created_at: String,
}

impl From<&Account> for AccountData {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id,
            mobile: account.mobile.masked(),
            name: account.name.as_str().to_owned(),
            avatar_url: account.avatar_url.clone(),
            created_at: text(account.created_at),
        }
    }
}
