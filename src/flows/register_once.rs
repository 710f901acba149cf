//! Registers once, and signs the person in also when the first answer was lost.

use super::{
    SignedIn, State,
    admit::Payment,
    idempotency::{Outcome, idempotent},
    register::{Registration, admit_registration, register_admitted},
    sign_in::{Credentials, Login, sign_in},
};
use crate::{
    domain::client::Client,
    errors::Error,
    stores::tables::idempotency_keys::{IdempotencyRecord, StoredResponse},
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
/// that was locked, and not after the password or the number has changed.
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
        payment: Payment::default(),
    };
    let payment = registration.payment.clone();
    let admit = async || admit_registration(state, &payment, client).await;
    let work = async |permit| register_admitted(state, registration, permit, client).await;
    let response = match idempotent(state, record, admit, work, to_stored).await? {
        Outcome::First(signed_in) => return Ok(Registered::First(signed_in)),
        Outcome::Again(response) => response,
    };
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
