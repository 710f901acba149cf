//! Every route, its limits and its protection against other sites.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use reqwest::{
    Method,
    header::{HOST, HeaderMap},
};
use test_support::{
    app::{fresh_mobile, on_each, on_each_with},
    client::TestClient,
    sources::files,
};

use crate::route_table::{
    Bound::{Limits, Nothing},
    Cache::{Briefly, Immutable, NoStore},
    Guard::{NoCookies, Reads, SameOrigin},
    ROWS, ROWS_WITH_SITES, STEPS,
};

const OWN: &str = "id.example.com";
const METHODS: [(&str, &str); 5] = [
    ("get(", "GET"),
    ("post(", "POST"),
    ("put(", "PUT"),
    ("patch(", "PATCH"),
    ("delete(", "DELETE"),
];

/// Returns the paths that have names in the source, such as `START`, each with its name.
fn named_paths(source: &Path) -> Vec<(String, String)> {
    let files = ["proxy/paths.rs", "oauth/paths.rs"];
    let texts = files.map(|file| fs::read_to_string(source.join(file)).expect("readable"));
    let text = texts.concat();
    let constants = text.lines().filter_map(|line| line.strip_prefix("pub const "));
    let pairs = constants.filter_map(|line| line.strip_suffix(';')?.split_once(": &str = "));
    pairs.map(|(name, path)| (name.to_owned(), path.to_owned())).collect()
}

/// Returns the routes in a source file: `at("/path", [get(…), post(…)])`, possibly within a `scope("/prefix")`. A path may
/// be written by its name.
fn routes_in(text: &str, named: &[(String, String)]) -> Vec<(String, String)> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( \"", "(\"");
    let text = named.iter().fold(text, |text, (name, path)| {
        text.replace(&format!("at({name},"), &format!("at({path},"))
    });
    assert!(
        !text
            .match_indices("(at(")
            .any(|(start, _)| text[start + 4..].starts_with(char::is_uppercase)),
        "a path whose name is in neither paths.rs"
    );
    let mut prefix = "";
    let mut found = Vec::new();
    for (start, _) in text.match_indices("(\"/") {
        let (before, after) = (&text[..start], &text[start + 2..]);
        let path = after.split('"').next().expect("its end");
        if before.ends_with("scope") {
            prefix = path;
        } else if before.ends_with("at") {
            let list =
                after.split_once('[').expect("methods").1.split_once(']').expect("their end").0;
            let own = METHODS
                .iter()
                .filter(|(call, _)| list.split(", ").any(|part| part.trim().starts_with(call)));
            let own: Vec<_> = own.map(|(_, name)| *name).collect();
            assert_eq!(own.len(), list.matches('(').count(), "{path}: [{list}]");
            found.extend(own.into_iter().map(|text| (text.to_owned(), format!("{prefix}{path}"))));
        }
    }
    found
}

#[test]
fn every_route_has_its_row_and_every_row_its_route() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let (mut found, named) = (BTreeSet::new(), named_paths(&source));
    for file in files(&source) {
        let text = fs::read_to_string(&file).expect("readable");
        found.extend(routes_in(&text, &named));
        let is_where_at_is = file.ends_with("http/mod.rs");
        let has_other_ways =
            [".route(\"", "resource(\"", "#[get(", "#[post("].map(|name| text.contains(name));
        assert!(is_where_at_is || !has_other_ways.contains(&true), "{}: use at()", file.display());
    }
    let rows = || ROWS.iter().chain(ROWS_WITH_SITES);
    let number = rows().count();
    let rows: BTreeSet<_> = rows().map(|row| (row.0.to_owned(), row.1.to_owned())).collect();

    assert_eq!(rows.len(), number, "a row twice");
    assert_eq!(
        found.difference(&rows).collect::<Vec<_>>(),
        Vec::<&_>::new(),
        "routes without a row"
    );
    assert_eq!(
        rows.difference(&found).collect::<Vec<_>>(),
        Vec::<&_>::new(),
        "rows without a route"
    );
}

