//! The named values of a body, before anything has been read out of them.

use std::{collections::BTreeMap, fmt};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

#[derive(Clone, Default)]
pub(crate) struct Values(pub(crate) BTreeMap<String, Value>);

/// One value. Its text may be a secret: neither prints.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Flag(bool),
    /// A JSON number without sign, point and exponent. It has lost the zeros it may have begun with, so our own
    /// interface takes none; parsers of numbers and codes demand a certain length.
    Digits(String),
    /// Of a kind that no field has.
    Other,
    Repeated,
}

impl Value {
    /// Whether it is a text with nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// Something to compare by; a flag is what a form would send for it. What no field can be is empty,
    /// for nothing with such a value is ever done.
    pub(crate) fn canonical(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Flag(true) => "on",
            Self::Flag(false) | Self::Digits(_) | Self::Other | Self::Repeated => "",
        }
    }
}

impl Values {
    /// Values by their names.
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

    pub(crate) fn insert(&mut self, name: String, value: Value) {
        // R53: which of two values counts would be anybody's guess.
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
                let mut fields = Values::default();
                while let Some((name, value)) = map.next_entry()? {
                    fields.insert(name, value);
                }
                Ok(fields)
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
