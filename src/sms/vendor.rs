//! Shared by the vendors: a signed request, its cryptography, and the parsing of responses.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use sha2::Sha256;

use super::{AnswerClass, ClassifiedAnswer, CredentialCheck, client};
/// Maximum length of a vendor's codes and ids. A longer text is something else.
const MAX_TOKEN_LENGTH: usize = 80;

/// The secret half of an account with a vendor. `Debug` hides it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Accepts printable ASCII without spaces, because some secrets are sent in headers.
    pub fn parse(text: &str) -> Option<Self> {
        let is_word = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_word.then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A complete signed request. It is built without a network so that it can be compared with the vendors' vectors. It
/// holds a number and a code, so it has no `Debug`.
pub(super) struct SignedRequest {
    pub(super) url: Url,
    pub(super) headers: Vec<(&'static str, String)>,
    /// The bytes that were signed.
    pub(super) body: String,
}

impl SignedRequest {
    pub(super) fn post(self, client: &Client) -> RequestBuilder {
        with_headers(client.post(self.url).body(self.body), self.headers)
    }

    /// Builds a request without a body.
    pub(super) fn get(self, client: &Client) -> RequestBuilder {
        with_headers(client.get(self.url), self.headers)
    }
}

fn with_headers(request: RequestBuilder, headers: Vec<(&str, String)>) -> RequestBuilder {
    headers.into_iter().fold(request, |request, (name, value)| request.header(name, value))
}

/// Sends a request and classifies the response.
pub(super) async fn send(
    request: RequestBuilder,
    classify: impl FnOnce(StatusCode, &[u8]) -> ClassifiedAnswer,
) -> ClassifiedAnswer {
    match client::send(request).await {
        Ok(answer) => classify(answer.status, &answer.body),
        Err(classified) => classified,
    }
}

/// Sends a request that checks our credentials and classifies the response.
pub(super) async fn check_credentials(
    request: RequestBuilder,
    classify: impl FnOnce(StatusCode, &[u8]) -> ClassifiedAnswer,
) -> Option<CredentialCheck> {
    Some(match client::send(request).await {
        Ok(answer) => {
            CredentialCheck { answer: classify(answer.status, &answer.body), date: answer.date }
        }
        Err(classified) => CredentialCheck { answer: classified, date: None },
    })
}

/// Appends a path to a base URL, which may have a path itself.
pub(super) fn append_path(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

/// Returns the `Host` header, with the port unless it is the default of the scheme.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Returns the HMAC-SHA256 of a text.
pub(super) fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC accepts keys of any length, so this never returns early.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Classifies a response without a code: only 429 and the other 3xx and 4xx are certain refusals.
pub(super) fn classify_status(status: StatusCode) -> ClassifiedAnswer {
    let class = match status.as_u16() {
        429 => AnswerClass::Busy,
        300..=499 => AnswerClass::Config,
        _ => AnswerClass::Unknown,
    };
    ClassifiedAnswer::new(class, status.as_u16().to_string())
}

/// Classifies a response by the vendor's code, which counts more than the status.
///
/// A code that the vendor's table does not list is logged, so that somebody adds it, and is classified as `otherwise`.
pub(super) fn classify_code(
    provider: &str,
    status: StatusCode,
    code: &str,
    listed: Option<AnswerClass>,
    otherwise: AnswerClass,
) -> ClassifiedAnswer {
    let detail = safe_token(code).unwrap_or_else(|| "unreadable code".to_owned());
    let class = match listed {
        Some(AnswerClass::Sent) if !status.is_success() => AnswerClass::Unknown,
        Some(class) => class,
        None => {
            log::error!(
                "event=sms_unlisted_code provider={provider} status={status} code={detail}"
            );
            if status.is_server_error() { AnswerClass::Unknown } else { otherwise }
        }
    };
    ClassifiedAnswer::new(class, detail)
}

/// Returns a code or id of a vendor if it looks like one. It goes to the log and into the SMS log.
pub(super) fn safe_token(text: &str) -> Option<String> {
    let is_of_words = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:^".contains(&byte);
    let is_word = (1..=MAX_TOKEN_LENGTH).contains(&text.len()) && text.bytes().all(is_of_words);
    is_word.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_may_have_a_path_and_a_port() {
        let url = |text| Url::parse(text).unwrap();

        assert_eq!(
            append_path(&url("https://a.example"), "/x/y").as_str(),
            "https://a.example/x/y"
        );
        assert_eq!(append_path(&url("http://[::1]:81/b/"), "/x").as_str(), "http://[::1]:81/b/x");
        assert_eq!(host_of(&url("http://[::1]:81/b/")), "[::1]:81");
        assert_eq!(host_of(&url("https://a.example:443")), "a.example");
    }

    #[test]
    fn an_unlisted_code_is_what_its_vendor_says_and_unknown_on_a_5xx() {
        let by = |status, listed| {
            let status = StatusCode::from_u16(status).unwrap();
            classify_code("test", status, "new", listed, AnswerClass::Busy).class
        };
        assert_eq!(by(200, None), AnswerClass::Busy);
        assert_eq!(by(500, None), AnswerClass::Unknown);
        assert_eq!(by(500, Some(AnswerClass::Config)), AnswerClass::Config);
        assert_eq!(by(500, Some(AnswerClass::Sent)), AnswerClass::Unknown);
    }

    #[test]
    fn only_words_reach_logs() {
        assert_eq!(safe_token("isv.OK").as_deref(), Some("isv.OK"));
        assert_eq!(safe_token("100000000000000001^0").as_deref(), Some("100000000000000001^0"));
        for text in ["", "+8613800138000", "a b", "x\ny", "验证码", "a/b?c=d"] {
            assert_eq!(safe_token(text), None, "{text:?}");
        }
        assert_eq!(safe_token(&"x".repeat(81)), None);
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::parse("hush").unwrap()), "***");
        assert!(Secret::parse("line\nbreak").is_none());
    }
}
