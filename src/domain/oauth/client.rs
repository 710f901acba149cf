//! An application that people sign in to with their account here.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    redirect_uri,
    scope::{Scope, ScopeValue},
    token::OpaqueToken,
};
use crate::domain::{jwk::Jwk, signing_algorithm::SigningAlgorithm};

/// How a client proves who it is at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// With a secret, in the header or in the body.
    Secret,
    /// With a JWT that its own key has signed (RFC 7523).
    PrivateKeyJwt,
    /// Not at all: an app or a page, whose secret would be none. It needs PKCE.
    None,
}

impl ClientAuth {
    /// Returns the word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "client_secret",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Reads a stored word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Secret, Self::PrivateKeyJwt, Self::None]
            .into_iter()
            .find(|method| method.as_str() == text)
    }
}

/// A registered client.
#[derive(Clone, Debug)]
pub struct OauthClient {
    /// The `client_id`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// How it proves who it is.
    pub auth: ClientAuth,
    /// The SHA-256 of its secret.
    pub secret_hash: Option<String>,
    /// The SHA-256 of the secret before that, and until when it is accepted.
    pub previous_secret: Option<(String, DateTime<Utc>)>,
    /// The keys that sign its assertions.
    pub keys: Vec<Jwk>,
    /// Where people may be sent back to.
    pub redirect_uris: Vec<String>,
    /// Where people may be sent to after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it is told that a session has ended.
    pub back_channel_logout_uri: Option<String>,
    /// What its ID tokens are signed with.
    pub algorithm: SigningAlgorithm,
    /// Whether it is the operator's own, so that people need not consent to their name being told.
    pub is_own: bool,
    /// Makes the `sub` that it gets one that no other client gets; `None` tells it the id of the account.
    pub pairwise_salt: Option<String>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

/// Returns the `sub` of an account for a client with this salt, or without one.
pub fn subject(pairwise_salt: Option<&str>, user_id: i64) -> String {
    let salted = |salt| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{salt} {user_id}")));
    pairwise_salt.map_or_else(|| user_id.to_string(), salted)
}

impl OauthClient {
    /// Returns whether the client can keep no secret.
    pub fn is_public(&self) -> bool {
        self.auth == ClientAuth::None
    }

    /// Returns whether people may be sent back to this address.
    pub fn allows_redirect_to(&self, requested: &str) -> bool {
        self.redirect_uris.iter().any(|uri| redirect_uri::is_same(uri, requested))
    }

    /// Returns the `sub` by which the client knows an account.
    pub fn subject(&self, user_id: i64) -> String {
        subject(self.pairwise_salt.as_deref(), user_id)
    }

    /// Returns what people have to consent to: all of it, or for a client of the operator's own only the number.
    pub fn scope_to_consent_to(&self, wanted: Scope) -> Scope {
        if !self.is_own {
            return wanted;
        }
        let others = [ScopeValue::OpenId, ScopeValue::Profile, ScopeValue::OfflineAccess];
        others.into_iter().fold(wanted, Scope::without)
    }

    /// Returns whether this is its secret, or the one before while that is accepted.
    pub fn has_secret(&self, secret: &OpaqueToken, now: DateTime<Utc>) -> bool {
        let presented = secret.hash();
        let is = |hash: &String| bool::from(hash.as_bytes().ct_eq(presented.as_bytes()));
        let previous = self.previous_secret.as_ref().filter(|(_, until)| now < *until);
        self.secret_hash.as_ref().is_some_and(is) || previous.is_some_and(|(hash, _)| is(hash))
    }
}
