//! What the authorization endpoint tells itself by way of the sign-in page: which client the person comes from, and since
//! when they have to sign in.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::paths;
use crate::{
    errors::Error,
    http::{auth::encrypted_cookie, state::WebState},
};

/// The parameter that the endpoint adds to its own address.
pub const PARAMETER: &str = "resume";
/// How long a person may take to sign in.
const LIFETIME: Duration = Duration::from_mins(30);

/// What is sealed in the parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// When the person was sent to the sign-in page. A later sign-in is what `prompt=login` asks for.
    pub since: DateTime<Utc>,
    /// Where the form of the sign-in page may lead, as the policy `form-action` names it.
    pub form_target: String,
}

impl Resume {
    /// Encrypts it.
    pub fn seal(&self, web: &WebState) -> Result<String, Error> {
        let text = format!("{} {}", self.since.timestamp_micros(), self.form_target);
        encrypted_cookie::seal(web, PARAMETER, &text, LIFETIME)
    }

    /// Reads it. `None` if we have not sealed it, or too long ago.
    pub fn open(web: &WebState, sealed: &str) -> Option<Self> {
        let text = encrypted_cookie::open(web, PARAMETER, sealed)?;
        let (since, form_target) = text.split_once(' ')?;
        let since = DateTime::from_timestamp_micros(since.parse().ok()?)?;
        Some(Self { since, form_target: form_target.to_owned() })
    }
}

/// Returns the query of an address of the authorization endpoint on our own host.
pub fn query_of(path: &str) -> Option<&str> {
    path.strip_prefix(paths::AUTHORIZE)?.strip_prefix('?')
}
