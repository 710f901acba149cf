//! Paths, methods and bodies.

use reqwest::Method;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each},
    client::FORM,
    interface::{ACTIONS, INTERFACES, Interface, OWN_INTERFACES, interfaces},
};

#[tokio::test]
async fn an_unknown_path_is_answered_as_page_or_json() {
    on_each(async |app| {
        let client = app.client();
        for path in [
            "/nowhere",
            "/account/x.css",
            "/static/nothing.css",
            "/static/..%2f..%2fCargo.toml",
            "/account/x/",
            "//",
            "/apis",
            "/REGISTER",
            "/%00",
            "/%ff",
        ] {
            let page = client.get(path).await;
            Interface::Page.assert_refused(&page, (404, "4002"), "error-not-found", &[]);
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        }
        for path in [
            "/api",
            "/api/",
            "/api/v1",
            "/api/v1/nothing",
            "/api/v2/session",
            "/api/v1/session/",
            "/api/v1/captchas/",
            "/api/v1/captchas/a/b",
        ] {
            let json = client.get(path).await;
            Interface::Json.assert_refused(&json, (404, "4002"), "error-not-found", &[]);
            assert_eq!(json.header("content-type"), "application/json");
        }
    })
    .await;
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_refused_and_the_others_are_named() {
    on_each(async |app| {
        let client = app.client();
        let trace = Method::TRACE;
        let cases = [
            ("/api/v1/session", "GET, POST, DELETE", [Method::PUT, Method::PATCH, trace.clone()]),
            ("/api/v1/users", "POST", [Method::GET, Method::DELETE, trace.clone()]),
            ("/api/v1/sms-codes", "POST", [Method::GET, Method::PUT, Method::OPTIONS]),
            ("/api/v1/captchas/x", "GET", [Method::POST, Method::PUT, Method::DELETE]),
            ("/reset-password", "GET, POST", [Method::PUT, Method::DELETE, trace.clone()]),
            ("/account/sessions", "POST", [Method::GET, Method::HEAD, trace]),
        ];
        for (path, allow, methods) in cases {
            for method in methods {
                let response = client.send(client.request(method.clone(), path)).await;
                assert_eq!(response.status.as_u16(), 405, "{method} {path}: {response:?}");
                assert_eq!(response.header("allow"), allow);
                if path.starts_with("/api/") {
                    Interface::Json.assert_refused(
                        &response,
                        (405, "4201"),
                        "error-method-not-allowed",
                        &[],
                    );
                } else if method != Method::HEAD {
                    Interface::Page.assert_refused(
                        &response,
                        (405, "4201"),
                        "error-method-not-allowed",
                        &[],
                    );
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_method_cannot_be_overridden() {
    on_each(async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        let request = client.request(Method::GET, "/api/v1/session?_method=DELETE");
        let response = client.send(request.header("x-http-method-override", "DELETE")).await;

        assert_eq!(response.status.as_u16(), 200);
        assert!(client.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn every_get_route_answers_head() {
    on_each(async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        for path in [
            "/register",
            "/login",
            "/account",
            "/",
            "/api/v1/session",
            "/healthz",
            "/readyz",
            "/nowhere",
        ] {
            let get = client.get(path).await;
            let head = client.send(client.request(Method::HEAD, path)).await;

            assert_eq!(head.status, get.status, "{path}");
            assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
            assert!(head.body.is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn an_overlong_body_is_refused() {
    on_each(async |app| {
        for (interface, action) in
            INTERFACES.iter().flat_map(|interface| ACTIONS.map(|action| (*interface, action)))
        {
            let just = interface.body(action, &[("password", &"x".repeat(16 * 1024 - 200))]);
            assert!(just.len() <= 16 * 1024);
            for extra in [1, 100_000] {
                let large = interface.body(action, &[("password", &"x".repeat(16 * 1024 + extra))]);
                let path = interface.path(action);
                let refused = app.client().post_body(path, interface.content_type(), large).await;
                interface.assert_refused(&refused, (413, "4103"), "error-too-large", &[]);
            }
            let read = app
                .client()
                .post_body(interface.path(action), interface.content_type(), just)
                .await;
            assert_eq!(read.status.as_u16(), interface.status(400), "{read:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    on_each(async |app| {
        for (interface, action) in
            OWN_INTERFACES.iter().flat_map(|interface| ACTIONS.map(|action| (*interface, action)))
        {
            let other = match interface {
                // At the paths of pages, JSON belongs to a legacy API.
                Interface::Page => "application/cbor",
                Interface::Json | Interface::Ihome | Interface::Passport => FORM,
            };
            for content_type in [
                "",
                other,
                "text/plain",
                "multipart/form-data; boundary=x",
                "application/xml",
                "application/jsonp",
                "application/json-patch+json",
            ] {
                let body = interface.body(action, &[("mobile", "13800138000")]);
                let refused =
                    app.client().post_body(interface.path(action), content_type, body).await;
                interface.assert_refused(&refused, (415, "4103"), "error-unsupported-type", &[]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_content_type_may_name_its_charset() {
    on_each(async |app| {
        for (interface, action) in
            OWN_INTERFACES.iter().flat_map(|interface| ACTIONS.map(|action| (*interface, action)))
        {
            for kind in [
                format!("{}; charset=utf-8", interface.content_type()),
                interface.content_type().to_uppercase(),
            ] {
                let body = interface.body(action, &[("password", "x")]);
                let read = app.client().post_body(interface.path(action), &kind, body).await;
                assert_eq!(read.status.as_u16(), 400, "{kind}: {read:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused() {
    on_each(async |app| {
        let deep = format!("{}{}", "[".repeat(8000), "]".repeat(8000));
        let broken: Vec<Vec<u8>> = vec![
            b"".to_vec(),
            b"{".to_vec(),
            b"[]".to_vec(),
            b"null".to_vec(),
            b"7".to_vec(),
            b"\"x\"".to_vec(),
            b"{\"mobile\":\"1\",}".to_vec(),
            b"{\"mobile\":1}x".to_vec(),
            b"{'mobile':'1'}".to_vec(),
            b"{\"mobile\":\"\xff\xfe\"}".to_vec(),
            b"{\"mobile\":\"\\ud800\"}".to_vec(),
            b"\xef\xbb\xbf{}".to_vec(),
            deep.into_bytes(),
            b"mobile=1".to_vec(),
            b"{\"password\":NaN}".to_vec(),
        ];
        for action in ACTIONS {
            for body in &broken {
                let response = app
                    .client()
                    .post_body(Interface::Json.path(action), "application/json", body.clone())
                    .await;
                Interface::Json.assert_refused(&response, (400, "4103"), "error-unreadable", &[]);
            }
            for body in [
                &b"mobile=\xff"[..],
                b"mobile=%ff",
                b"mobile=%c0%80",
                b"%fe=1",
                b"mobile=%ed%a0%80",
            ] {
                let response =
                    app.client().post_body(Interface::Page.path(action), FORM, body.to_vec()).await;
                Interface::Page.assert_refused(&response, (400, "4103"), "error-unreadable", &[]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_repeats_nothing_of_what_could_not_be_read() {
    on_each(async |app| {
        for body in [
            r#"{"password": 123456789}"#,
            r#"{"password": "geheim" "#,
            r#"{"password": {"geheim": 1}}"#,
        ] {
            let response =
                app.client().post_body("/api/v1/session", "application/json", body).await;
            assert_eq!(response.status.as_u16(), 400);
            for part in ["123456789", "geheim", "line", "column", "expected"] {
                assert!(!response.body.contains(part), "{part} in {response:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn fields_in_the_query_are_not_read_as_body() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let query = test_support::client::form_of(&[("login", &mobile), ("password", PASSWORD)]);
        for interface in interfaces() {
            let path =
                format!("{}?{query}", interface.path(test_support::interface::Action::SignIn));
            let body = interface.body(test_support::interface::Action::SignIn, &[]);
            let response = app.client().post_body(&path, interface.content_type(), body).await;
            let action = test_support::interface::Action::SignIn;
            interface.assert_field_missing(&response, action, "login");
        }
    })
    .await;
}
