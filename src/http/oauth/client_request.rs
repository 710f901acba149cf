//! What a client sends to the token, revocation and introspection endpoints, and who it says it is.

use std::{borrow::Cow, future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header::AUTHORIZATION,
    web::Data,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{issuer::issuer, paths};
use crate::{
    domain::oauth::{
        client::OauthClient,
        error::{OauthError, OauthErrorCode as Code},
        parameters::Parameters,
    },
    errors::Error,
    flows::{
        State,
        oauth::{
            OauthFailure,
            authenticate_client::{ClientProof, authenticate_client},
        },
    },
    http::{
        request::body::{is_form, read},
        state::WebState,
    },
};

/// The only type of assertions (RFC 7523 §2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A request of a client.
#[derive(Debug)]
pub struct ClientRequest {
    /// The body.
    parameters: Parameters,
    /// The header `Authorization`.
    authorization: Option<String>,
    /// The names by which an assertion may call us.
    audiences: Vec<String>,
}

impl ClientRequest {
    /// Returns a parameter of the body.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name)
    }

    /// Returns the client if it proves who it is. It has to do so in exactly one way (RFC 6749 §2.3).
    pub async fn client(&self, state: &State) -> Result<OauthClient, OauthFailure> {
        if self.parameters.has_repeated() {
            return Err(invalid("a parameter was sent more than once"));
        }
        let in_header = self.authorization.as_deref().map(basic).transpose()?;
        let in_body = self.proof_in_body()?;
        let id = self.parameters.get("client_id");
        match (in_header, in_body) {
            (Some(_), Some(_)) => Err(invalid("the client proves twice who it is")),
            (Some((name, secret)), None) => {
                if id.is_some_and(|id| id != name) {
                    return Err(invalid("client_id is not the one of the header"));
                }
                let proof =
                    if secret.is_empty() { ClientProof::None } else { ClientProof::Secret(secret) };
                authenticate_client(state, (&name, proof), &self.audiences).await
            }
            (None, proof) => {
                let subject = match &proof {
                    Some(ClientProof::Assertion(jwt)) => claimed_subject(jwt),
                    Some(ClientProof::Secret(_) | ClientProof::None) | None => None,
                };
                let id = id.map(str::to_owned).or(subject);
                let unnamed = OauthError::new(Code::InvalidClient, "the client is not named");
                let id = id.ok_or(unnamed)?;
                let proof = proof.unwrap_or(ClientProof::None);
                authenticate_client(state, (&id, proof), &self.audiences).await
            }
        }
    }

    fn proof_in_body(&self) -> Result<Option<ClientProof>, OauthFailure> {
        let get = |name| self.parameters.get(name);
        let secret = get("client_secret").map(str::to_owned);
        match (secret, get("client_assertion_type"), get("client_assertion")) {
            (None, None, None) => Ok(None),
            (Some(secret), None, None) => Ok(Some(ClientProof::Secret(secret))),
            (None, Some(ASSERTION_TYPE), Some(jwt)) => {
                Ok(Some(ClientProof::Assertion(jwt.to_owned())))
            }
            (Some(_), _, _) => Err(invalid("the client proves twice who it is")),
            (None, _, _) => Err(invalid("client_assertion_type or client_assertion is wrong")),
        }
    }
}

impl FromRequest for ClientRequest {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = is_form(request.content_type());
        let body = read(payload.take());
        let request = request.clone();
        Box::pin(async move {
            if !is_form {
                return Err(Error::UnsupportedType);
            }
            let web = request.app_data::<Data<WebState>>();
            let web = web.ok_or_else(|| Error::internal("no web data"))?;
            let issuer = issuer(&request, web)?;
            let authorization = request.headers().get(AUTHORIZATION);
            let text = authorization.map(|value| value.to_str().unwrap_or_default().to_owned());
            Ok(Self {
                parameters: Parameters::parse(&body.await?),
                authorization: text,
                audiences: vec![
                    format!("{issuer}{}", paths::TOKEN),
                    format!("{issuer}{}", request.path()),
                    issuer,
                ],
            })
        })
    }
}

/// Reads id and secret, which are encoded as in a form before they are joined (RFC 6749 §2.3.1).
fn basic(header: &str) -> Result<(String, String), OauthFailure> {
    let wrong = || OauthError::new(Code::InvalidClient, "the header Authorization is not Basic");
    let (scheme, encoded) = header.split_once(' ').ok_or_else(wrong)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(wrong().into());
    }
    let bytes = BASE64_STANDARD.decode(encoded.trim()).ok().ok_or_else(wrong)?;
    let text = String::from_utf8(bytes).ok().ok_or_else(wrong)?;
    let (id, secret) = text.split_once(':').ok_or_else(wrong)?;
    let decode = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().map(Cow::into_owned).ok()
    };
    decode(id).zip(decode(secret)).ok_or_else(|| wrong().into())
}

/// Returns whom an assertion names, before its signature is verified with the keys of that client.
fn claimed_subject(jwt: &str) -> Option<String> {
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    claims.get("sub")?.as_str().map(str::to_owned)
}

fn invalid(description: &'static str) -> OauthFailure {
    OauthError::new(Code::InvalidRequest, description).into()
}
