//! The named values of a body, the same whether they came as JSON or as a form.

use std::{collections::BTreeMap, fmt};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// Values by their names.
#[derive(Clone, Default)]
pub(crate) struct Values(BTreeMap<String, Value>);

/// One value. It does not print, because its text may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Flag(bool),
    /// A JSON number without sign, point and exponent. Zeros that it began with are lost, so our own API refuses
    /// numbers; the legacy APIs accept them only where a lost zero is noticed by the length.
    Digits(String),
    /// A JSON value of a type that no field has.
    Other,
    /// The name was sent more than once.
    Repeated,
}

/// The fields of a request. They do not print. By default there are none, as in an empty form.
#[derive(Default)]
pub struct Fields {
    values: Values,
    /// Recognises a repeated request: from the header of a program or the hidden field of a page.
    idempotency_key: Option<String>,
    /// The cookie that this browser got when it requested a code to sign in, as it was sent; empty without one.
    browser: String,
    /// The names that a form of a page may send; `None` for other bodies, whose parsers know their names.
    form_names: Option<&'static [&'static str]>,
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Fields {
    /// Makes fields of values alone.
    pub(crate) fn of(values: Values) -> Self {
        Self { values, ..Self::default() }
    }

    /// Makes the fields of a request.
    pub(super) fn received(
        values: Values,
        idempotency_key: Option<String>,
        browser: String,
    ) -> Self {
        Self { values, idempotency_key, browser, form_names: None }
    }

    /// Accepts exactly the names of a form: a page also sends its buttons, its captcha and where to go next.
    #[must_use]
    pub fn of_form(self, names: &'static [&'static str]) -> Self {
        Self { form_names: Some(names), ..self }
    }

    /// Returns a text as it was typed, to show the form again; empty when there is none.
    pub fn raw(&self, name: &str) -> &str {
        match self.values.get(name) {
            Some(Value::Text(text)) => text,
            Some(Value::Flag(_) | Value::Digits(_) | Value::Other | Value::Repeated) | None => "",
        }
    }

    /// Whether a value of that name was sent, of any type.
    pub fn has(&self, name: &str) -> bool {
        self.values.get(name).is_some()
    }

    /// Whether there is no value of that name, or an empty text, which forms send for an empty input.
    pub fn is_blank(&self, name: &str) -> bool {
        self.values.get(name).is_none_or(Value::is_empty)
    }

    /// Sets a value that did not come in the body.
    pub fn set(&mut self, name: &str, text: &str) {
        self.values.0.insert(name.to_owned(), Value::Text(text.to_owned()));
    }

    /// Returns the idempotency key as it was sent.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    /// Sets the key by which a repeated request is recognised.
    pub fn set_idempotency_key(&mut self, key: String) {
        self.idempotency_key = Some(key);
    }

    /// Returns a text that only this browser can send if it has requested a code to sign in; else an empty one.
    pub fn browser(&self) -> &str {
        &self.browser
    }

    /// Returns names and values sorted by name, so that their order in the request does not matter. They contain
    /// secrets.
    pub fn canonical(&self) -> Vec<&str> {
        self.values.0.iter().flat_map(|(name, value)| [name.as_str(), value.canonical()]).collect()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Returns the names that neither the form has nor, without a form, the parser of the body knows.
    pub(super) fn unknown(&self, known: &[&str]) -> impl Iterator<Item = &str> {
        let known = self.form_names.unwrap_or(known);
        self.values.0.keys().map(String::as_str).filter(|name| !known.contains(name))
    }
}

impl Value {
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// Returns a text by which requests are compared; for a flag it is the one that a form sends. Values of a wrong type
    /// give an empty one, since their request is refused anyway.
    pub(crate) fn canonical(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Flag(true) => "on",
            Self::Flag(false) | Self::Digits(_) | Self::Other | Self::Repeated => "",
        }
    }
}

impl Values {
    pub(crate) fn of(pairs: impl IntoIterator<Item = (String, Value)>) -> Self {
        let mut values = Self::default();
        for (name, value) in pairs {
            values.insert(name, value);
        }
        values
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    pub(crate) fn insert(&mut self, name: String, value: Value) {
        // R53: two values of one name are refused, because it is unclear which one is meant.
        let value = if self.0.contains_key(&name) { Value::Repeated } else { value };
        self.0.insert(name, value);
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Values, A::Error> {
                let mut values = Values::default();
                while let Some((name, value)) = map.next_entry()? {
                    values.insert(name, value);
                }
                Ok(values)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Any {
            Text(String),
            Flag(bool),
            Whole(u64),
            Other(IgnoredAny),
        }

        Ok(match Any::deserialize(deserializer)? {
            Any::Text(text) => Self::Text(text),
            Any::Flag(flag) => Self::Flag(flag),
            Any::Whole(number) => Self::Digits(number.to_string()),
            Any::Other(_) => Self::Other,
        })
    }
}
