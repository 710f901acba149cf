//! A line of the log as a JSON object, for whoever collects logs of many programs.

use serde_json::{Map, Value};

/// The same words as in the line: its time, its level, and each `key=value` under its key, as texts.
///
/// Made of the finished line, so that nothing can be in one form of the log and not in the other.
pub(super) fn as_json(line: &str) -> String {
    let mut object = Map::new();
    let mut words = line.splitn(3, ' ');
    for key in ["time", "level"] {
        object.insert(key.to_owned(), Value::from(words.next().unwrap_or_default()));
    }
    for (key, value) in fields(words.next().unwrap_or_default()) {
        object.insert(key.to_owned(), Value::from(value));
    }
    Value::Object(object).to_string()
}

/// The fields of a line; what stands in front of the first `key=` is the `text`.
fn fields(line: &str) -> Vec<(&str, String)> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for word in words(line) {
        match word.split_once('=').filter(|(key, _)| is_key(key)) {
            Some((key, value)) => fields.push((key, plain(value))),
            None => match fields.last_mut() {
                Some((_, value)) => value.extend([" ", word]),
                None => fields.push(("text", word.to_owned())),
            },
        }
    }
    fields
}

fn is_key(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase() || it == b'_')
}

/// Cut at spaces, but not at those in quotation marks.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let words = line.split(move |letter: char| {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_quoted,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        letter == ' ' && !is_quoted
    });
    words.filter(|it| !it.is_empty())
}

/// A value without the quotation marks of Rust's `{:?}`; whatever else was escaped stays visible.
fn plain(value: &str) -> String {
    match value.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(inside) => inside.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(line: &str) -> Value {
        serde_json::from_str(&as_json(line)).unwrap()
    }

    #[test]
    fn every_field_stands_under_its_key() {
        let line = "2026-11-21T09:40:46.824Z INFO  request=8dd4 event=registered user=52 \
            mobile=138****8000 device=\"Chrome \\\"on\\\" Android, x=1\"";

        assert_eq!(
            read(line),
            json!({
                "time": "2026-11-21T09:40:46.824Z", "level": "INFO", "request": "8dd4",
                "event": "registered", "user": "52", "mobile": "138****8000",
                "device": "Chrome \"on\" Android, x=1",
            })
        );
    }

    #[test]
    fn no_value_can_forge_a_field() {
        let line = r#"T WARN  event=refused name="x\" event=\"signed_in" error=Store(timed out)"#;

        let read = read(line);

        assert_eq!(read["event"], "refused");
        assert_eq!(read["name"], r#"x" event="signed_in"#);
        assert_eq!(read["error"], "Store(timed out)");
    }
}
