//! What came in a body: a flat list of named values, the same out of JSON and out of a form.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    web::{Bytes, BytesMut, Data},
};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::{
    idempotency,
    values::{Value, Values},
};
use crate::{
    domain::purpose::Purpose,
    errors::{Error, FieldProblem, Problem},
    http::{auth::pending_cookie, state::WebState},
};

/// The largest honest body is below 2 KiB (R55).
const LARGEST_BODY: usize = 16 * 1024;
/// For the whole body (R121); actix would wait for ever.
const SLOWEST_BODY: Duration = Duration::from_secs(10);
/// Bytes of one text; the longest honest one is a password of 128 characters.
const LONGEST_TEXT: usize = 1024;

/// Named values, as they were sent; they do not print. By default there are none: a form that nobody has filled in.
#[derive(Default)]
pub struct Fields {
    values: Values,
    /// What makes a repeated request known as one: the header of a program, a hidden field of a page.
    idempotency_key: Option<String>,
    /// The cookie of the code that this browser has asked for to sign in, as it was sent; empty without one.
    browser: String,
}

/// The fields of an `application/json` body, one object of texts.
#[derive(Debug)]
pub struct Json(pub Fields);

/// The fields of an `application/x-www-form-urlencoded` body.
#[derive(Debug)]
pub struct Form(pub Fields);

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Fields {
    /// Values that were read elsewhere.
    pub(crate) fn of(values: Values) -> Self {
        Self { values, ..Self::default() }
    }

    /// A text as it was typed, for showing the form again; empty when there is none.
    pub fn raw(&self, name: &str) -> &str {
        match self.values.0.get(name) {
            Some(Value::Text(text)) => text,
            Some(Value::Flag(_) | Value::Digits(_) | Value::Other | Value::Repeated) | None => "",
        }
    }

    /// Whether a value of that name was sent, of whatever kind.
    pub fn has(&self, name: &str) -> bool {
        self.values.0.contains_key(name)
    }

    /// Whether there is no value of that name, or an empty text; forms send the latter.
    pub fn is_blank(&self, name: &str) -> bool {
        self.values.0.get(name).is_none_or(Value::is_empty)
    }

    /// Puts a value in that did not come in the body.
    pub fn set(&mut self, name: &str, text: &str) {
        self.values.0.insert(name.to_owned(), Value::Text(text.to_owned()));
    }

    /// The idempotency key, unread, if one came along.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    /// Has a repeated request known by this key.
    pub fn set_idempotency_key(&mut self, key: String) {
        self.idempotency_key = Some(key);
    }

    /// What only this browser can send, if it has asked for a code to sign in; else empty.
    pub fn browser(&self) -> &str {
        &self.browser
    }

    /// Names and values in one order, whatever order they came in; holds secrets.
    pub fn canonical(&self) -> Vec<&str> {
        self.values.0.iter().flat_map(|(name, value)| [name.as_str(), value.canonical()]).collect()
    }

    /// Starts to read: `known` are the only names that may be there.
    pub fn reader(&self, known: &[&str]) -> Reader<'_> {
        let unknown = self.values.0.keys().filter(|it| !known.contains(&it.as_str()));
        let problems = unknown
            .map(|field| FieldProblem { field: field.clone(), problem: Problem::Unknown })
            .collect();
        Reader { fields: self, problems }
    }
}

/// Reads fields into domain values, and collects what is wrong with every one of them.
pub struct Reader<'a> {
    fields: &'a Fields,
    problems: Vec<FieldProblem>,
}

