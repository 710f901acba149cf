//! Fields of providers' JSON whose type varies: one system of a vendor sends an id or a code as a string, another one
//! as a number.

use serde::{Deserialize as _, Deserializer};
use serde_json::Value;

/// Reads a string, or an integer as its digits. Any other type is read as `None`: a malformed id must not decide
/// whether the message was sent.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        Value::Number(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    })
}

/// Reads a numeric error code, given as a number or as a string of digits.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    Ok(text(deserializer)?.and_then(|digits| digits.parse().ok()))
}

/// Reads a boolean, also from the strings `true` and `false`.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(deserializer)?;
    match (value.as_bool(), value.as_str()) {
        (Some(flag), _) => Ok(flag),
        (_, Some("true")) => Ok(true),
        (_, Some("false")) => Ok(false),
        (_, _) => Err(serde::de::Error::custom("neither true nor false")),
    }
}
