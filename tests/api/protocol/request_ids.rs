//! The name of a request, in its answer and in the log.

use std::collections::BTreeSet;

use reqwest::Method;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    client::TestResponse,
    logs,
};

/// What a request is named that came with such a name.
async fn named(haoma: &TestApp, given: &[u8]) -> String {
    let who = haoma.client();
    let answer = who.send(who.request(Method::GET, "/nowhere").header("x-request-id", given)).await;
    answer.header("x-request-id").to_owned()
}

fn is_ours(id: &str) -> bool {
    id.len() == 16 && id.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

/// R102.
#[tokio::test]
async fn every_answer_has_a_name_and_every_failure_shows_it() {
    on_each(async |haoma| {
        let who = haoma.client();
        let css = who.get("/login").await.value_after("<link rel=\"stylesheet\" href=\"");
        let good = [
            who.get("/login").await,
            who.get("/healthz").await,
            who.get(&css).await,
            who.get("/account").await,
            who.register(&fresh_mobile()).await,
        ];
        let failed_pages = [
            who.get("/nowhere").await,
            who.send(who.request(Method::PUT, "/login")).await,
            who.send(who.request_without_origin(Method::POST, "/login").header("origin", "null"))
                .await,
            who.send(who.request(Method::GET, "/login").header("host", "evil.example")).await,
            who.get(&format!("/login?{}", "x".repeat(5000))).await,
            who.post_form("/login", &[("login", "ada"), ("password", PASSWORD)]).await,
        ];
        let failed_programs = [
            who.get("/api/v1/nothing").await,
            who.post_body("/api/v1/session", "text/plain", "x").await,
            who.post_body("/api/v1/session", "application/json", "{}").await,
            who.send(
                who.request_without_origin(Method::POST, "/api/v1/users").header("origin", "null"),
            )
            .await,
        ];

        let mut ids = BTreeSet::new();
        let id = |it: &TestResponse| it.header("x-request-id").to_owned();
        for answer in good.iter().chain(&failed_pages).chain(&failed_programs) {
            assert!(is_ours(&id(answer)), "{answer:?}");
            assert!(ids.insert(id(answer)), "twice: {answer:?}");
        }
        assert!(good.iter().all(|it| !it.body.contains(&id(it))));
        for page in failed_pages {
            let shown = format!("<p class=\"request\">请求编号 {}</p>", id(&page));
            assert!(page.body.contains(&shown), "{page:?}");
        }
        for program in failed_programs {
            assert_eq!(program.json()["request_id"], id(&program).as_str());
        }
    })
    .await;
}

/// R46.
#[tokio::test]
async fn only_a_trusted_proxy_may_name_a_request() {
    on_each(async |haoma| {
        assert!(is_ours(&named(haoma, b"0123-abc").await));
    })
    .await;
    on_each_with(&[("TRUSTED_PROXIES", "127.0.0.0/8")], async |haoma| {
        for given in ["7", "0123-abc-XYZ", &"z".repeat(64)] {
            assert_eq!(named(haoma, given.as_bytes()).await, given);
        }
        for given in [&b""[..], b"a b", b"a_b", b"\"", b"a\tb", b"\xff", &[b'z'; 65]] {
            assert!(is_ours(&named(haoma, given).await), "{given:?}");
        }
    })
    .await;
}

/// R106: a user agent, a path, a body cannot forge a line, nor an event within one.
#[tokio::test]
async fn no_input_forges_a_line() {
    logs::install();
    on_each(async |haoma| {
        let who = haoma.client();
        let forged = "x event=signed_in user=1\u{1b}[2K\" event=signed_in";
        let request =
            who.request(Method::POST, "/api/v1/session?event=signed_in%0aevent=signed_in");
        let body = serde_json::json!({ "login": forged, "password": forged, "\nevent=x": forged });
        let request = request.header("user-agent", "x\" event=signed_in").body(body.to_string());
        let answer = who.send(request.header("content-type", "application/json")).await;

        assert_eq!(answer.status.as_u16(), 400, "{answer:?}");
        let lines = logs::lines_of(answer.header("x-request-id"));
        assert!(!lines.is_empty());
        for line in lines {
            assert!(
                !line.contains("event=signed_in") && !line.contains(char::is_control),
                "{line}"
            );
        }
    })
    .await;
}
