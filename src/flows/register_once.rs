//! Open an account once, and let the person in also when the first answer was lost.

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

/// What came of it, the first time and every other.
#[derive(Debug)]
pub struct Registered {
    /// What is answered; the same each time.
    pub kept: StoredResponse,
    /// A session, for whoever is still let in.
    pub signed_in: Option<SignedIn>,
}

/// Registers and signs in; the same request again gives the same answer.
///
/// No session is ever kept with the answer. A repeated request proves itself like a sign-in: it carries
/// number and password, so it goes through `sign_in`. Thus it gets no further than anybody with these
/// two: not into an account that was locked, and not after the password or the number has changed.
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
        // The same answer goes out all the same; the person then signs in by hand.
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
