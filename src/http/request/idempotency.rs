//! `Idempotency-Key`: a request that is sent twice is done once, by pages, JSON API and legacy APIs alike.

use std::{future::Future, time::Duration};

use actix_web::{HttpRequest, http::StatusCode};
use serde::Serialize;
use tokio::time::sleep;

use super::fields::Fields;
use crate::{
    domain::{
        client::Client, device::DeviceId, hex::hex, idempotency_key::IdempotencyKey,
        keys::Key as SubKey,
    },
    errors::{Error, Problem},
    flows::{
        SignedIn, State,
        idempotency::{Outcome, idempotent},
        register::Registration,
        register_once::{Registered, register_once},
        reset_password::{PasswordReset, reset_password_once},
        send_sms_code::{admit_sms_request, send_admitted},
        sign_in_by_code::CodeLogin,
        sign_in_by_code_once::{Repeatable, sign_in_by_code_once},
        sms_code_request::SmsCodeRequest,
    },
    http::{
        response::{account::AccountData, seconds::seconds_up},
        state::WebState,
    },
    stores::tables::idempotency_keys::{IdempotencyRecord, StoredResponse},
};

/// The hidden field of a page.
pub const FIELD: &str = "idempotency_key";
const HEADER: &str = "idempotency-key";
/// Poll interval and maximum number of polls while the first submission of a page is in progress.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const MAX_POLLS: u32 = 100;

/// The `data` of the answer to a request for an SMS code.
#[derive(Debug, Serialize)]
pub struct SmsCodeData {
    /// Seconds until the number may be sent another code.
    resend_after: u64,
    /// Seconds until the code expires.
    expires_in: u64,
}

/// Returns the header, if there is one. Two headers and an unreadable one give an empty text, which is no valid key.
pub(crate) fn header(request: &HttpRequest) -> Option<String> {
    let mut headers = request.headers().get_all(HEADER);
    let first = headers.next()?.to_str().unwrap_or_default();
    Some(if headers.next().is_some() { String::new() } else { first.to_owned() })
}

/// Registers, or returns the response that the same request got before.
pub async fn register(
    state: &State,
    web: &WebState,
    fields: &Fields,
    registration: Registration,
    client: &Client,
) -> Result<Registered, Error> {
    let repeatable = repeatable(web, fields, "users")?;
    let to_stored = |signed_in: &SignedIn| {
        let account = &signed_in.account;
        stored_response(StatusCode::CREATED, AccountData::from(account), Some(account.id))
    };
    register_once(state, repeatable, registration, client, to_stored).await
}

/// Sends an SMS code, or returns the response that the same request got before.
pub async fn send(
    state: &State,
    web: &WebState,
    fields: &Fields,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<Outcome<SmsCodeData>, Error> {
    let record = record(web, fields, "sms-codes")?;
    let admit = async || admit_sms_request(state, request, client).await;
    let work = async |admission| {
        let sent = send_admitted(state, request, admission, client).await?;
        let resend_after = seconds_up(sent.resend_after);
        Ok(SmsCodeData { resend_after, expires_in: sent.expires_in.as_secs() })
    };
    let to_stored = |data: &SmsCodeData| stored_response(StatusCode::OK, data, None);
    idempotent(state, record, admit, work, to_stored).await
}

/// Signs in by an SMS code, or returns the session that the same request began before.
pub async fn sign_in_by_code(
    state: &State,
    web: &WebState,
    fields: &Fields,
    login: CodeLogin,
    client: &Client,
) -> Result<SignedIn, Error> {
    let endpoint = if client.is_app { "tokens" } else { "session" };
    let repeatable = repeatable(web, fields, endpoint)?;
    sign_in_by_code_once(state, repeatable, login, client).await
}

fn repeatable(
    web: &WebState,
    fields: &Fields,
    endpoint: &'static str,
) -> Result<Option<Repeatable>, Error> {
    let record = record(web, fields, endpoint)?;
    Ok(record.map(|record| Repeatable { record, secrets: secrets(web, fields, endpoint) }))
}

/// Returns the id for an app that sent none and signs in by a code. A repeated request gets the same id, since the account
/// knows the device by the one of the first answer.
pub fn new_device_of_app(web: &WebState, fields: &Fields, client: &Client) -> DeviceId {
    let is_repeatable = fields.has("sms_code") && fields.idempotency_key().is_some();
    let secrets = if is_repeatable { secrets(web, fields, "tokens") } else { Vec::new() };
    secrets.first().map_or(client.new_device, DeviceId::derived)
}

/// Returns secrets that only the same request gives again, one for each of the server's keys, the current one first.
fn secrets(web: &WebState, fields: &Fields, endpoint: &str) -> Vec<SubKey> {
    let key = fields.idempotency_key().unwrap_or_default();
    let request = [&["sign-in", endpoint, key, fields.browser()], &*fields.canonical()].concat();
    web.idempotency_secrets.iter().map(|secret| secret.derive(&request)).collect()
}

/// Sets a new password, unless the same request has done so before.
pub async fn reset(
    state: &State,
    web: &WebState,
    fields: &Fields,
    reset: PasswordReset,
    client: &Client,
) -> Result<(), Error> {
    let record = record(web, fields, "password-resets")?;
    reset_password_once(state, record, reset, client).await
}

/// Repeats the work of a page while its first submission is in progress.
///
/// A browser shows only the answer to the last click, so that one waits for the first. Each try before the first one is
/// done reads the database and writes nothing.
pub async fn wait_for_first<T, F>(work: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    for _ in 0..MAX_POLLS {
        match work().await {
            Err(Error::KeyInFlight { .. }) => sleep(POLL_INTERVAL).await,
            result => return result,
        }
    }
    work().await
}

/// Makes the record by which the same request is recognised; `None` without a key.
///
/// It consists of keyed hashes, from which neither the key nor any value can be read.
fn record(
    web: &WebState,
    fields: &Fields,
    endpoint: &'static str,
) -> Result<Option<IdempotencyRecord>, Error> {
    let Some(text) = fields.idempotency_key() else { return Ok(None) };
    let refused = |problem: Problem| Error::field(FIELD, problem);
    let key = IdempotencyKey::parse(text).map_err(refused)?;
    let body = fields.canonical();
    let with_secret = |secret: &SubKey| IdempotencyRecord {
        key_hash: hex(&secret.mac(&["key", endpoint, key.as_str()])),
        endpoint,
        body_hmac: hex(&secret.mac(&[&["body"], body.as_slice()].concat())),
        older: Vec::new(),
    };
    let mut records = web.idempotency_secrets.iter().map(with_secret);
    let current = records.next();
    Ok(current.map(|current| IdempotencyRecord { older: records.collect(), ..current }))
}

/// Makes a response to be stored. With the account that it is about, it is deleted when that account is.
fn stored_response(
    status: StatusCode,
    data: impl Serialize,
    user_id: Option<i64>,
) -> Result<StoredResponse, Error> {
    let body = serde_json::to_string(&data).map_err(Error::internal)?;
    Ok(StoredResponse { status: status.as_u16(), body, user_id })
}
