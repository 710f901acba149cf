//! Registers once per idempotency key, and signs the person in also if the first response was lost.

use super::{
    SignedIn, State,
    idempotency::{Outcome, idempotent},
    register::{Registration, admit_registration, register_admitted},
    sign_in::{Credentials, Login, sign_in},
};
use crate::{
    domain::client::Client,
    errors::Error,
    stores::tables::idempotency_keys::{IdempotencyRecord, StoredResponse},
};

/// The result of a registration, the same for each request of a key.
#[derive(Debug)]
pub struct Registered {
    /// The response, the same each time.
    pub kept: StoredResponse,
    /// The new session; `None` if a repeated request is not signed in.
    pub signed_in: Option<SignedIn>,
}

/// Registers and signs in. A repeated request gets the same response.
///
/// No session is stored with the response. A repeated request carries number and password and goes through [`sign_in`],
/// so it gets no further than any sign-in with these two: not into a locked account, and not after the password or the
/// number has changed.
pub async fn register_once(
    state: &State,
    record: Option<IdempotencyRecord>,
    registration: Registration,
    client: &Client,
    to_stored: impl FnOnce(&SignedIn) -> Result<StoredResponse, Error>,
) -> Result<Registered, Error> {
    let credentials = Credentials {
        login: Login::Mobile(registration.mobile.clone()),
        password: registration.password.clone(),
        remember: false,
        captcha: None,
    };
    let admit = async || admit_registration(state, client).await;
    let work = async |permit| register_admitted(state, registration, permit, client).await;
    let response = match idempotent(state, record, admit, work, to_stored).await? {
        Outcome::First(signed_in) => return Ok(Registered::First(signed_in)),
        Outcome::Again(response) => response,
    };
    let signed_in = match sign_in(state, credentials, client).await {
        Ok(signed_in) => Some(signed_in),
        // The response is the same all the same; the person then signs in by hand.
        Err(
            Error::WrongLogin { .. }
            | Error::CaptchaNeeded
            | Error::TooOften { .. }
            | Error::AccountLocked,
        ) => None,
        Err(error) => return Err(error),
    };
    Ok(Registered::Again { response, signed_in })
}