impl Reader<'_> {
    /// A field; an absent one is parsed as empty, which most parsers call missing.
    pub fn text<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        let parsed = match self.fields.values.0.get(name) {
            None => parse(""),
            Some(Value::Text(text)) if text.len() > LONGEST_TEXT => Err(Problem::TooLong),
            Some(Value::Text(text)) if text.chars().any(char::is_control) => {
                Err(Problem::Malformed)
            }
            Some(Value::Text(text)) => parse(text),
            Some(Value::Flag(_) | Value::Digits(_) | Value::Other) => Err(Problem::NotText),
            Some(Value::Repeated) => Err(Problem::Repeated),
        };
        parsed.map_err(|problem| self.refuse(name, problem)).ok()
    }

    /// A field that may be left out or empty.
    pub fn optional<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        self.text(name, |text| if text.is_empty() { Ok(None) } else { parse(text).map(Some) })?
    }

    /// A yes or no: `true` in JSON, a ticked box (`on`) in a form; absent is no.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.fields.values.0.get(name) {
            None => Some(false),
            Some(Value::Flag(flag)) => Some(*flag),
            Some(Value::Text(_)) => self.text(name, |text| match text {
                "on" => Ok(true),
                "" => Ok(false),
                _ => Err(Problem::NotBoolean),
            }),
            Some(Value::Digits(_) | Value::Other) => {
                self.refuse(name, Problem::NotBoolean);
                None
            }
            Some(Value::Repeated) => {
                self.refuse(name, Problem::Repeated);
                None
            }
        }
    }

    /// Notes a problem that shows only when fields are seen together.
    pub fn refuse(&mut self, name: &str, problem: Problem) {
        self.problems.push(FieldProblem { field: name.to_owned(), problem });
    }

    /// What the fields make together, if nothing was wrong with any.
    pub fn finish<T>(self, made: Option<T>) -> Result<T, Error> {
        match made {
            Some(made) if self.problems.is_empty() => Ok(made),
            _ => Err(Error::Input(self.problems)),
        }
    }
}

impl FromRequest for Json {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = request.content_type().eq_ignore_ascii_case("application/json");
        let body = body(payload.take());
        let (repeat_key, browser) = (idempotency::header(request), browser(request));
        Box::pin(async move {
            if !is_json {
                return Err(Error::UnsupportedType);
            }
            // What serde says about a body may quote it, so it goes nowhere (R102).
            let values = serde_json::from_slice(&body.await?).or(Err(Error::Unreadable))?;
            Ok(Self(Fields { values, idempotency_key: repeat_key, browser }))
        })
    }
}

impl FromRequest for Form {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = is_form(request.content_type());
        let (body, browser) = (body(payload.take()), browser(request));
        Box::pin(async move {
            if !is_form {
                return Err(Error::UnsupportedType);
            }
            let mut values = form(&body.await?)?;
            let repeat_key = values.0.remove(idempotency::FIELD);
            let repeat_key = repeat_key.map(|it| it.canonical().to_owned());
            Ok(Self(Fields { values, idempotency_key: repeat_key, browser }))
        })
    }
}

fn browser(request: &HttpRequest) -> String {
    let cookie = request
        .app_data::<Data<WebState>>()
        .and_then(|web| pending_cookie::sent_cookie(web, request, Purpose::Login));
    cookie.unwrap_or_default()
}

/// The content type of forms.
pub(crate) fn is_form(content_type: &str) -> bool {
    content_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The whole body, if it is neither too large nor too slow.
pub(crate) async fn body(payload: Payload) -> Result<Bytes, Error> {
    body_of_at_most(LARGEST_BODY, payload).await
}

/// The same where an honest body may have more bytes.
pub(crate) async fn body_of_at_most(largest: usize, mut payload: Payload) -> Result<Bytes, Error> {
    let whole = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            body.extend_from_slice(&chunk.or(Err(Error::Unreadable))?);
            if body.len() > largest {
                return Err(Error::TooLarge);
            }
        }
        Ok(body.freeze())
    };
    timeout(SLOWEST_BODY, whole).await.unwrap_or(Err(Error::Unreadable))
}

/// The pairs of a form, or of a query.
pub(crate) fn form(body: &[u8]) -> Result<Values, Error> {
    // form_urlencoded would put U+FFFD for bytes that are no UTF-8; a person's text must not change.
    let decoded = percent_encoding::percent_decode(body).decode_utf8();
    if decoded.is_err() {
        return Err(Error::Unreadable);
    }
    let pairs = url::form_urlencoded::parse(body);
    Ok(Values::of(pairs.map(|(name, it)| (name.into_owned(), Value::Text(it.into_owned())))))
}
