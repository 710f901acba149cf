//! The HTTP client of all providers, and what its errors mean for a message.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{
    Client, StatusCode,
    header::{DATE, HeaderMap},
    redirect::Policy,
};
use rustls::crypto::ring;

use super::{AnswerClass, ClassifiedAnswer};
use crate::errors::Error;

/// Maximum length of a response in bytes. Genuine ones have a few hundred (R117).
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// The response of a provider.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body, which may be anything.
    pub body: Vec<u8>,
    /// The time in the `Date` header, if there is one.
    pub date: Option<DateTime<Utc>>,
}

/// Builds a client that connects within 2 s, finishes within 5 s and follows no redirects (R117).
pub fn build() -> Result<Client, Error> {
    // The second call in a process finds a provider installed already.
    if ring::default_provider().install_default().is_err() {
        log::trace!("event=rustls_provider_was_there");
    }
    Client::builder()
        .connect_timeout(Duration::from_secs(2))
        .timeout(Duration::from_secs(5))
        .redirect(Policy::none())
        .user_agent(concat!("haoma/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(Error::internal)
}

/// Sends a request. An error is returned as what it means for the message.
pub async fn send(request: reqwest::RequestBuilder) -> Result<Response, ClassifiedAnswer> {
    let mut response = request.send().await.map_err(classify_error)?;
    let (status, date) = (response.status(), date_of(response.headers()));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(classify_error)? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_RESPONSE_BYTES {
            return Err(ClassifiedAnswer::new(AnswerClass::Unknown, "answer too long"));
        }
    }
    Ok(Response { status, body, date })
}

fn date_of(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = headers.get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(date).ok().map(Into::into)
}

/// A connection that was never made sent nothing; after that the message may have been sent.
///
/// The URL is removed first, because providers put the number and the signature into it.
fn classify_error(error: reqwest::Error) -> ClassifiedAnswer {
    let error = error.without_url();
    // A connect time-out is a time-out too, so this condition comes first.
    if error.is_connect() {
        ClassifiedAnswer::new(AnswerClass::Busy, "cannot connect")
    } else if error.is_timeout() {
        ClassifiedAnswer::new(AnswerClass::Unknown, "time-out")
    } else {
        ClassifiedAnswer::new(AnswerClass::Unknown, "connection lost")
    }
}