#[test]
fn every_action_of_older_front_ends_has_its_row() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/legacy_api");
    let mut used = BTreeMap::new();
    for file in files(&source) {
        let text = fs::read_to_string(&file).expect("readable");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for row in text.split("action: Action::").skip(1) {
            let step = row.split(',').next().expect("a name").to_owned();
            let (_, methods) = row.split_once("methods: &[").expect("methods");
            let methods = methods.split(']').next().expect("their end").to_owned();
            used.entry(step).or_insert_with(String::new).push_str(&methods);
        }
    }
    let rows: BTreeSet<_> = STEPS.iter().map(|step| step.0).collect();
    assert_eq!(used.keys().map(String::as_str).collect::<BTreeSet<_>>(), rows);
    for (step, _, guard) in STEPS {
        // A request that only reads is a GET; a GET that changes something has its own protection.
        assert!(
            *guard == SameOrigin
                || used[*step].replace("Method::GET", "").trim_matches([',', ' ']).is_empty()
        );
    }
}

/// A route that changes something or costs money has a limit, or the table says why not.
#[test]
fn every_route_has_a_rate_limit_or_says_why_not() {
    for (method, path, bound, guard, _) in ROWS.iter().chain(ROWS_WITH_SITES) {
        match bound {
            Limits(limits) => {
                assert!(!limits.is_empty() && *guard == SameOrigin, "{method} {path}");
            }
            Nothing(why) => assert!(why.contains(' '), "{method} {path}"),
        }
        let reads = *guard != SameOrigin && *guard != NoCookies;
        assert_eq!(reads, *method == "GET", "{method} {path}");
    }
}

/// Returns a path that the route accepts.
async fn concrete(client: &TestClient<'_>, path: &str) -> String {
    let css = client.get("/login").await.value_after("<link rel=\"stylesheet\" href=\"/static/");
    let fill =
        [("{name}", css.as_str()), ("{id}", "never-made"), ("{provider}", "x"), ("{secret}", "y")];
    fill.iter().fold(path.to_owned(), |path, (hole, text)| path.replace(hole, text))
}

/// Returns whether pages of other sites may send requests to this path, which takes no cookies.
fn is_for_any_page(path: &str) -> bool {
    ["/oauth/token", "/oauth/userinfo", "/oauth/revoke"].contains(&path)
}

fn method(name: &str) -> Method {
    name.parse().expect("a method")
}

/// R60.
#[tokio::test]
async fn every_path_names_its_methods_and_takes_no_other() {
    let mut of_path: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (method, path, ..) in ROWS {
        of_path.entry(path).or_default().push(method);
    }
    // Legacy APIs take other requests at some of these paths.
    on_each_with(&[("DIALECTS", "none")], async |app| {
        let client = app.client();
        for (path, methods) in &of_path {
            let path = concrete(&client, path).await;
            for other in
                ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
            {
                let is_read = methods.contains(&"GET") && other == "HEAD";
                if other == "OPTIONS" && is_for_any_page(&path) {
                    continue;
                }
                if methods.contains(&other) || is_read {
                    continue;
                }
                let refused = client.send(client.request(method(other), &path)).await;
                assert_eq!(refused.status.as_u16(), 405, "{other} {path}: {refused:?}");
                let allowed = refused.header("allow").split(", ");
                let allowed: BTreeSet<_> =
                    allowed.filter(|name| *name != "OPTIONS" || !is_for_any_page(&path)).collect();
                assert_eq!(allowed, methods.iter().copied().collect(), "{path}");
            }
        }
    })
    .await;
}

/// R92, R94.
#[tokio::test]
async fn every_route_that_changes_something_refuses_other_sites() {
    on_each(async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        for (name, path, _, guard, _) in ROWS {
            let path = concrete(&client, path).await;
            for (header, value) in
                [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]
            {
                let asked =
                    client.request_without_origin(method(name), &path).header(header, value);
                let response = client.send(asked).await;
                let is_refused = response.status.as_u16() == 403;
                let is_guarded = *guard != Reads && *guard != NoCookies;
                assert_eq!(is_refused, is_guarded, "{name} {path}: {response:?}");
            }
        }
        assert!(client.is_signed_in().await, "nothing was changed");
    })
    .await;
}

