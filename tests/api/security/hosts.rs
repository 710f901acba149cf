//! The accepted values of `Host`.

use reqwest::{Method, header::HOST};
use test_support::{
    app::{TestApp, fresh_mobile, on_each, on_each_with},
    client::TestResponse,
    interface::{Interface, message_text},
};

async fn get_as(app: &TestApp, host: &str, path: &str) -> TestResponse {
    let who = app.client();
    let client = test_support::client::client(std::time::Duration::from_secs(30));
    let request = client.request(Method::GET, format!("{}{path}", app.base));
    who.send(request.header(HOST, host)).await
}

#[tokio::test]
async fn without_a_public_url_only_loopback_hosts_are_accepted() {
    on_each(async |app| {
        for host in [
            "evil.example",
            "localhost.evil.example",
            "169.254.1.1",
            "127.0.0.1.nip.io",
            "example.com:8080",
            "0.0.0.0",
        ] {
            let json = get_as(app, host, "/api/v1/session").await;
            let page = get_as(app, host, "/login").await;
            Interface::Json.assert_refused(&json, (421, "4201"), "error-unknown-host", &[]);
            Interface::Page.assert_refused(&page, (421, "4201"), "error-unknown-host", &[]);
        }
        for host in
            ["localhost", "localhost:1234", "127.0.0.1", "127.0.0.9", "[::1]:80", "LOCALHOST"]
        {
            assert_eq!(get_as(app, host, "/login").await.status.as_u16(), 200, "{host}");
        }
    })
    .await;
}

#[tokio::test]
async fn with_a_public_url_only_its_host_is_accepted() {
    on_each_with(&[("PUBLIC_URL", "https://id.example.com")], async |app| {
        for host in [
            "127.0.0.1",
            "localhost",
            "id.example.com:8443",
            "id.example.com.evil.example",
            "evil.example",
            "id.example.com@evil.example",
            "id.example.com/x",
        ] {
            let page = get_as(app, host, "/login").await;
            assert_eq!(page.status.as_u16(), 421, "{host}: {page:?}");
            assert!(page.body.contains(&message_text("error-unknown-host", &[])));
        }
        for host in ["id.example.com", "id.example.com:443", "ID.EXAMPLE.COM"] {
            assert_eq!(get_as(app, host, "/login").await.status.as_u16(), 200, "{host}");
        }
        let registered = app.client().register(&fresh_mobile()).await;
        assert_eq!(registered.status.as_u16(), 201, "{registered:?}");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_host_is_refused_before_anything_is_done() {
    on_each(async |app| {
        let id = uuid::Uuid::new_v4().to_string();
        let response = get_as(app, "evil.example", &format!("/api/v1/captchas/{id}")).await;

        assert_eq!(response.status.as_u16(), 421);
        assert_eq!(app.answer_of(&id).await, None);
    })
    .await;
}

#[tokio::test]
async fn health_checks_accept_any_host() {
    on_each(async |app| {
        for (path, body) in [("/healthz", r#"{"status":"up"}"#), ("/readyz", r#"{"status":"up"}"#)]
        {
            let response = get_as(app, "10.0.0.7:8080", path).await;
            assert_eq!(
                (response.status.as_u16(), response.body.as_str()),
                (200, body),
                "{response:?}"
            );
        }
    })
    .await;
}

/// R46, R49: headers for which a client pretends to be a proxy make no other host acceptable.
#[tokio::test]
async fn forwarded_host_headers_are_ignored() {
    let own = ("PUBLIC_URL", "https://id.example.com");
    for settings in [&[own][..], &[own, ("TRUSTED_PROXIES", "127.0.0.1")]] {
        on_each_with(settings, async |app| {
            for (name, ours, theirs) in [
                ("x-forwarded-host", "id.example.com", "evil.example"),
                ("forwarded", "host=id.example.com", "host=evil.example"),
                ("x-host", "id.example.com", "evil.example"),
            ] {
                let who = app.client();
                let client = test_support::client::client(std::time::Duration::from_secs(30));
                let asked = client.get(format!("{}/login", app.base)).header(HOST, "evil.example");
                let refused = who.send(asked.header(name, ours)).await;
                assert_eq!(refused.status.as_u16(), 421, "{name}: {refused:?}");
                let asked = who.request(Method::GET, "/login?next=/account");
                let response = who.send(asked.header(name, theirs)).await;
                assert_eq!(response.status.as_u16(), 200, "{name}: {response:?}");
                assert!(!response.headers_and_body().contains("evil.example"), "{response:?}");
            }
        })
        .await;
    }
}
