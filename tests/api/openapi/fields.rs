//! Checks by requests what the document says of fields: its examples are accepted, required fields are required, and
//! unknown fields are refused.

use reqwest::Method;
use serde_json::{Map, Value, json};
use test_support::{
    app::{fresh_mobile, on_each},
    client::{TestClient, TestResponse},
};

use super::document::{BODIES, at, example, members, operation, required, resolved, text};

/// Returns the fields that were refused.
async fn refused(
    client: &TestClient<'_>,
    (method, path): (&str, &str),
    body: &Value,
) -> Vec<String> {
    let method: Method = method.to_uppercase().parse().expect("a method");
    let request = client.request(method, path).header("content-type", "application/json");
    let response: TestResponse = client.send(request.body(body.to_string())).await;
    let response = response.json();
    response
        .get("fields")
        .map(|fields| members(fields).keys().cloned().collect())
        .unwrap_or_default()
}

fn without(body: &Value, names: &[&str]) -> Value {
    let left = members(body).iter().filter(|(name, _)| !names.contains(&name.as_str()));
    Value::Object(left.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

#[tokio::test]
async fn required_fields_are_exactly_those_described() {
    on_each(async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        for (method, path, _) in BODIES {
            for schema in operation(method, path).bodies() {
                let (route, whole) = ((*method, *path), example(schema));
                assert_eq!(
                    refused(&client, route, &whole).await,
                    Vec::<String>::new(),
                    "{route:?}"
                );

                let mut with_more = whole.clone();
                with_more["never_heard_of"] = json!("x");
                assert_eq!(refused(&client, route, &with_more).await, ["never_heard_of"]);

                for name in members(&whole).keys() {
                    let problems = refused(&client, route, &without(&whole, &[name])).await;
                    let is_required = required(schema).contains(name.as_str());
                    // The two fields of a captcha are only sent together.
                    let is_of_captcha = name == "captcha_id" && !is_required;
                    // Without any proof of the owner, the password is reported as missing.
                    let is_proof = name == "current_sms_code" || route.0 == "delete";
                    let missing = if is_proof { "password" } else { name };
                    let expected =
                        if is_required || is_of_captcha { vec![missing] } else { vec![] };
                    assert_eq!(problems, expected, "{route:?} {name}");
                }
            }
        }
    })
    .await;
}

/// A field of another JSON type is refused.
#[tokio::test]
async fn a_field_is_of_the_kind_that_is_described() {
    on_each(async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        for (method, path, _) in BODIES {
            for schema in operation(method, path).bodies() {
                let whole = example(schema);
                for (name, field) in members(at(schema, "properties")) {
                    let kind = text(at(resolved(field), "type"));
                    let mut body = whole.clone();
                    body[name] = if kind == "boolean" { json!(1) } else { json!(true) };
                    let problems = refused(&client, (*method, *path), &body).await;
                    // Terms are read only if the operator has set them.
                    let is_unread = name == "terms";
                    assert_eq!(problems.contains(name), !is_unread, "{method} {path} {name}");
                }
            }
        }
    })
    .await;
}
