//! Reads bodies, JSON and forms, within limits of size and time.

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    web::{Bytes, BytesMut, Data},
};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::{
    fields::{Fields, Value, Values},
    idempotency,
};
use crate::{
    domain::purpose::Purpose,
    errors::Error,
    http::{auth::pending_cookie, state::WebState},
};

/// Bytes of a body. The largest that a person has reason to send is below 2 KiB (R55).
const MAX_BODY: usize = 16 * 1024;
/// Time for the whole body (R121); actix would wait for ever.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The fields of an `application/json` body, one object of texts.
#[derive(Debug)]
pub struct Json(pub Fields);

/// The fields of an `application/x-www-form-urlencoded` body.
#[derive(Debug)]
pub struct Form(pub Fields);

impl FromRequest for Json {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = request.content_type().eq_ignore_ascii_case("application/json");
        let body = read(payload.take());
        let (idempotency_key, browser) = (idempotency::header(request), browser(request));
        Box::pin(async move {
            if !is_json {
                return Err(Error::UnsupportedType);
            }
            Ok(Self(Fields::received(json(&body.await?)?, idempotency_key, browser)))
        })
    }
}

impl FromRequest for Form {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = is_form(request.content_type());
        let (body, browser) = (read(payload.take()), browser(request));
        Box::pin(async move {
            if !is_form {
                return Err(Error::UnsupportedType);
            }
            let mut values = form(&body.await?)?;
            let idempotency_key =
                values.remove(idempotency::FIELD).map(|key| key.canonical().to_owned());
            Ok(Self(Fields::received(values, idempotency_key, browser)))
        })
    }
}

fn browser(request: &HttpRequest) -> String {
    let cookie = request
        .app_data::<Data<WebState>>()
        .and_then(|web| pending_cookie::sent_cookie(web, request, Purpose::Login));
    cookie.unwrap_or_default()
}

/// Reads the whole body, if it is neither too large nor too slow.
pub(crate) async fn read(payload: Payload) -> Result<Bytes, Error> {
    read_at_most(MAX_BODY, payload).await
}

/// Reads a body that may be larger than those of people.
pub(crate) async fn read_at_most(max: usize, mut payload: Payload) -> Result<Bytes, Error> {
    let whole = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            body.extend_from_slice(&chunk.or(Err(Error::Unreadable))?);
            if body.len() > max {
                return Err(Error::TooLarge);
            }
        }
        Ok(body.freeze())
    };
    timeout(BODY_TIMEOUT, whole).await.unwrap_or(Err(Error::Unreadable))
}

/// Whether the content type is that of forms.
pub(crate) fn is_form(content_type: &str) -> bool {
    content_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Parses a JSON object. The reason of a failure is dropped, because it may quote the body (R102).
pub(crate) fn json(body: &[u8]) -> Result<Values, Error> {
    serde_json::from_slice(body).or(Err(Error::Unreadable))
}

/// Parses a form, or a query.
pub(crate) fn form(body: &[u8]) -> Result<Values, Error> {
    // form_urlencoded would replace bytes that are not UTF-8 by U+FFFD, which changes what a person has typed.
    if percent_encoding::percent_decode(body).decode_utf8().is_err() {
        return Err(Error::Unreadable);
    }
    let pairs = url::form_urlencoded::parse(body);
    Ok(Values::of(pairs.map(|(name, text)| (name.into_owned(), Value::Text(text.into_owned())))))
}
