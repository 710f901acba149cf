//! Implements as much of JSON Schema as the document uses, and panics over anything else.

use serde_json::Value;

use super::document::{items, members, required, resolved, text};

/// Keywords that do not restrict a value.
const WORDS: [&str; 7] = [
    "description",
    "title",
    "examples",
    "format",
    "contentEncoding",
    "x-enum-varnames",
    "x-enum-descriptions",
];

/// Returns the deviations of a value from a schema.
pub(super) fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, value, "", &mut found);
    found
}

fn check(schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    let mut expect = |holds: bool, rule: &Value| {
        if !holds {
            found.push(format!("{place}: {value} is not {rule}"));
        }
    };
    for (name, rule) in members(schema) {
        match name.as_str() {
            "type" => expect(is_of_type(rule, value), rule),
            "const" => expect(rule == value, rule),
            "enum" => expect(items(Some(rule)).any(|allowed| allowed == value), rule),
            "oneOf" => expect(
                items(Some(rule))
                    .filter(|alternative| problems(alternative, value).is_empty())
                    .count()
                    == 1,
                rule,
            ),
            "required" => {
                let holds = |text: &&str| value.get(text).is_some();
                expect(required(schema).iter().all(holds), rule);
            }
            "additionalProperties" | "properties" | "items" | "$ref" => {}
            word => assert!(WORDS.contains(&word), "{word} is not known here"),
        }
    }
    if schema.get("$ref").is_some() {
        check(resolved(schema), value, place, found);
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(schema) = schema.get("items") {
            check(schema, item, &format!("{place}/{index}"), found);
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let place = format!("{place}/{name}");
        let own = schema.get("properties").and_then(|value| value.get(name));
        match own.or_else(|| schema.get("additionalProperties")) {
            Some(Value::Bool(false)) => found.push(format!("{place} is not described")),
            Some(schema) => check(schema, member, &place, found),
            None => {}
        }
    }
}

fn is_of_type(rule: &Value, value: &Value) -> bool {
    let names: Vec<&str> =
        rule.as_str().map_or_else(|| items(Some(rule)).map(text).collect(), |name| vec![name]);
    names.into_iter().any(|name| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is not known here"),
    })
}

#[test]
fn the_schema_check_finds_deviations() {
    let schema: Value = serde_json::from_str(
        r#"{ "type": "object", "required": ["a"], "additionalProperties": false, "properties": {
            "a": { "type": ["string", "null"] }, "b": { "type": "array", "items": { "enum": [1] } },
            "c": { "oneOf": [{ "const": 1 }, { "const": 2 }] } } }"#,
    )
    .expect("JSON");
    let found = |text: &str| problems(&schema, &serde_json::from_str(text).expect("JSON")).len();

    for right in [r#"{"a":"x"}"#, r#"{"a":null,"b":[1,1],"c":2}"#] {
        assert_eq!(found(right), 0, "{right}");
    }
    for wrong in [
        "[]",
        "{}",
        r#"{"a":1}"#,
        r#"{"a":"x","b":[2]}"#,
        r#"{"a":"x","c":3}"#,
        r#"{"a":"x","d":1}"#,
    ] {
        assert!(found(wrong) > 0, "{wrong}");
    }
}
