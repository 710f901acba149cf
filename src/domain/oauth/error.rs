//! The errors of OAuth 2.0 and OpenID Connect, as clients get them.

/// The word in `error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OauthErrorCode {
    /// A parameter is missing, repeated or malformed.
    InvalidRequest,
    /// The client did not prove who it is.
    InvalidClient,
    /// The code or refresh token is unknown, used, expired, or of another client.
    InvalidGrant,
    /// The scope is empty, or wider than what was granted.
    InvalidScope,
    /// The grant type is none that is served.
    UnsupportedGrantType,
    /// The response type is none that is served.
    UnsupportedResponseType,
    /// The person has declined.
    AccessDenied,
    /// Nobody is signed in, and the request forbids to ask.
    LoginRequired,
    /// The person has to consent, and the request forbids to ask.
    ConsentRequired,
    /// The parameter `request` is not served.
    RequestNotSupported,
    /// The parameter `request_uri` is not served.
    RequestUriNotSupported,
    /// The parameter `registration` is not served.
    RegistrationNotSupported,
    /// The access token is missing, unknown or expired.
    InvalidToken,
    /// The access token is not good for this.
    InsufficientScope,
}

impl OauthErrorCode {
    /// Returns the word of the standard.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::AccessDenied => "access_denied",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
        }
    }
}

/// An error for a client, with a sentence for its developer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OauthError {
    /// The word of the standard.
    pub code: OauthErrorCode,
    /// What is wrong. ASCII without quotation marks and backslashes (RFC 6749 §5.2).
    pub description: &'static str,
}

impl OauthError {
    /// Makes an error.
    pub fn new(code: OauthErrorCode, description: &'static str) -> Self {
        Self { code, description }
    }
}