/// The paths of the operator's other sites keep the same rules, on our host and on theirs.
#[tokio::test]
async fn the_routes_of_sites_keep_the_rules_of_all_and_are_missing_without_sites() {
    let host = |path: &str| if path.starts_with("/.haoma/") { "shop.example.net" } else { OWN };
    let public_url = format!("https://{OWN}");
    on_each_with(
        &[("PUBLIC_URL", &public_url), ("SITES", "https://shop.example.net")],
        async |app| {
            let client = app.client();
            client.register(&fresh_mobile()).await;
            for (name, path, _, guard, _) in ROWS_WITH_SITES {
                let ask = async |name: &str, header: (&'static str, &str)| {
                    let request = client.request_without_origin(method(name), path);
                    let hosts = HeaderMap::from_iter([(HOST, host(path).parse().expect("a host"))]);
                    client.send(request.headers(hosts).header(header.0, header.1)).await
                };
                for other in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
                    if other != *name {
                        let refused = ask(other, ("sec-fetch-site", "same-origin")).await;
                        assert_eq!(refused.status.as_u16(), 405, "{other} {path}: {refused:?}");
                        assert_eq!(refused.header("allow"), *name, "{path}");
                    }
                }
                let foreign = ask(name, ("origin", "https://evil.example")).await;
                let is_refused = foreign.status.as_u16() == 403;
                assert_eq!(
                    is_refused,
                    *guard != Reads || path.ends_with("/callback"),
                    "{foreign:?}"
                );
                assert_eq!(foreign.header("cache-control"), "no-store", "{foreign:?}");
            }
        },
    )
    .await;
    on_each(async |app| {
        for (name, path, ..) in ROWS_WITH_SITES {
            let answer = app.client().send(app.client().request(method(name), path)).await;
            let expected = if path.starts_with("/.haoma/") { 421 } else { 404 };
            assert_eq!(answer.status.as_u16(), expected, "{name} {path}: {answer:?}");
        }
    })
    .await;
}

/// R99: this holds for successes and for failures.
#[tokio::test]
async fn only_answers_that_are_equal_for_all_users_may_be_cached() {
    on_each_with(&[("SMS_PER_MINUTE", "1000")], async |app| {
        for (name, path, _, _, cache) in ROWS {
            let client = app.client().signed_in(&fresh_mobile()).await;
            let path = concrete(&client, path).await;
            let expected = match cache {
                NoStore => "no-store",
                Immutable => "public, max-age=31536000, immutable",
                Briefly => "public, max-age=300",
            };
            for person in [&client, &app.client()] {
                let response = person.send(person.request(method(name), &path)).await;
                assert_eq!(
                    response.header("cache-control"),
                    expected,
                    "{name} {path}: {response:?}"
                );
            }
        }
    })
    .await;
}

/// Returns the pages with their methods.
fn pages() -> BTreeMap<&'static str, Vec<&'static str>> {
    let others = [
        "/static/",
        "/favicon.ico",
        "/webhooks/",
        "/healthz",
        "/readyz",
        "/.well-known/",
        "/api/",
        "/oauth/",
    ];
    let mut pages: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (method, path, ..) in ROWS {
        if *path != "/" && !others.iter().any(|start| path.starts_with(start)) {
            pages.entry(*path).or_default().push(*method);
        }
    }
    pages
}

#[tokio::test]
async fn a_trailing_slash_redirects_to_the_page() {
    // With legacy APIs, some of these paths are theirs.
    for (dialects, theirs) in [
        ("none", &[][..]),
        (
            "ihome,passport,drf",
            &["POST /register/", "POST /login/", "POST /logout/", "GET /logout/"][..],
        ),
    ] {
        on_each_with(&[("DIALECTS", dialects)], async |app| {
            let client = app.client();
            for page in pages().keys() {
                for (name, query) in [
                    ("GET", ""),
                    ("GET", "?next=%2Fa%20b&lang=en"),
                    ("HEAD", "?x"),
                    ("POST", "?a=1"),
                ] {
                    let asked = client.request(method(name), &format!("{page}/{query}"));
                    let response = client.send(asked).await;
                    if theirs.contains(&&*format!("{name} {page}/")) {
                        assert_ne!(response.status.as_u16(), 308, "{name} {page}/: {response:?}");
                        continue;
                    }
                    assert_eq!(response.status.as_u16(), 308, "{name} {page}/: {response:?}");
                    let expected = format!("{page}{query}");
                    assert_eq!(response.header("location"), expected, "{name} {page}/{query}");
                }
            }
            for path in ["//evil.example/", "//login/", "/login//", "/nowhere/", "/static/"] {
                let response = client.get(path).await;
                assert_eq!(response.status.as_u16(), 404, "{path}: {response:?}");
            }
            let foreign = client
                .request_without_origin(Method::POST, "/login/")
                .header("origin", "https://evil.example");
            assert_eq!(client.send(foreign).await.status.as_u16(), 403);
        })
        .await;
    }
}
