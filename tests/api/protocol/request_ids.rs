//! The id of a request, in its answer and in the log.

use std::collections::BTreeSet;

use reqwest::Method;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    client::TestResponse,
    logs,
};

/// Returns the id of a request that was sent with this id.
async fn named(app: &TestApp, given: &[u8]) -> String {
    let client = app.client();
    let answer =
        client.send(client.request(Method::GET, "/nowhere").header("x-request-id", given)).await;
    answer.header("x-request-id").to_owned()
}

fn is_ours(id: &str) -> bool {
    id.len() == 16 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// R102.
#[tokio::test]
async fn every_answer_has_a_request_id_and_every_failure_shows_it() {
    on_each(async |app| {
        let client = app.client();
        let css = client.get("/login").await.value_after("<link rel=\"stylesheet\" href=\"");
        let good = [
            client.get("/login").await,
            client.get("/healthz").await,
            client.get(&css).await,
            client.get("/account").await,
            client.register(&fresh_mobile()).await,
        ];
        let failed_pages = [
            client.get("/nowhere").await,
            client.send(client.request(Method::PUT, "/login")).await,
            client
                .send(
                    client.request_without_origin(Method::POST, "/login").header("origin", "null"),
                )
                .await,
            client.send(client.request(Method::GET, "/login").header("host", "evil.example")).await,
            client.get(&format!("/login?{}", "x".repeat(5000))).await,
            client.post_form("/login", &[("login", "ada"), ("password", PASSWORD)]).await,
        ];
        let failed_programs = [
            client.get("/api/v1/nothing").await,
            client.post_body("/api/v1/session", "text/plain", "x").await,
            client.post_body("/api/v1/session", "application/json", "{}").await,
            client
                .send(
                    client
                        .request_without_origin(Method::POST, "/api/v1/users")
                        .header("origin", "null"),
                )
                .await,
        ];

        let mut ids = BTreeSet::new();
        let id = |request: &TestResponse| request.header("x-request-id").to_owned();
        for response in good.iter().chain(&failed_pages).chain(&failed_programs) {
            assert!(is_ours(&id(response)), "{response:?}");
            assert!(ids.insert(id(response)), "twice: {response:?}");
        }
        assert!(good.iter().all(|response| !response.body.contains(&id(response))));
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
    on_each(async |app| {
        assert!(is_ours(&named(app, b"0123-abc").await));
    })
    .await;
    on_each_with(&[("TRUSTED_PROXIES", "127.0.0.0/8")], async |app| {
        for given in ["7", "0123-abc-XYZ", &"z".repeat(64)] {
            assert_eq!(named(app, given.as_bytes()).await, given);
        }
        for given in [&b""[..], b"a b", b"a_b", b"\"", b"a\tb", b"\xff", &[b'z'; 65]] {
            assert!(is_ours(&named(app, given).await), "{given:?}");
        }
    })
    .await;
}

/// R106: user agent, path and body can forge neither a log line nor an event within one.
#[tokio::test]
async fn no_input_forges_a_log_line() {
    logs::install();
    on_each(async |app| {
        let client = app.client();
        let forged = "x event=signed_in user=1\u{1b}[2K\" event=signed_in";
        let request =
            client.request(Method::POST, "/api/v1/session?event=signed_in%0aevent=signed_in");
        let body = serde_json::json!({ "login": forged, "password": forged, "\nevent=x": forged });
        let request = request.header("user-agent", "x\" event=signed_in").body(body.to_string());
        let response = client.send(request.header("content-type", "application/json")).await;

        assert_eq!(response.status.as_u16(), 400, "{response:?}");
        let lines = logs::lines_of(response.header("x-request-id"));
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
