//! The one HTTP client of all providers, and what its failures mean.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{
    Client, StatusCode,
    header::{DATE, HeaderMap},
    redirect::Policy,
};
use rustls::crypto::ring;

use super::{Class, Verdict};
use crate::errors::Error;

/// An honest answer is a few hundred bytes (R117).
const LONGEST_ANSWER: usize = 64 * 1024;

/// An answer of a provider.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Body, which may be anything.
    pub body: Vec<u8>,
    /// The clock of the other end, where it told.
    pub date: Option<DateTime<Utc>>,
}

/// A client that connects within 2 s, ends within 5 s and follows no redirects (R117).
pub fn build() -> Result<Client, Error> {
    // A second call finds the provider installed, which is as good.
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

/// Sends a request, and says what a failure to get an answer means for the message.
pub async fn exchange(request: reqwest::RequestBuilder) -> Result<Answer, Verdict> {
    let mut response = request.send().await.map_err(failed)?;
    let (status, date) = (response.status(), date_of(response.headers()));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            return Err(Verdict::new(Class::Unknown, "answer too long"));
        }
    }
    Ok(Answer { status, body, date })
}

fn date_of(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = headers.get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(date).ok().map(Into::into)
}

/// A connection that never came about sent nothing; anything later may have.
///
/// The URL is dropped first: providers put the number and the signature into it.
fn failed(error: reqwest::Error) -> Verdict {
    let error = error.without_url();
    // A connect time-out is also a time-out, so this question comes first.
    if error.is_connect() {
        Verdict::new(Class::Busy, "cannot connect")
    } else if error.is_timeout() {
        Verdict::new(Class::Unknown, "time-out")
    } else {
        Verdict::new(Class::Unknown, "connection lost")
    }
}
