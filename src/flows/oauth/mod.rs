//! What applications and people do with OAuth 2.0 and OpenID Connect.

pub mod applications;
pub mod authenticate_client;
pub mod exchange_code;
pub mod find_access_token;
pub mod grant_code;
pub mod id_token;
pub mod issue_tokens;
pub mod notify_clients;
pub mod refresh_tokens;
pub mod revoke_token;

use crate::{domain::oauth::error::OauthError, errors::Error};

/// Why a client gets no tokens.
#[derive(Debug)]
pub enum OauthFailure {
    /// The request is refused, for the reason that the client is told.
    Refused(OauthError),
    /// A store does not answer, or the service has a fault.
    Failed(Error),
}

impl From<Error> for OauthFailure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<OauthError> for OauthFailure {
    fn from(error: OauthError) -> Self {
        Self::Refused(error)
    }
}
