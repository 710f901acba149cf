//! A line of the log as a JSON object, for programs that collect logs.

use serde_json::{Map, Value};

use super::Line;

/// Returns the line as a JSON object: its time, its level, and the value of each key, all as strings.
///
/// Messages are plain text at every call of `log`, so their keys and values are parsed back out of the text. Both
/// formats therefore contain the same.
pub(super) fn to_json(line: &Line) -> String {
    let mut object = Map::new();
    let mut insert = |key: &str, value: &str| object.insert(key.to_owned(), Value::from(value));
    insert("time", &line.time);
    insert("level", line.level.as_str());
    if let Some(request) = &line.request {
        insert("request", request.id.as_str());
        if let Some(address) = request.address {
            insert("address", &address.to_string());
        }
    }
    for (key, value) in fields(&line.message) {
        insert(key, &value);
    }
    Value::Object(object).to_string()
}

/// Returns the fields of a message. Text before the first `key=` is the field `text`.
fn fields(message: &str) -> Vec<(&str, String)> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for word in words(message) {
        match word.split_once('=').filter(|(key, _)| is_key(key)) {
            Some((key, value)) => fields.push((key, unquote(value))),
            None => match fields.last_mut() {
                Some((_, value)) => value.extend([" ", word]),
                None => fields.push(("text", word.to_owned())),
            },
        }
    }
    fields
}

fn is_key(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Splits a message at spaces, but not at those within quotation marks.
fn words(message: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let words = message.split(move |letter: char| {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_quoted,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        letter == ' ' && !is_quoted
    });
    words.filter(|word| !word.is_empty())
}

/// Removes the quotation marks of Rust's `{:?}` and unescapes `\"` and `\\`. All other escapes stay visible.
fn unquote(value: &str) -> String {
    match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => inside.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use log::Level;
    use serde_json::json;

    use super::*;
    use crate::logging::{Request, RequestId};

    fn parsed(request: Option<Request>, message: &str) -> Value {
        let time = "2026-11-21T09:40:46.824Z".to_owned();
        let line = Line { time, level: Level::Info, request, message: message.to_owned() };
        serde_json::from_str(&to_json(&line)).unwrap()
    }

    #[test]
    fn every_logged_field_has_its_key() {
        let request = Request {
            id: RequestId::parse("8dd4").expect("plain"),
            address: "203.0.113.9".parse().ok(),
        };
        let message = "event=registered user=52 mobile=138****8000 \
            device=\"Chrome \\\"on\\\" Android, x=1\"";

        assert_eq!(
            parsed(Some(request), message),
            json!({
                "time": "2026-11-21T09:40:46.824Z", "level": "INFO", "request": "8dd4",
                "address": "203.0.113.9", "event": "registered", "user": "52",
                "mobile": "138****8000", "device": "Chrome \"on\" Android, x=1",
            })
        );
    }

    #[test]
    fn no_value_can_forge_a_field() {
        let message = r#"event=refused name="x\" event=\"signed_in" error=Store(timed out)"#;

        let parsed = parsed(None, message);

        assert_eq!(parsed["event"], "refused");
        assert_eq!(parsed["name"], r#"x" event="signed_in"#);
        assert_eq!(parsed["error"], "Store(timed out)");
    }
}
