//! Reads the fields of a request under any of their names, from path, query and body.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, web::Data};

use super::types::{FieldAliases, LegacyContext};
use crate::{
    errors::{Error, Problem},
    flows::sign_in::Credentials,
    http::{
        request::{
            bodies, body,
            fields::{Fields, Value, Values},
        },
        state::WebState,
    },
};

/// The fields that clients also send as JSON numbers. A leading zero that is lost on the way makes these invalid; in a
/// password or a captcha it would change the value unnoticed.
const NUMERIC: [&str; 3] = ["mobile", "sms_code", "login"];

/// The values of a request for a legacy API.
pub(super) struct LegacyRequest {
    /// The values of the path, of the query and of the body.
    sources: Vec<Values>,
    aliases: FieldAliases,
    pub(super) web: Data<WebState>,
}

impl LegacyRequest {
    /// Returns the wanted fields under our names, and ignores all others, as the original back ends did.
    pub(super) fn fields(&self, wanted: &[&str]) -> Fields {
        let mut values = Values::default();
        for (name, aliases) in self.aliases.iter().filter(|(name, _)| wanted.contains(name)) {
            if let Some(value) = self.value(name, aliases) {
                values.insert((*name).to_owned(), value);
            }
        }
        Fields::of(values)
    }

    /// The same without the fields of a payment: front-ends of legacy APIs send their captchas along, and compute no proofs.
    pub(super) fn unpaid_fields(&self, wanted: &[&str]) -> Fields {
        let is_wanted = |name: &&&str| !bodies::PAYMENT.contains(*name);
        self.fields(&wanted.iter().filter(is_wanted).copied().collect::<Vec<_>>())
    }

    /// Returns the credentials of a sign-in by password. The fields of a captcha are ignored unless both are there.
    pub(super) fn credentials(&self) -> Result<Credentials, Error> {
        let mut fields = self.fields(bodies::CREDENTIALS);
        if !fields.has("captcha") || !fields.has("captcha_id") {
            fields = self.fields(&["login", "password"]);
        }
        bodies::credentials(&self.web.parser, &fields)
    }

    /// Refuses two different passwords from a form that has the new password in two fields.
    pub(super) fn check_repeated_password(&self) -> Result<(), Error> {
        let fields = self.fields(&["password", "password_again"]);
        match fields.raw("password_again") {
            "" => Ok(()),
            again if again == fields.raw("password") => Ok(()),
            _ => Err(Error::field("password", Problem::PasswordsDiffer)),
        }
    }

    /// Returns the value under any of the names of a field. Empty values are ignored. Two different values are a
    /// problem, because which one is meant would be a guess (R53).
    fn value(&self, name: &str, aliases: &[&str]) -> Option<Value> {
        let values = self
            .sources
            .iter()
            .flat_map(|source| aliases.iter().filter_map(|alias| source.get(alias)));
        let mut values = values.filter(|value| !value.is_empty()).map(|value| {
            if let Value::Digits(digits) = value
                && NUMERIC.contains(&name)
            {
                return Value::Text(digits.clone());
            }
            value.clone()
        });
        let first = values.next()?;
        let all_equal = values.all(|value| value == first);
        Some(if all_equal { first } else { Value::Repeated })
    }
}

impl FromRequest for LegacyRequest {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let context = request.extensions().get::<LegacyContext>().copied();
        let web = request.app_data::<Data<WebState>>().cloned();
        let parameters = request.match_info().iter();
        let path = Values::of(
            parameters.map(|(name, value)| (name.to_owned(), Value::Text(value.to_owned()))),
        );
        let query = body::form(request.query_string().as_bytes());
        let content_type = request.content_type().to_owned();
        let body = body::read(payload.take());
        Box::pin(async move {
            let LegacyContext { aliases, .. } =
                context.ok_or_else(|| Error::internal("no legacy context"))?;
            let body = parse_body(&body.await?, &content_type)?;
            let sources = vec![path, query?, body];
            Ok(Self { sources, aliases, web: web.ok_or_else(|| Error::internal("no web data"))? })
        })
    }
}

/// Parses a body: JSON under any content type, because jQuery calls it a form by default, or a form.
fn parse_body(body: &[u8], content_type: &str) -> Result<Values, Error> {
    match body.trim_ascii_start().first() {
        None => Ok(Values::default()),
        Some(b'{') => body::json(body),
        Some(_) if body::is_form(content_type) => body::form(body),
        Some(_) => Err(Error::UnsupportedType),
    }
}
