//! Signs in with a number or a name, and a password.

use super::{
    SignedIn, State,
    admit::Payment,
    create_session::{SessionOptions, create_session},
    login_throttle::{
        Guesser, count_attempt, record_failure, reset_failures, take_payment, verify_password,
    },
};
use crate::{
    domain::{
        account::Status, client::Client, country::Country, hex::hex, keys::Key, mobile::Mobile,
        name::Name, oauth::amr::Amr, password::Password, region::Regions,
    },
    errors::{Error, Problem},
    stores::tables::{credentials, credentials::StoredCredentials, users},
};

/// The credentials of a sign-in.
#[derive(Debug)]
pub struct Credentials {
    /// The number or name of the account.
    pub login: Login,
    /// The password.
    pub password: Password,
    /// Whether the session outlives the browser.
    pub remember: bool,
    /// What is required beside the password after a few failures.
    pub payment: Payment,
}

/// A number or a name. No name reads as a number.
#[derive(Clone, Debug)]
pub enum Login {
    /// A number.
    Mobile(Mobile),
    /// A name.
    Name(Name),
    /// A text that can be neither; it is refused like an unknown name.
    Unknown,
}

impl Login {
    /// Returns the login for the log. A name is hidden, because it may be a password typed into the wrong field.
    fn masked(&self) -> String {
        match self {
            Self::Mobile(mobile) => mobile.masked(),
            Self::Name(_) | Self::Unknown => "***".to_owned(),
        }
    }

    /// Returns what the failures of strangers are counted under. It is hashed, because it may be a password typed into the
    /// wrong field.
    fn hash(&self, key: &Key) -> String {
        let typed = match self {
            Self::Mobile(mobile) => ["mobile", mobile.as_str()],
            Self::Name(name) => ["name", name.as_str()],
            Self::Unknown => ["unknown", ""],
        };
        hex(&key.mac(&typed))
    }

    /// Reads what a person typed. A number may be written as people in the chosen country do.
    pub fn parse(text: &str, regions: &Regions, chosen: Option<Country>) -> Result<Self, Problem> {
        match (text, regions.mobile(text, chosen), Name::existing(text)) {
            ("", _, _) => Err(Problem::Missing),
            (_, Ok(mobile), _) => Ok(Self::Mobile(mobile)),
            (_, Err(_), Ok(name)) => Ok(Self::Name(name)),
            (_, Err(_), Err(_)) => Ok(Self::Unknown),
        }
    }
}

/// Signs in, and replaces an outdated hash of the password.
///
/// An unknown login and a wrong password get the same response after one hash (R62, R63).
pub async fn sign_in(
    state: &State,
    credentials: Credentials,
    client: &Client,
) -> Result<SignedIn, Error> {
    let Credentials { login, password, remember, payment } = credentials;
    let (typed, discreet, device) =
        (login.hash(&state.typed_logins), login.masked(), client.device);
    let found = state
        .db
        .read(async move |connection| match &login {
            Login::Mobile(mobile) => credentials::by_mobile(connection, mobile, device).await,
            Login::Name(name) => credentials::by_name(connection, name, device).await,
            Login::Unknown => Ok(None),
        })
        .await?;
    let known = found.as_ref().filter(|found| found.device_last_used_at.is_some()).zip(device);
    let guesser = known.map_or(Guesser::Stranger(typed), |(found, device)| {
        Guesser::KnownDevice(found.account.id, device)
    });
    let attempt = count_attempt(state, guesser, found.as_ref(), client).await?;
    take_payment(state, &attempt, &payment, client).await?;
    let stored = found.as_ref().and_then(|found| found.password_hash.as_deref());
    let checked = verify_password(state, &attempt, &password, stored).await?;
    let owner = found.as_ref().map(|found| found.account.clone());
    let (
        Some(StoredCredentials {
            account, password_hash: Some(stored), device_last_used_at, ..
        }),
        true,
    ) = (found, checked.is_right)
    else {
        let user = owner.as_ref().map_or("none".to_owned(), |owner| owner.id.to_string());
        log::info!("event=sign_in_failed login={discreet} user={user}");
        let captcha_required = record_failure(state, attempt, owner.as_ref(), client).await;
        return Err(Error::WrongLogin { captcha_required });
    };
    reset_failures(state, &attempt).await;
    if account.status == Status::Locked {
        return Err(Error::AccountLocked);
    }
    let (at, amr) = (state.clock.now(), Amr::Password);
    let (lifetimes, limits) = (state.lifetimes, state.session_limits);
    let options = SessionOptions { at, lifetimes, limits, remember, amr, device_last_used_at };
    let max_age = remember.then_some(lifetimes.remembered.absolute);
    let owned_client = client.clone();
    let signed_in = state
        .db
        .write(async move |connection| {
            // The password may have been reset while this one was being checked.
            if !users::set_last_login_if_unchanged(connection, account.id, &stored, at).await? {
                return Err(Error::WrongLogin { captcha_required: false });
            }
            if let Some(upgrade) = &checked.upgrade {
                users::replace_password_hash(connection, account.id, &stored, upgrade).await?;
            }
            let key = create_session(connection, account.id, &owned_client, options).await?;
            Ok(SignedIn { account: account.clone(), key, is_new_account: false, max_age })
        })
        .await?;
    Ok(signed_in.record_sign_in(state, "password", client))
}
