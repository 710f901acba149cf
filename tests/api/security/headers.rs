//! The headers of every answer.

use reqwest::Method;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each},
    client::TestResponse,
    interface::{Action, Interface, interfaces},
};

const PAGE_POLICY: [&str; 12] = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "media-src 'self'",
    "connect-src 'self'",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "",
];

#[track_caller]
fn assert_security_headers(response: &TestResponse, is_page: bool) {
    let expected = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ];
    for (name, value) in expected {
        assert_eq!(response.header(name), value, "{name}: {response:?}");
    }
    assert!(response.header("permissions-policy").contains("camera=()"), "{response:?}");
    assert_eq!(response.header("server"), "", "no banner");
    assert_eq!(response.headers.get_all("content-security-policy").iter().count(), 1);
    let policy = response.header("content-security-policy");
    if is_page {
        assert!(PAGE_POLICY.iter().all(|directive| policy.contains(directive)), "{policy}");
    } else {
        assert_eq!(policy, "default-src 'none'; frame-ancestors 'none'");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("data:"));
}

#[tokio::test]
async fn every_kind_of_answer_has_security_headers_and_no_store() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let mut pages = vec![
            client.get("/").await,
            client.get("/login").await,
            client.get("/register").await,
            client.get("/account").await,
            client.get("/nowhere").await,
            client.get("/healthz").await,
            client.get("/readyz").await,
            client.send(client.request(Method::PUT, "/login")).await,
            client
                .send(
                    client
                        .request_without_origin(Method::POST, "/login")
                        .header("origin", "https://evil.example"),
                )
                .await,
            client.send(client.request(Method::GET, "/login").header("host", "evil.example")).await,
            client.post_body("/login", "text/plain", "x").await,
            client.post_form("/login", &[]).await,
            Interface::Page.request_code(&client, &mobile).await,
            Interface::Page.request_code(&client, &mobile).await,
        ];
        let code = app.gateway.code_for(&mobile);
        pages.push(Interface::Page.register(&client, &mobile, &code, PASSWORD).await);
        pages.push(client.get("/account").await);
        pages.push(Interface::Page.sign_out(&client).await);
        let mut programs = vec![
            client.get("/api/v1/session").await,
            client.get("/api/v1/captchas/x").await,
            client.get("/api/v1/captchas/%20").await,
            client.get("/api/nothing").await,
            client.send(client.request(Method::PUT, "/api/v1/session")).await,
            client.post_body("/api/v1/session", "text/plain", "x").await,
            client.post_body("/api/v1/session", "application/json", "x".repeat(20_000)).await,
            Interface::Json.sign_in(&client, &mobile, "wrong horse 7").await,
            Interface::Json.sign_in(&client, &mobile, PASSWORD).await,
        ];
        programs.push(Interface::Json.sign_out(&client).await);

        for (answer, is_page) in pages
            .iter()
            .map(|page| (page, true))
            .chain(programs.iter().map(|program| (program, false)))
        {
            assert_security_headers(answer, is_page);
            assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn assets_are_immutable_under_names_that_contain_their_hash() {
    on_each(async |app| {
        let client = app.client();
        let page = client.get("/login").await;
        let files = [
            ("<link rel=\"stylesheet\" href=\"", "text/css; charset=utf-8"),
            ("<script src=\"", "text/javascript; charset=utf-8"),
            ("<link rel=\"icon\" href=\"", "image/svg+xml"),
            ("<link rel=\"apple-touch-icon\" href=\"", "image/png"),
        ];
        for (before, content_type) in files {
            let path = page.value_after(before);
            let file = client.get(&path).await;
            assert_eq!(file.status.as_u16(), 200, "{path}");
            assert_eq!(file.header("content-type"), content_type);
            assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
            assert_security_headers(&file, true);
            let parts: Vec<_> = path.split('.').collect();
            assert!(parts.len() == 3 && parts[1].len() == 12, "{path}");
            let stale = path.replace(parts[1], "000000000000");
            let stale = client.get(&stale).await;
            assert_eq!(stale.status.as_u16(), 404);
            assert_eq!(stale.header("cache-control"), "no-store");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_contain_nothing_that_their_csp_forbids() {
    on_each(async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        for path in ["/login", "/register", "/account", "/nowhere"] {
            let body = client.get(path).await.body;
            for forbidden in [
                "<style",
                " style=",
                " onclick=",
                " onload=",
                " onsubmit=",
                "javascript:",
                "http://",
                "https://",
            ] {
                assert!(!body.contains(forbidden), "{forbidden} in {path}");
            }
            let scripts = body.matches("<script").count();
            assert_eq!(scripts, body.matches("<script src=\"/static/").count(), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn no_number_code_or_password_is_in_a_url() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let sent = interface.request_code(&client, &mobile).await;
            let code = app.gateway.code_for(&mobile);
            let done = interface.register(&client, &mobile, &code, PASSWORD).await;
            let weak = interface
                .perform(&client, Action::SignIn, &[("login", &mobile), ("password", "")])
                .await;
            for response in [sent, done, weak] {
                let location = response.header("location");
                assert!(!location.contains(&mobile) && !location.contains(&code), "{location}");
                assert!(!response.body.contains(&format!("={mobile}")), "{response:?}");
            }
        }
    })
    .await;
}
