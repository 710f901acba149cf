//! `docs/api.md`: a guide, followed by the document as text, which `scripts/api-docs` writes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;
use test_support::databases::variable;

use super::document::{
    Operation, at, causes, described, document, items, members, operations, required, resolved,
    text,
};

/// The text below this line of `docs/api.md` is generated.
const GENERATED: &str = "<!-- scripts/api-docs writes what follows. -->\n\n";

#[test]
fn the_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api.md");
    let written = fs::read_to_string(&path).expect("readable");
    let (guide, _) = written.split_once(GENERATED).expect("the line above what is generated");
    let current = format!("{guide}{GENERATED}{}", page());
    if variable("HAOMA_WRITE_API_DOCS").is_some() {
        fs::write(&path, &current).expect("written");
        return;
    }

    assert!(written == current, "docs/api.md differs from openapi.json: run scripts/api-docs");
}

/// The lines of the page.
type Page = Vec<String>;

fn page() -> String {
    let mut page = Page::new();
    page.push("## All requests\n\n| request | |\n|---|---|".to_owned());
    for it in operations() {
        let (method, summary) = (it.method.to_uppercase(), text(at(it.value, "summary")));
        page.push(format!("| `{method} {}` | {summary} |", it.path));
    }
    page.push("\n## Rules for all requests\n".to_owned());
    page.push(text(at(at(document(), "info"), "description")).to_owned());
    for tag in items(document().get("tags")) {
        let name = text(at(tag, "name"));
        page.push(format!("\n## {}", capital(name)));
        page.extend(tag.get("description").map(|description| format!("\n{}", text(description))));
        let of_tag =
            |operation: &Operation| items(operation.value.get("tags")).any(|tag| tag == name);
        operations().into_iter().filter(of_tag).for_each(|operation| section(&mut page, operation));
    }
    errnos(&mut page);
    words(&mut page);
    page.join("\n") + "\n"
}

fn section(page: &mut Page, operation: Operation) {
    let said = |name| operation.value.get(name).map(text).unwrap_or_default();
    page.push(format!("\n### `{} {}`\n", operation.method.to_uppercase(), operation.path));
    let about = format!("{}. {}", said("summary"), said("description"));
    page.push(format!("{}{}", about.trim(), required_session(operation.value)));
    let parameters: Vec<_> = operation.parameters().collect();
    if !parameters.is_empty() {
        page.push("\n| parameter | in | |\n|---|---|---|".to_owned());
    }
    for it in parameters {
        let (name, place) = (text(at(it, "name")), text(at(it, "in")));
        page.push(format!("| `{name}` | {place} | {} |", text(at(it, "description"))));
    }
    for body in operation.bodies() {
        page.extend(body.get("description").map(|description| format!("\n{}", text(description))));
        page.push("\n| field | | |\n|---|---|---|".to_owned());
        fields(page, body);
    }
    page.push("\n| status | |\n|---|---|".to_owned());
    for (status, response) in members(at(operation.value, "responses")) {
        let response = resolved(response);
        let described = text(at(response, "description"));
        page.push(format!("| {status} | {described}{} |", data(response)));
    }
}

fn required_session(operation: &Value) -> &'static str {
    let schemes: Vec<_> = items(operation.get("security")).map(members).collect();
    match (schemes.len(), schemes.iter().any(|scheme| scheme.is_empty())) {
        (1, true) => "",
        (_, true) => " Anybody, or somebody who is signed in.",
        (_, false) => " For somebody who is signed in.",
    }
}

fn fields(page: &mut Page, body: &Value) {
    for (name, field) in members(at(body, "properties")) {
        let needed = match () {
            () if required(body).contains(name.as_str()) => "required",
            () => "",
        };
        let described = field.get("description").map_or("", text);
        let example = items(field.get("examples")).next().expect("an example");
        page.push(format!("| `{name}` | {needed} | {described} `{example}` |"));
    }
}

/// Returns the names in `data` of a successful answer.
fn data(response: &Value) -> String {
    let schema = response.pointer("/content/application~1json/schema").map(resolved);
    let Some(schema) = schema.filter(|_| response.get("x-errors").is_none()) else {
        return String::new();
    };
    let data = schema.pointer("/properties/data").map(resolved);
    let Some(properties) = data.and_then(|data| data.get("properties")) else {
        return String::new();
    };
    let names: Vec<_> = members(properties).keys().map(|key| format!("`{key}`")).collect();
    if names.is_empty() { String::new() } else { format!(" `data`: {}", names.join(", ")) }
}

fn schema(name: &str) -> &'static Value {
    at(at(at(document(), "components"), "schemas"), name)
}

fn errnos(page: &mut Page) {
    let columns = "| errno | name | HTTP | | error |\n|---|---|---|---|---|";
    page.push(format!("\n## Failures by number\n\n{columns}"));
    let errno = schema("Errno");
    let names = items(errno.get("x-enum-varnames")).map(text);
    let causes = causes();
    for ((code, meaning), name) in described(errno).into_iter().zip(names) {
        let of_code = || causes.iter().filter(|cause| cause.errno == code);
        let statuses: BTreeSet<_> = of_code().map(|cause| cause.status).collect();
        let words: BTreeSet<_> = of_code().map(|cause| format!("`{}`", cause.word)).collect();
        let statuses = Vec::from_iter(statuses).join(", ");
        let words = Vec::from_iter(words).join(", ");
        page.push(format!("| {code} | {name} | {statuses} | {meaning} | {words} |"));
    }
}

fn words(page: &mut Page) {
    page.push("\n## Failures by word\n\n| error | errno | HTTP | |\n|---|---|---|---|".to_owned());
    let causes = causes();
    for (word, meaning) in described(schema("ErrorWord")) {
        let statuses: BTreeMap<&str, &str> = causes
            .iter()
            .filter(|cause| cause.word == word)
            .map(|cause| (cause.status, cause.errno))
            .collect();
        let errno = statuses.values().next().expect("an errno");
        let statuses = statuses.keys().copied().collect::<Vec<_>>().join(", ");
        page.push(format!("| `{word}` | {errno} | {statuses} | {meaning} |"));
    }
    page.push("\n## Reasons beside fields\n\n| reason | |\n|---|---|".to_owned());
    for (word, meaning) in described(schema("Reason")) {
        page.push(format!("| `{word}` | {meaning} |"));
    }
}

fn capital(text: &str) -> String {
    let (first, rest) = text.split_at_checked(1).expect("ASCII");
    format!("{}{rest}", first.to_uppercase())
}
