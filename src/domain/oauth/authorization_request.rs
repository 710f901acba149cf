//! What a client asks of the authorization endpoint (OpenID Connect Core 1.0, 3.1.2.1).

use super::{
    client::OauthClient,
    error::{OauthError, OauthErrorCode as Code},
    parameters::Parameters,
    pkce,
    scope::Scope,
};

/// The longest `nonce` and `state` in bytes.
const MAX_NONCE: usize = 512;

/// How the answer reaches the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the redirect.
    Query,
    /// In a form that the browser posts.
    FormPost,
}

/// What the parameter `prompt` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Nothing may be shown to the person.
    pub none: bool,
    /// The person has to sign in, even if they are signed in already; `select_account` asks the same.
    pub login: bool,
    /// The person has to consent, even if they have before.
    pub consent: bool,
}

/// A request whose client and redirect URI are known to be good.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// What the client wants to know.
    pub scope: Scope,
    /// What it wants to see again in the ID token.
    pub nonce: Option<String>,
    /// The challenge of PKCE.
    pub code_challenge: Option<String>,
    /// What may or must be shown.
    pub prompt: Prompt,
    /// Seconds since the last sign-in after which the person has to sign in again.
    pub max_age: Option<i64>,
    /// An ID token of the person who is expected.
    pub id_token_hint: Option<String>,
}

impl AuthorizationRequest {
    /// Reads a request.
    pub fn parse(parameters: &Parameters, client: &OauthClient) -> Result<Self, OauthError> {
        check_supported(parameters)?;
        let scope = Scope::parse(parameters.get("scope").unwrap_or_default());
        if scope.is_empty() {
            return Err(OauthError::new(Code::InvalidScope, "scope names nothing that is served"));
        }
        let nonce = parameters.get("nonce").map(str::to_owned);
        if nonce.as_ref().is_some_and(|nonce| nonce.len() > MAX_NONCE) {
            return Err(invalid("nonce is longer than 512 bytes"));
        }
        let max_age = parameters.get("max_age").map(str::parse::<i64>).transpose();
        Ok(Self {
            scope,
            nonce,
            code_challenge: code_challenge(parameters, client)?,
            prompt: prompt(parameters)?,
            max_age: match max_age {
                Ok(seconds) if seconds.is_none_or(|seconds| seconds >= 0) => seconds,
                Ok(_) | Err(_) => return Err(invalid("max_age is no number of seconds")),
            },
            id_token_hint: parameters.get("id_token_hint").map(str::to_owned),
        })
    }
}

/// Returns how the answer, also that of an error, reaches the client.
pub fn response_mode(parameters: &Parameters) -> ResponseMode {
    match parameters.get("response_mode") {
        Some("form_post") => ResponseMode::FormPost,
        Some(_) | None => ResponseMode::Query,
    }
}

fn check_supported(parameters: &Parameters) -> Result<(), OauthError> {
    if parameters.has_repeated() {
        return Err(invalid("a parameter was sent more than once"));
    }
    for (name, code) in [
        ("request", Code::RequestNotSupported),
        ("request_uri", Code::RequestUriNotSupported),
        ("registration", Code::RegistrationNotSupported),
    ] {
        if parameters.has(name) {
            return Err(OauthError::new(code, "this parameter is not served"));
        }
    }
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(OauthError::new(
                Code::UnsupportedResponseType,
                "response_type is not code",
            ));
        }
        None => return Err(invalid("response_type is missing")),
    }
    match parameters.get("response_mode") {
        Some("query" | "form_post") | None => Ok(()),
        Some(_) => Err(invalid("response_mode is neither query nor form_post")),
    }
}

fn code_challenge(
    parameters: &Parameters,
    client: &OauthClient,
) -> Result<Option<String>, OauthError> {
    let challenge = parameters.get("code_challenge");
    match (challenge, parameters.get("code_challenge_method")) {
        (None, None) if client.is_public() => {
            Err(invalid("code_challenge is missing: this client needs PKCE"))
        }
        (None, None) => Ok(None),
        (None, Some(_)) => Err(invalid("code_challenge is missing")),
        // Without a method the standard means `plain`, which protects nothing.
        (Some(challenge), Some("S256")) if pkce::is_challenge(challenge) => {
            Ok(Some(challenge.to_owned()))
        }
        (Some(_), Some("S256")) => Err(invalid("code_challenge is no SHA-256 in base64url")),
        (Some(_), Some(_) | None) => Err(invalid("code_challenge_method is not S256")),
    }
}

fn prompt(parameters: &Parameters) -> Result<Prompt, OauthError> {
    let mut prompt = Prompt::default();
    for word in parameters.get("prompt").unwrap_or_default().split(' ') {
        match word {
            "none" => prompt.none = true,
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            "" => {}
            _ => return Err(invalid("prompt has an unknown value")),
        }
    }
    if prompt.none && (prompt.login || prompt.consent) {
        return Err(invalid("prompt has none beside another value"));
    }
    Ok(prompt)
}

fn invalid(description: &'static str) -> OauthError {
    OauthError::new(Code::InvalidRequest, description)
}
