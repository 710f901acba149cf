//! `Idempotency-Key`: a request that is sent twice is done once, on all faces.

use std::{future::Future, time::Duration};

use actix_web::{HttpRequest, http::StatusCode};
use serde::Serialize;
use serde_json::json;
use tokio::time::sleep;

use super::input::Fields;
use crate::{
    domain::{client::Client, hex::hex, idempotency_key::IdempotencyKey, keys::Key as SubKey},
    errors::{Error, Problem},
    flows::{
        SignedIn, State,
        idempotency::{Outcome, idempotent},
        register::Registration,
        register_once::{Registered, register_once},
        reset_password::{PasswordReset, reset_password_once},
        send_sms_code::{SmsCodeRequest, admit_sms_request, send_admitted},
        sign_in_by_code::CodeLogin,
        sign_in_by_code_once::{RepeatableSignIn, sign_in_by_code_once},
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
/// How often a page looks whether the first click has been answered, and how many times.
const GLANCE: Duration = Duration::from_millis(100);
const GLANCES: u32 = 100;

/// The header, if there is one; two are as bad as an unreadable one, which parses as no key at all.
pub(crate) fn header(request: &HttpRequest) -> Option<String> {
    let mut all = request.headers().get_all(HEADER);
    let first = all.next()?.to_str().unwrap_or_default();
    Some(if all.next().is_some() { String::new() } else { first.to_owned() })
}

/// Registers, or answers what the same request was answered before.
pub async fn register(
    state: &State,
    web: &WebState,
    fields: &Fields,
    registration: Registration,
    client: &Client,
) -> Result<Registered, Error> {
    let wish = wish(web, fields, "users")?;
    let keep = |it: &SignedIn| {
        kept(StatusCode::CREATED, AccountData::from(&it.account), Some(it.account.id))
    };
    register_once(state, wish, registration, client, keep).await
}

/// Texts a code, or answers what the same request was answered before.
pub async fn send(
    state: &State,
    web: &WebState,
    fields: &Fields,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<StoredResponse, Error> {
    let wish = wish(web, fields, "sms-codes")?;
    let admit = async || admit_sms_request(state, request, client).await;
    let work = async |_| {
        let sent = send_admitted(state, request, client).await?;
        let resend_after = seconds_up(sent.resend_after);
        let data = json!({ "resend_after": resend_after, "expires_in": sent.expires_in.as_secs() });
        kept(StatusCode::OK, data, None)
    };
    match idempotent(state, wish, admit, work, |it: &StoredResponse| Ok(it.clone())).await? {
        Outcome::First(kept) | Outcome::Again(kept) => Ok(kept),
    }
}

/// Signs in by a code, or lets the same request in once more.
pub async fn sign_in_by_code(
    state: &State,
    web: &WebState,
    fields: &Fields,
    login: CodeLogin,
    client: &Client,
) -> Result<SignedIn, Error> {
    let endpoint = if client.is_app { "tokens" } else { "session" };
    let repeatable = wish(web, fields, endpoint)?.map(|wish| {
        let key = fields.idempotency_key().unwrap_or_default();
        let asked = [&["sign-in", endpoint, key, fields.browser()], &*fields.canonical()].concat();
        let secrets = web.repeat_keys.iter().map(|secret| secret.derive(&asked)).collect();
        RepeatableSignIn { wish, secrets }
    });
    sign_in_by_code_once(state, repeatable, login, client).await
}

/// Sets a new password, unless the same request has done so.
pub async fn reset(
    state: &State,
    web: &WebState,
    fields: &Fields,
    reset: PasswordReset,
    client: &Client,
) -> Result<(), Error> {
    let wish = wish(web, fields, "password-resets")?;
    reset_password_once(state, wish, reset, client).await
}

/// For pages: a browser shows the answer to the last click only, so that one waits for the first.
pub async fn wait_for_first<T, F>(work: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    for _ in 0..GLANCES {
        match work().await {
            Err(Error::KeyInFlight { .. }) => sleep(GLANCE).await,
            done => return done,
        }
    }
    work().await
}

/// The key and everything that was asked, as they are compared; nothing of either can be read from it.
fn wish(
    web: &WebState,
    fields: &Fields,
    endpoint: &'static str,
) -> Result<Option<IdempotencyRecord>, Error> {
    let Some(text) = fields.idempotency_key() else { return Ok(None) };
    let refused = |problem: Problem| Error::field(FIELD, problem);
    let key = IdempotencyKey::parse(text).map_err(refused)?;
    let body = fields.canonical();
    let of = |secret: &SubKey| IdempotencyRecord {
        key_hash: hex(&secret.mac(&["key", endpoint, key.as_str()])),
        endpoint,
        body_hmac: hex(&secret.mac(&[&["body"], body.as_slice()].concat())),
        older: Vec::new(),
    };
    let mut wishes = web.repeat_keys.iter().map(of);
    let current = wishes.next();
    Ok(current.map(|it| IdempotencyRecord { older: wishes.collect(), ..it }))
}

/// An answer to be kept; with an account that it is about, for as long as there is that account.
fn kept(
    status: StatusCode,
    data: impl Serialize,
    user_id: Option<i64>,
) -> Result<StoredResponse, Error> {
    let body = serde_json::to_string(&data).map_err(Error::internal)?;
    Ok(StoredResponse { status: status.as_u16(), body, user_id })
}
