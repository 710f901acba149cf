//! Every route there is, and what stands before and after it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use haoma::errors::Limit;
use reqwest::Method;

use crate::{
    haoma::{fresh_mobile, on_each, on_each_with},
    sources::files,
    visitor::TestClient,
};

/// What keeps a route from being used without end.
enum Bound {
    /// These refuse with 429.
    Limits(&'static [Limit]),
    /// Nothing needs to, and why.
    Nothing(&'static str),
}

use Bound::{Limits, Nothing};

/// What keeps another site from using it.
#[derive(Clone, Copy, PartialEq)]
enum Guard {
    /// It changes nothing.
    Reads,
    /// It changes nothing, but is counted or costs something, so a page of another site gets no answer either.
    Costs,
    /// It changes something, so a request from another site is refused.
    SameOrigin,
}

use Guard::{Costs, Reads, SameOrigin};

/// Who may keep an answer.
#[derive(Clone, Copy, PartialEq)]
enum Cache {
    NoStore,
    /// For ever, under a name that changes with its content.
    Immutable,
    /// For a few minutes: what changes seldom, and is the same for everybody.
    Briefly,
}

use Cache::{Briefly, Immutable, NoStore};

type Row = (&'static str, &'static str, Bound, Guard, Cache);

const SENDS: Bound = Limits(&[Limit::Address, Limit::Resend, Limit::Mobile, Limit::Prefix]);
const SIGNS_IN: Bound = Limits(&[Limit::Address, Limit::SignIn, Limit::WrongCodes]);
const SPENDS: Bound = Limits(&[Limit::WrongCodes]);
/// A form that sends a code, and spends it.
const BOTH: Bound = Limits(&[
    Limit::Address,
    Limit::Resend,
    Limit::Mobile,
    Limit::Prefix,
    Limit::SignIn,
    Limit::WrongCodes,
]);
const PAGE: Bound = Nothing("shows a form");
const OWN: Bound = Nothing("is about whoever is signed in");

const ROWS: &[Row] = &[
    ("GET", "/", Nothing("sends on"), Reads, NoStore),
    ("GET", "/register", PAGE, Reads, NoStore),
    ("POST", "/register", BOTH, SameOrigin, NoStore),
    ("GET", "/login", PAGE, Reads, NoStore),
    ("POST", "/login", BOTH, SameOrigin, NoStore),
    ("GET", "/reset-password", PAGE, Reads, NoStore),
    ("POST", "/reset-password", BOTH, SameOrigin, NoStore),
    ("GET", "/account", OWN, Reads, NoStore),
    ("POST", "/account/sessions", OWN, SameOrigin, NoStore),
    ("GET", "/account/name", OWN, Reads, NoStore),
    ("POST", "/account/name", OWN, SameOrigin, NoStore),
    ("GET", "/account/password", OWN, Reads, NoStore),
    ("POST", "/account/password", OWN, SameOrigin, NoStore),
    ("GET", "/account/mobile", OWN, Reads, NoStore),
    ("POST", "/account/mobile", BOTH, SameOrigin, NoStore),
    ("GET", "/account/delete", OWN, Reads, NoStore),
    ("POST", "/account/delete", SPENDS, SameOrigin, NoStore),
    ("POST", "/logout", OWN, SameOrigin, NoStore),
    ("GET", "/static/{name}", Nothing("is in memory"), Reads, Immutable),
    (
        "POST",
        "/webhooks/sms/{provider}/{secret}",
        Nothing("its address is a secret"),
        SameOrigin,
        NoStore,
    ),
    ("GET", "/healthz", Nothing("asks nobody"), Reads, NoStore),
    ("GET", "/readyz", Nothing("asks each store once"), Reads, NoStore),
    ("GET", "/.well-known/jwks.json", Nothing("is in memory"), Reads, Briefly),
    ("GET", "/api/v1/openapi.json", Nothing("is in memory"), Reads, Briefly),
    (
        "GET",
        "/api/v1/captchas/{id}",
        Nothing("draws as many at once as there are cores"),
        Costs,
        NoStore,
    ),
    ("GET", "/api/v1/captchas/{id}/audio", Nothing("counts like a picture"), Costs, NoStore),
    ("GET", "/api/v1/proof-of-work", Nothing("is signed and not kept"), Costs, NoStore),
    ("POST", "/api/v1/sms-codes", SENDS, SameOrigin, NoStore),
    ("POST", "/api/v1/users", SPENDS, SameOrigin, NoStore),
    ("GET", "/api/v1/sessions", OWN, Reads, NoStore),
    ("DELETE", "/api/v1/sessions", OWN, SameOrigin, NoStore),
    ("DELETE", "/api/v1/sessions/{id}", OWN, SameOrigin, NoStore),
    ("PATCH", "/api/v1/user", OWN, SameOrigin, NoStore),
    ("DELETE", "/api/v1/user", SPENDS, SameOrigin, NoStore),
    ("PUT", "/api/v1/user/password", OWN, SameOrigin, NoStore),
    ("PUT", "/api/v1/user/mobile", SPENDS, SameOrigin, NoStore),
    ("POST", "/api/v1/tokens", SIGNS_IN, SameOrigin, NoStore),
    ("GET", "/api/v1/session/jwt", OWN, Reads, NoStore),
    ("GET", "/api/v1/forward-auth", OWN, Reads, NoStore),
    ("POST", "/api/v1/password-resets", SPENDS, SameOrigin, NoStore),
    ("GET", "/api/v1/session", OWN, Reads, NoStore),
    ("POST", "/api/v1/session", SIGNS_IN, SameOrigin, NoStore),
    ("DELETE", "/api/v1/session", OWN, SameOrigin, NoStore),
];

const METHODS: [(&str, &str); 5] = [
    ("get(", "GET"),
    ("post(", "POST"),
    ("put(", "PUT"),
    ("patch(", "PATCH"),
    ("delete(", "DELETE"),
];

/// The paths that begin like this, and their methods.
pub(crate) fn routes_under(beginning: &str) -> BTreeSet<(&'static str, &'static str)> {
    let rows = ROWS.iter().map(|it| (it.0, it.1));
    rows.filter(|(_, path)| path.starts_with(beginning)).collect()
}

/// The routes that a source file names: `at("/path", [get(…), post(…)])`, within a `scope("/prefix")` or
/// none.
fn routes_in(text: &str) -> Vec<(String, String)> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( \"", "(\"");
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
                .filter(|(call, _)| list.split(", ").any(|it| it.trim().starts_with(call)));
            let own: Vec<_> = own.map(|(_, name)| *name).collect();
            assert_eq!(own.len(), list.matches('(').count(), "{path}: [{list}]");
            found.extend(own.into_iter().map(|it| (it.to_owned(), format!("{prefix}{path}"))));
        }
    }
    found
}

