//! Reads the document.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use haoma::http::request::bodies;
use serde_json::{Map, Value};

/// The key beside the methods of a path.
const NO_METHOD: &str = "parameters";

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../src/http/api/openapi.json")).expect("JSON")
});

pub(super) fn document() -> &'static Value {
    &DOCUMENT
}

/// Returns a value that has to exist; follows references.
#[track_caller]
pub(super) fn at<'a>(value: &'a Value, key: &str) -> &'a Value {
    resolved(value.get(key).unwrap_or_else(|| panic!("no {key} in {value}")))
}

/// Returns the target of a reference, or the value itself.
pub(super) fn resolved(value: &Value) -> &Value {
    let Some(reference) = value.get("$ref") else { return value };
    let path =
        reference.as_str().and_then(|text| text.strip_prefix('#')).expect("of this document");
    document().pointer(path).unwrap_or_else(|| panic!("{path} leads nowhere"))
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}"))
}

pub(super) fn members(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("an object: {value}"))
}

/// Returns the elements of an array, if there is one.
pub(super) fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.into_iter().flat_map(|list| list.as_array().expect("an array"))
}

/// A method of a path.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) value: &'static Value,
    path_item: &'static Value,
}

/// Returns all operations.
pub(super) fn operations() -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, path_item) in members(at(document(), "paths")) {
        for (method, value) in members(path_item).iter().filter(|(name, _)| *name != NO_METHOD) {
            all.push(Operation { method, path, value, path_item });
        }
    }
    all
}

/// Returns the operation of this method and path.
#[track_caller]
pub(super) fn operation(method: &str, path: &str) -> Operation {
    let found = operations()
        .into_iter()
        .find(|operation| operation.method == method && operation.path == path);
    found.unwrap_or_else(|| panic!("no {method} {path}"))
}

impl Operation {
    /// Returns the alternative request bodies.
    pub(super) fn bodies(&self) -> Vec<&'static Value> {
        let Some(body) = self.value.pointer("/requestBody/content/application~1json/schema") else {
            return Vec::new();
        };
        match body.get("oneOf") {
            Some(several) => items(Some(several)).map(resolved).collect(),
            None => vec![resolved(body)],
        }
    }

    /// Returns its own parameters and those of its path.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &'static Value> {
        let both = [self.path_item, self.value];
        both.into_iter().flat_map(|item| items(item.get(NO_METHOD))).map(resolved)
    }

    /// Returns the description of an answer with this status.
    pub(super) fn response(&self, status: u16) -> Option<&'static Value> {
        at(self.value, "responses").get(status.to_string()).map(resolved)
    }
}

/// An error of `x-errors`.
pub(super) struct Cause {
    pub(super) word: &'static str,
    pub(super) errno: &'static str,
    pub(super) status: &'static str,
}

/// Returns every error of `x-errors`.
pub(super) fn causes() -> Vec<Cause> {
    let mut causes = Vec::new();
    for operation in operations() {
        for (status, response) in members(at(operation.value, "responses")) {
            let errors = resolved(response).get("x-errors").map(members);
            for (word, errno) in errors.into_iter().flatten() {
                causes.push(Cause { word, errno: text(errno), status });
            }
        }
    }
    causes
}

/// Returns the required fields of a body.
pub(super) fn required(schema: &Value) -> BTreeSet<&str> {
    items(schema.get("required")).map(text).collect()
}

const MOBILE_CHANGE_BY_PASSWORD: &[&str] =
    &["mobile", "country", "sms_code", "password", "captcha_id", "captcha", "proof_of_work"];
const MOBILE_CHANGE_BY_CODE: &[&str] = &[
    "mobile",
    "country",
    "sms_code",
    "current_sms_code",
    "captcha_id",
    "captcha",
    "proof_of_work",
];

/// The fields that each body may have in the code; two lists where there are two ways to send it.
pub(super) const BODIES: &[(&str, &str, &[&[&str]])] = &[
    ("post", "/api/v1/sms-codes", &[bodies::SMS_CODE]),
    ("post", "/api/v1/users", &[bodies::REGISTRATION]),
    ("post", "/api/v1/session", &[bodies::CREDENTIALS, bodies::CODE_LOGIN]),
    ("post", "/api/v1/tokens", &[bodies::CREDENTIALS, bodies::CODE_LOGIN]),
    ("post", "/api/v1/password-resets", &[bodies::PASSWORD_RESET]),
    ("put", "/api/v1/user/password", &[bodies::PASSWORD_CHANGE]),
    ("put", "/api/v1/user/mobile", &[MOBILE_CHANGE_BY_PASSWORD, MOBILE_CHANGE_BY_CODE]),
    ("patch", "/api/v1/user", &[bodies::NAME_CHANGE]),
    ("delete", "/api/v1/user", &[&["password"], &["sms_code"]]),
];

/// Returns the values of an enumeration with their descriptions.
pub(super) fn described(schema: &Value) -> BTreeMap<&str, &str> {
    let (values, texts) = (items(schema.get("enum")), items(schema.get("x-enum-descriptions")));
    let described: BTreeMap<_, _> = values.map(text).zip(texts.map(text)).collect();
    assert_eq!(described.len(), items(schema.get("enum")).count(), "{schema}");
    assert!(described.values().all(|text| !text.is_empty()), "{schema}");
    described
}

/// Returns a body with every field and its first example.
pub(super) fn example(body: &Value) -> Value {
    let fields = members(at(body, "properties")).iter().map(|(name, field)| {
        let example = items(resolved(field).get("examples")).next();
        (name.clone(), example.unwrap_or_else(|| panic!("no example of {name}")).clone())
    });
    Value::Object(fields.collect())
}
