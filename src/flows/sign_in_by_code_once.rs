//! Signs in with a code once per idempotency key, and signs the same browser in also if the first response was lost.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    SignedIn, State,
    admit_attempt::PaidFor,
    consume_code::admit_code_try,
    deliver_sms_code::release_permits,
    find_session::find_session,
    idempotency::{Admission as _, Outcome, idempotent},
    sign_in_by_code::{CodeLogin, sign_in_by_code},
};
use crate::{
    domain::{account::Account, client::Client, keys::Key},
    errors::Error,
    stores::tables::{
        idempotency_keys::{IdempotencyRecord, StoredResponse},
        sessions::{Lookup, SessionKey},
        users,
    },
};

/// How long after a sign-in its request may be repeated. No code lives longer.
const REPEATABLE_FOR: TimeDelta = TimeDelta::minutes(10);

/// The stored status of a sign-in, of one that created the account, and of a right code for a number without an account.
const SIGNED_IN: u16 = 200;
const CREATED: u16 = 201;
const NO_ACCOUNT: u16 = 404;

/// A request that may be repeated and then gets the same session.
#[derive(Debug)]
pub struct Repeatable {
    /// Identifies the request.
    pub record: IdempotencyRecord,
    /// Secrets that derive the key of the session from the request, one for each of the server's keys, the current one first.
    pub secrets: Vec<Key>,
}

/// Signs in. A repeated request gets the same session.
///
/// A code is valid once, so a repeated request cannot prove itself by the code. It proves itself by everything in the
/// first request, including the idempotency key, which somebody who has only seen the code does not know. The key of
/// the session is derived from that and from a stored nonce. No second session begins, so a repeated request gets
/// nothing once the first session has ended.
pub async fn sign_in_by_code_once(
    state: &State,
    repeatable: Option<Repeatable>,
    login: CodeLogin,
    client: &Client,
) -> Result<SignedIn, Error> {
    let (record, secrets) =
        repeatable.map_or_else(Default::default, |sign_in| (Some(sign_in.record), sign_in.secrets));
    let nonce = Uuid::new_v4().to_string();
    let key = secrets.first().map(|secret| SessionKey::derived(secret, &nonce));
    let (first, key) = (login.clone(), key.unwrap_or_else(SessionKey::random));
    let admit = async || admit_code_try(state, PaidFor::Nothing, &login.payment, client).await;
    let work = async |admitted| match sign_in_by_code(state, admitted, &first, key, client).await {
        Ok(signed_in) => Ok(Some(signed_in)),
        Err(Error::NoAccount) => Ok(None),
        Err(error) => Err(error),
    };
    let to_stored = |done: &Option<SignedIn>| {
        let user_id = done.as_ref().map(|signed_in| signed_in.account.id);
        let status = match done {
            Some(signed_in) if signed_in.is_new_account => CREATED,
            Some(_) => SIGNED_IN,
            None => NO_ACCOUNT,
        };
        Ok(StoredResponse { status, body: nonce.clone(), user_id })
    };
    match idempotent(state, record, admit, work, to_stored).await {
        Ok(Outcome::First(signed_in)) => signed_in.ok_or(Error::NoAccount),
        Ok(Outcome::Again(stored)) => {
            let admitted = admit_code_try(state, PaidFor::Nothing, &login.payment, client).await?;
            let repeated = repeat_sign_in(state, &secrets, &stored, &login).await;
            if matches!(repeated, Ok(_) | Err(Error::NoAccount)) {
                release_permits(state, admitted.permit().as_slice()).await;
            }
            repeated
        }
        // A request with another code would be a guess.
        Err(Error::KeyReused) => {
            admit_code_try(state, PaidFor::Nothing, &login.payment, client).await.map(drop)?;
            Err(Error::KeyReused)
        }
        Err(error) => Err(error),
    }
}

/// Returns the session of the first request, if it is live. If the number has an account by now, its code was used up
/// for that.
async fn repeat_sign_in(
    state: &State,
    secrets: &[Key],
    stored: &StoredResponse,
    login: &CodeLogin,
) -> Result<SignedIn, Error> {
    if stored.status == NO_ACCOUNT {
        let mobile = login.mobile.clone();
        let account = state
            .db
            .read(async move |connection| users::find_id_by_mobile(connection, &mobile).await)
            .await?;
        return Err(if account.is_some() { Error::SmsCodeGone } else { Error::NoAccount });
    }
    let max_age = login.remember.then_some(state.lifetimes.remembered.absolute);
    let is_new_account = stored.status == CREATED;
    let repeated = find_repeatable_session(state, secrets, &stored.body).await?;
    let (account, key) = repeated.ok_or(Error::SmsCodeGone)?;
    Ok(SignedIn { account, key, is_new_account, max_age })
}

/// Returns the account and the key of the session that the first of these requests began, if that is live and recent.
pub(super) async fn find_repeatable_session(
    state: &State,
    secrets: &[Key],
    nonce: &str,
) -> Result<Option<(Account, SessionKey)>, Error> {
    for secret in secrets {
        let key = SessionKey::derived(secret, nonce);
        let Lookup::Live(live) = find_session(state, &key.hash(), None).await? else { continue };
        if state.clock.now() - live.signed_in_at < REPEATABLE_FOR {
            return Ok(Some((live.account, key)));
        }
    }
    Ok(None)
}