#[test]
fn every_route_has_its_row_and_every_row_its_route() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let mut found = BTreeSet::new();
    for file in files(&source) {
        let text = fs::read_to_string(&file).expect("readable");
        found.extend(routes_in(&text));
        let is_where_at_is = file.ends_with("http/mod.rs");
        let has_other_ways =
            [".route(\"", "resource(\"", "#[get(", "#[post("].map(|it| text.contains(it));
        assert!(is_where_at_is || !has_other_ways.contains(&true), "{}: use at()", file.display());
    }
    let rows: BTreeSet<_> = ROWS.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();

    assert_eq!(rows.len(), ROWS.len(), "a row twice");
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

/// The steps of older front-ends are the same deeds under other addresses: what bounds each, and whether
/// other sites are refused.
const STEPS: &[(&str, Bound, Guard)] = &[
    ("Captcha", Limits(&[Limit::Address]), Costs),
    ("SendCode", SENDS, SameOrigin),
    ("Register", SPENDS, SameOrigin),
    ("SignIn", SIGNS_IN, SameOrigin),
    ("Who", OWN, Reads),
    ("WhoIfAnybody", OWN, Reads),
    ("SignOut", OWN, SameOrigin),
    ("Exists", Limits(&[Limit::Address]), Costs),
    ("SendLoginCode", SENDS, SameOrigin),
    ("TokenByCode", SIGNS_IN, SameOrigin),
    ("TokenByPassword", SIGNS_IN, SameOrigin),
    ("TokenByRegistering", SPENDS, SameOrigin),
];

#[test]
fn every_step_of_older_front_ends_has_its_row() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/legacy_api");
    let mut used = BTreeMap::new();
    for file in files(&source) {
        let text = fs::read_to_string(&file).expect("readable");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for row in text.split("step: Action::").skip(1) {
            let step = row.split(',').next().expect("a name").to_owned();
            let (_, methods) = row.split_once("methods: &[").expect("methods");
            let methods = methods.split(']').next().expect("their end").to_owned();
            used.entry(step).or_insert_with(String::new).push_str(&methods);
        }
    }
    let rows: BTreeSet<_> = STEPS.iter().map(|it| it.0).collect();
    assert_eq!(used.keys().map(String::as_str).collect::<BTreeSet<_>>(), rows);
    for (step, _, guard) in STEPS {
        // What only reads is asked by GET; what does something by GET is guarded by itself.
        assert!(
            *guard == SameOrigin
                || used[*step].replace("Method::GET", "").trim_matches([',', ' ']).is_empty()
        );
    }
}

/// What changes something that others pay for is limited, or it is said why not.
#[test]
fn every_row_is_bounded_or_says_why_not() {
    for (method, path, bound, guard, _) in ROWS {
        match bound {
            Limits(limits) => {
                assert!(!limits.is_empty() && *guard == SameOrigin, "{method} {path}");
            }
            Nothing(why) => assert!(why.contains(' '), "{method} {path}"),
        }
        assert_eq!(*guard != SameOrigin, *method == "GET", "{method} {path}");
    }
}

