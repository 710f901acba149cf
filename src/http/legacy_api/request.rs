//! One reader for all dialects: finds a value under any of its names, wherever it was put.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, web::Data};

use super::response::LegacyContext;
use crate::{
    errors::{Error, Problem},
    flows::sign_in::Credentials,
    http::{
        request::{
            bodies, input,
            input::Fields,
            values::{Value, Values},
        },
        state::WebState,
    },
};

/// Our name of a field, and the names that a family gives it.
pub(super) type FieldAliases = &'static [(&'static str, &'static [&'static str])];

/// The fields that these front-ends also send as JSON numbers. In the fields of numbers and codes a zero that is lost
/// on the way is noticed; in a password or a captcha it would not be.
const NUMERIC: [&str; 3] = ["mobile", "sms_code", "login"];

/// What came in path, query and body.
pub(super) struct LegacyRequest {
    places: Vec<Values>,
    names: FieldAliases,
    web: Data<WebState>,
}

impl LegacyRequest {
    /// Some fields under our names; what came beside them is passed over, as it was by the back ends
    /// that these front-ends were written for.
    pub(super) fn fields(&self, wanted: &[&str]) -> Fields {
        let mut values = Values::default();
        for (own, aliases) in self.names.iter().filter(|(own, _)| wanted.contains(own)) {
            if let Some(value) = self.under(own, aliases) {
                values.insert((*own).to_owned(), value);
            }
        }
        Fields::of(values)
    }

    /// A sign-in. Fields of a captcha are passed over unless both are there.
    pub(super) fn credentials(&self) -> Result<Credentials, Error> {
        let mut fields = self.fields(bodies::CREDENTIALS);
        if !fields.has("captcha") || !fields.has("captcha_id") {
            fields = self.fields(&["login", "password"]);
        }
        bodies::credentials(&self.web.parser, &fields, bodies::CREDENTIALS)
    }

    /// The new password, typed twice where a form has two fields for it.
    pub(super) fn is_typed_alike(&self) -> Result<(), Error> {
        let fields = self.fields(&["password", "password_again"]);
        match fields.raw("password_again") {
            "" => Ok(()),
            again if again == fields.raw("password") => Ok(()),
            _ => Err(Error::field("password", Problem::PasswordsDiffer)),
        }
    }

    /// The one value under these names. Empty ones do not count; with two that differ it would be
    /// anybody's guess which is meant (R53).
    fn under(&self, own: &str, aliases: &[&str]) -> Option<Value> {
        let found =
            self.places.iter().flat_map(|place| aliases.iter().filter_map(|name| place.get(name)));
        let mut found = found.filter(|value| !value.is_empty()).map(|value| {
            if let Value::Digits(digits) = value
                && NUMERIC.contains(&own)
            {
                return Value::Text(digits.clone());
            }
            value.clone()
        });
        let first = found.next()?;
        let is_one = found.all(|value| value == first);
        Some(if is_one { first } else { Value::Repeated })
    }
}

impl FromRequest for LegacyRequest {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let asking = request.extensions().get::<LegacyContext>().copied();
        let web = request.app_data::<Data<WebState>>().cloned();
        let in_path = request.match_info().iter();
        let in_path =
            Values::of(in_path.map(|(name, it)| (name.to_owned(), Value::Text(it.to_owned()))));
        let in_query = input::form(request.query_string().as_bytes());
        let content_type = request.content_type().to_owned();
        let body = input::body(payload.take());
        Box::pin(async move {
            let LegacyContext { names, .. } =
                asking.ok_or_else(|| Error::internal("no dialect"))?;
            let in_body = read(&body.await?, &content_type)?;
            let places = vec![in_path, in_query?, in_body];
            Ok(Self { places, names, web: web.ok_or_else(|| Error::internal("no web data"))? })
        })
    }
}

/// A body as these front-ends send it: JSON under whatever type, for jQuery calls it a form unless told
/// otherwise, or a form.
fn read(body: &[u8], content_type: &str) -> Result<Values, Error> {
    match body.trim_ascii_start().first() {
        None => Ok(Values::default()),
        // What serde says about a body may quote it, so it goes nowhere (R102).
        Some(b'{') => serde_json::from_slice(body).or(Err(Error::Unreadable)),
        Some(_) if input::is_form(content_type) => input::form(body),
        Some(_) => Err(Error::UnsupportedType),
    }
}
