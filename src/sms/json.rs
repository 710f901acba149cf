//! Fields of vendors' JSON whose type varies: the same id or code comes as a text from one system of a vendor and as a
//! number from another.

use serde::{Deserialize as _, Deserializer};
use serde_json::Value;

/// A text, or a whole number as its digits. A value of any other type is none: what a message is called must not decide
/// whether it was sent.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        Value::Number(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    })
}

/// A code of a vendor that numbers its errors, as a number or as a text of digits.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    Ok(text(deserializer)?.and_then(|digits| digits.parse().ok()))
}

/// A yes or no, as such or as a text.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(deserializer)?;
    match (value.as_bool(), value.as_str()) {
        (Some(flag), _) => Ok(flag),
        (_, Some("true")) => Ok(true),
        (_, Some("false")) => Ok(false),
        (_, _) => Err(serde::de::Error::custom("neither true nor false")),
    }
}