/// A path that the route takes.
async fn concrete(who: &TestClient<'_>, path: &str) -> String {
    let css = who.get("/login").await.value_after("<link rel=\"stylesheet\" href=\"/static/");
    let fill =
        [("{name}", css.as_str()), ("{id}", "never-made"), ("{provider}", "x"), ("{secret}", "y")];
    fill.iter().fold(path.to_owned(), |path, (hole, text)| path.replace(hole, text))
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
    // Some of these addresses older front-ends ask in other ways too.
    on_each_with(&[("DIALECTS", "none")], async |haoma| {
        let who = haoma.client();
        for (path, methods) in &of_path {
            let path = concrete(&who, path).await;
            for other in
                ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
            {
                let is_read = methods.contains(&"GET") && other == "HEAD";
                if methods.contains(&other) || is_read {
                    continue;
                }
                let refused = who.send(who.request(method(other), &path)).await;
                assert_eq!(refused.status.as_u16(), 405, "{other} {path}: {refused:?}");
                let allowed: BTreeSet<_> = refused.header("allow").split(", ").collect();
                assert_eq!(allowed, methods.iter().copied().collect(), "{path}");
            }
        }
    })
    .await;
}

/// R92, R94.
#[tokio::test]
async fn what_changes_something_is_refused_to_other_sites_on_every_route() {
    on_each(async |haoma| {
        let who = haoma.client().signed_in(&fresh_mobile()).await;
        for (name, path, _, guard, _) in ROWS {
            let path = concrete(&who, path).await;
            for (header, value) in
                [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]
            {
                let asked = who.request_without_origin(method(name), &path).header(header, value);
                let answer = who.send(asked).await;
                let is_refused = answer.status.as_u16() == 403;
                assert_eq!(is_refused, *guard != Reads, "{name} {path}: {answer:?}");
            }
        }
        assert!(who.is_signed_in().await, "nothing was changed");
    })
    .await;
}

/// R99: whether it goes well or not.
#[tokio::test]
async fn only_what_is_the_same_for_everybody_is_kept_by_anybody() {
    on_each_with(&[("SMS_PER_MINUTE", "1000")], async |haoma| {
        for (name, path, _, _, cache) in ROWS {
            let who = haoma.client().signed_in(&fresh_mobile()).await;
            let path = concrete(&who, path).await;
            let expected = match cache {
                NoStore => "no-store",
                Immutable => "public, max-age=31536000, immutable",
                Briefly => "public, max-age=300",
            };
            for person in [&who, &haoma.client()] {
                let answer = person.send(person.request(method(name), &path)).await;
                assert_eq!(answer.header("cache-control"), expected, "{name} {path}: {answer:?}");
            }
        }
    })
    .await;
}

/// The pages, and their methods.
fn pages() -> BTreeMap<&'static str, Vec<&'static str>> {
    let others = ["/static/", "/webhooks/", "/healthz", "/readyz", "/.well-known/", "/api/"];
    let mut pages: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (method, path, ..) in ROWS {
        if *path != "/" && !others.iter().any(|start| path.starts_with(start)) {
            pages.entry(*path).or_default().push(*method);
        }
    }
    pages
}

#[tokio::test]
async fn a_page_with_a_slash_behind_it_sends_to_the_page() {
    // With the dialects on, some of these addresses are theirs.
    for (dialects, theirs) in [
        ("none", &[][..]),
        (
            "ihome,passport,drf",
            &["POST /register/", "POST /login/", "POST /logout/", "GET /logout/"][..],
        ),
    ] {
        on_each_with(&[("DIALECTS", dialects)], async |haoma| {
            let who = haoma.client();
            for page in pages().keys() {
                for (name, query) in [
                    ("GET", ""),
                    ("GET", "?next=%2Fa%20b&lang=en"),
                    ("HEAD", "?x"),
                    ("POST", "?a=1"),
                ] {
                    let asked = who.request(method(name), &format!("{page}/{query}"));
                    let answer = who.send(asked).await;
                    if theirs.contains(&&*format!("{name} {page}/")) {
                        assert_ne!(answer.status.as_u16(), 308, "{name} {page}/: {answer:?}");
                        continue;
                    }
                    assert_eq!(answer.status.as_u16(), 308, "{name} {page}/: {answer:?}");
                    let expected = format!("{page}{query}");
                    assert_eq!(answer.header("location"), expected, "{name} {page}/{query}");
                }
            }
            for path in ["//evil.example/", "//login/", "/login//", "/nowhere/", "/static/"] {
                let answer = who.get(path).await;
                assert_eq!(answer.status.as_u16(), 404, "{path}: {answer:?}");
            }
            let foreign = who
                .request_without_origin(Method::POST, "/login/")
                .header("origin", "https://evil.example");
            assert_eq!(who.send(foreign).await.status.as_u16(), 403);
        })
        .await;
    }
}
