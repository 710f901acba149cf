//! The document and the code name the same routes, fields and errors.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use haoma::domain::purpose::Purpose;
use serde_json::Value;
use test_support::app::{fresh_mobile, on_each};

use super::document::{
    BODIES, at, described, document, items, members, operation, operations, resolved, text,
};
use crate::route_table::routes_under;

#[test]
fn every_route_of_ours_is_described_and_no_other() {
    let described: BTreeSet<_> = operations()
        .iter()
        .map(|operation| (operation.method.to_uppercase(), operation.path.to_owned()))
        .collect();
    let served: BTreeSet<_> = routes_under("/api/v1/")
        .into_iter()
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();

    assert_eq!(described, served);
}

#[test]
fn every_errno_is_described() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/response/errno.rs");
    let source = fs::read_to_string(source).expect("readable");
    let arms =
        source.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => "));
    let known: BTreeMap<_, _> = arms
        .map(|(name, code)| (code.trim_matches(['"', ',']).to_owned(), name.to_uppercase()))
        .collect();
    let errno = at(at(at(document(), "components"), "schemas"), "Errno");
    let names = items(errno.get("x-enum-varnames")).map(|name| text(name).to_owned());
    let codes = described(errno).into_keys().map(str::to_owned);
    let described: BTreeMap<_, _> = codes.zip(names).collect();

    assert!(known.len() > 10, "{known:?}");
    assert_eq!(described, known);
}

/// Generators make an empty type where there is something beside a reference, and `any` where there is no type.
#[test]
fn every_schema_is_one_that_generators_understand() {
    fn look(value: &Value, place: &str) {
        if let Some(object) = value.as_object() {
            let is_schema = !place.ends_with("/properties") && !place.ends_with("/headers");
            if object.contains_key("$ref") {
                assert_eq!(object.len(), 1, "{place} has something beside its reference");
            }
            if is_schema && (object.contains_key("const") || object.contains_key("enum")) {
                assert!(object.contains_key("type"), "{place} has no type");
            }
            for (name, member) in object {
                look(member, &format!("{place}/{name}"));
            }
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            look(item, &format!("{place}/{index}"));
        }
    }

    look(document(), "");
    for operation in operations() {
        for (status, response) in members(at(operation.value, "responses")) {
            let schema = resolved(response).pointer("/content/application~1json/schema");
            let Some(schema) = schema.filter(|_| !operation.path.ends_with("openapi.json")) else {
                continue;
            };
            let place = format!("{} {} {status}", operation.method, operation.path);
            let data = at(at(resolved(schema), "properties"), "data");
            assert_eq!(data.get("additionalProperties"), Some(&Value::Bool(false)), "{place}");
            assert!(schema.get("$ref").is_some(), "{place} has no name for its type");
        }
    }
}

#[test]
fn every_field_is_described_and_no_other() {
    let with_body = operations().into_iter().filter(|operation| !operation.bodies().is_empty());
    let with_body: BTreeSet<_> =
        with_body.map(|operation| (operation.method, operation.path)).collect();
    assert_eq!(with_body, BODIES.iter().map(|(method, path, _)| (*method, *path)).collect());

    for (method, path, expected) in BODIES {
        let bodies = operation(method, path).bodies();
        let names = |value: &&Value| members(at(value, "properties")).keys().cloned().collect();
        let described: Vec<BTreeSet<String>> = bodies.iter().map(names).collect();
        let known =
            expected.iter().map(|bencher| bencher.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(described, known.collect::<Vec<_>>(), "{method} {path}");
        for body in bodies {
            assert_eq!(body.get("additionalProperties"), Some(&Value::Bool(false)), "{path}");
        }
    }
}

#[test]
fn every_purpose_is_described() {
    let wish = operation("post", "/api/v1/sms-codes").bodies();
    let purpose = at(at(wish[0], "properties"), "purpose");

    let described: Vec<_> = items(purpose.get("enum")).map(text).collect();
    assert_eq!(described, Purpose::ALL.map(Purpose::as_str));
}

/// Exactly the operations that need a session in the document refuse a request without one.
#[tokio::test]
async fn routes_that_need_a_session_are_described_so() {
    on_each(async |app| {
        for operation in operations() {
            let schemes: Vec<_> = items(operation.value.get("security")).map(members).collect();
            let (path, method) = (operation.path.replace("{id}", "x"), operation.method);
            let needs_no_session = schemes.iter().any(|scheme| scheme.is_empty());
            let anonymous = app.client();
            let body = first_body(method, operation.path);
            let request = anonymous
                .request_without_origin(method.to_uppercase().parse().expect("a method"), &path)
                .header("content-type", "application/json")
                .body(body.to_string());
            let response = anonymous.send(request).await;
            let is_sent_away = response.status == 401 && response.errno() == "4101";
            assert_eq!(is_sent_away, !needs_no_session, "{method} {path}: {response:?}");

            // With a cookie or a token no operation refuses for that reason.
            if !needs_no_session {
                let names: BTreeSet<_> = schemes.iter().flat_map(|scheme| scheme.keys()).collect();
                assert_eq!(names.into_iter().collect::<Vec<_>>(), ["bearer", "cookie"], "{path}");
            }
        }
    })
    .await;
}

/// Returns the first body of an operation, made of its examples.
fn first_body(method: &str, path: &str) -> Value {
    operation(method, path)
        .bodies()
        .first()
        .map_or(Value::Null, |body| super::document::example(body))
}

/// The document is served to every client and may be cached for a while.
#[tokio::test]
async fn the_document_is_served() {
    on_each(async |app| {
        for client in [app.client(), app.client().signed_in(&fresh_mobile()).await] {
            let response = client.get("/api/v1/openapi.json").await;

            assert_eq!(response.status, 200, "{response:?}");
            assert_eq!(response.header("content-type"), "application/json");
            assert_eq!(response.header("cache-control"), "public, max-age=300");
            assert_eq!(&response.json(), document());
        }
    })
    .await;
}
