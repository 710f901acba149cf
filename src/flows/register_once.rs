//! Registers once, and signs the person in also when the first answer was lost.

use super::{
    SignedIn, State,
    admit::Payment,
    admit_attempt::PaidFor,
    idempotency::{Outcome, idempotent},
    register::{Registration, admit_registration, register_admitted},
    sign_in::{Credentials, Login, sign_in},
    sign_in_by_code_once::{Repeatable, find_repeatable_session},
};
use crate::{
    domain::client::Client,
    errors::Error,
    stores::tables::{idempotency_keys::StoredResponse, sessions::SessionKey},
};

/// The result of a registration, the first time and every other.
#[derive(Debug)]
pub enum Registered {
    /// The account was created just now.
    First(SignedIn),
    /// The same request had created the account before.
    Again {
        /// The response that was stored the first time.
        response: StoredResponse,
        /// A new session; `None` if the person has to sign in by hand.
        signed_in: Option<SignedIn>,
    },
}

impl Registered {
    /// Returns the session, if there is one.
    pub fn into_signed_in(self) -> Option<SignedIn> {
        match self {
            Self::First(signed_in) => Some(signed_in),
            Self::Again { signed_in, .. } => signed_in,
        }
    }
}

/// Registers and signs in; the same request again gets the same answer.
///
/// No session is stored with the answer. A repeated request proves itself like a sign-in: it carries number and
/// password, so it goes through `sign_in`. Thus it gets no further than anybody who has these two: not into an account
/// that was locked, and not after the password or the number has changed. Without a password it gets the session of the
/// first request, as a repeated sign-in by code does.
pub async fn register_once(
    state: &State,
    repeatable: Option<Repeatable>,
    registration: Registration,
    client: &Client,
    to_stored: impl FnOnce(&SignedIn) -> Result<StoredResponse, Error>,
) -> Result<Registered, Error> {
    let (record, secrets) =
        repeatable.map_or_else(Default::default, |request| (Some(request.record), request.secrets));
    let (mobile, password) = (registration.mobile.clone(), registration.password.clone());
    let payment = registration.payment.clone();
    let admit = async || admit_registration(state, PaidFor::Nothing, &payment, client).await;
    // Without a password nothing but the request itself can prove that it is the same again.
    let secret = secrets.first().filter(|_| password.is_none());
    let key_of = |id: i64| {
        secret.map_or_else(SessionKey::random, |secret| SessionKey::derived(secret, &nonce(id)))
    };
    let work =
        async |admitted| register_admitted(state, registration, admitted, key_of, client).await;
    let response = match idempotent(state, record, admit, work, to_stored).await? {
        Outcome::First(signed_in) => return Ok(Registered::First(signed_in)),
        Outcome::Again(response) => response,
    };
    let Some(password) = password else {
        let id = response.user_id.unwrap_or_default();
        let repeated = find_repeatable_session(state, &secrets, &nonce(id)).await?;
        let signed_in = repeated.map(|(account, key)| SignedIn {
            account,
            key,
            is_new_account: true,
            max_age: None,
        });
        return Ok(Registered::Again { response, signed_in });
    };
    let login = Login::Mobile(mobile);
    let credentials = Credentials { login, password, remember: false, payment: Payment::default() };
    let signed_in = match sign_in(state, credentials, client).await {
        Ok(signed_in) => Some(signed_in),
        // The stored answer goes out without a session; the person then signs in by hand.
        Err(
            Error::WrongLogin { .. }
            | Error::PriceRequired(_)
            | Error::PasswordSignInClosed
            | Error::TooOften { .. }
            | Error::AccountLocked,
        ) => None,
        Err(error) => return Err(error),
    };
    Ok(Registered::Again { response, signed_in })
}

/// Returns what makes the key of the session of a new account differ from other keys of the same request.
fn nonce(account: i64) -> String {
    format!("registration {account}")
}
