//! Signs in with a number or a name, and a password.

use super::{
    SignedIn, State,
    create_session::{SessionOptions, create_session},
    login_throttle::{count_attempt, record_failure, reset_failures, verify_password},
};
use crate::{
    domain::{
        account::Status, captcha::SolvedCaptcha, client::Client, mobile::Mobile, name::Name,
        password::Password, region::Regions,
    },
    errors::{Error, Problem},
    stores::tables::users,
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
    /// The solved captcha, which is required after a few failures.
    pub captcha: Option<SolvedCaptcha>,
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

    /// Returns what failures are counted under if there is no such account.
    fn subject(&self) -> String {
        match self {
            Self::Mobile(mobile) => mobile.as_str().to_owned(),
            Self::Name(name) => name.as_str().to_owned(),
            Self::Unknown => "nobody".to_owned(),
        }
    }

    /// Reads what a person typed.
    pub fn parse(text: &str, regions: &Regions) -> Result<Self, Problem> {
        match (text, regions.mobile(text), Name::parse(text)) {
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
    let Credentials { login, password, remember, captcha } = credentials;
    let (subject, discreet) = (login.subject(), login.masked());
    let found = state
        .db
        .read(async move |connection| match &login {
            Login::Mobile(mobile) => users::credentials_by_mobile(connection, mobile).await,
            Login::Name(name) => users::credentials_by_name(connection, name).await,
            Login::Unknown => Ok(None),
        })
        .await?;
    // Attempts by number and by name count for the same account.
    let owner = found.as_ref().map(|(account, _)| account.id);
    let subject = owner.map_or(subject, |id| id.to_string());
    let attempt = count_attempt(state, subject, captcha.as_ref(), client).await?;
    let stored = found.as_ref().and_then(|(_, hash)| hash.as_deref());
    let checked = verify_password(state, &attempt, &password, stored).await?;
    let user = owner.map_or("none".to_owned(), |id| id.to_string());
    let (Some((account, Some(stored))), true) = (found, checked.is_right) else {
        log::info!("event=sign_in_failed login={discreet} user={user}");
        let captcha_required = record_failure(state, attempt, owner, client).await;
        return Err(Error::WrongLogin { captcha_required });
    };
    reset_failures(state, &attempt).await;
    if account.status == Status::Locked {
        return Err(Error::AccountLocked);
    }
    let now = state.clock.now();
    let (lifetimes, limits) = (state.lifetimes, state.session_limits);
    let max_age = remember.then_some(lifetimes.remembered.absolute);
    let owned_client = client.clone();
    let signed_in = state
        .db
        .write(async move |connection| {
            // The password may have been reset while this one was being checked.
            if !users::set_last_login_if_unchanged(connection, account.id, &stored, now).await? {
                return Err(Error::WrongLogin { captcha_required: false });
            }
            if let Some(upgrade) = &checked.upgrade {
                users::replace_password_hash(connection, account.id, &stored, upgrade).await?;
            }
            let options = SessionOptions { at: now, lifetimes, limits, remember };
            let key = create_session(connection, account.id, &owned_client, options).await?;
            Ok(SignedIn { account: account.clone(), key, max_age })
        })
        .await?;
    Ok(signed_in.record_sign_in(state, "password", client))
}
