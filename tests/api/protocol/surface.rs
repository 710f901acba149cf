//! Paths, methods and bodies.

use reqwest::Method;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each},
    client::FORM,
    interface::{ACTIONS, INTERFACES, Interface, OWN_INTERFACES},
};

#[tokio::test]
async fn an_unknown_path_is_told_in_the_readers_form() {
    on_each(async |haoma| {
        let who = haoma.client();
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
            let page = who.get(path).await;
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
            let json = who.get(path).await;
            Interface::Json.assert_refused(&json, (404, "4002"), "error-not-found", &[]);
            assert_eq!(json.header("content-type"), "application/json");
        }
    })
    .await;
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_refused_and_the_others_are_named() {
    on_each(async |haoma| {
        let who = haoma.client();
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
                let answer = who.send(who.request(method.clone(), path)).await;
                assert_eq!(answer.status.as_u16(), 405, "{method} {path}: {answer:?}");
                assert_eq!(answer.header("allow"), allow);
                if path.starts_with("/api/") {
                    Interface::Json.assert_refused(
                        &answer,
                        (405, "4201"),
                        "error-method-not-allowed",
                        &[],
                    );
                } else if method != Method::HEAD {
                    Interface::Page.assert_refused(
                        &answer,
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
    on_each(async |haoma| {
        let who = haoma.client().signed_in(&fresh_mobile()).await;
        let request = who.request(Method::GET, "/api/v1/session?_method=DELETE");
        let answer = who.send(request.header("x-http-method-override", "DELETE")).await;

        assert_eq!(answer.status.as_u16(), 200);
        assert!(who.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn where_there_is_get_there_is_head() {
    on_each(async |haoma| {
        let who = haoma.client().signed_in(&fresh_mobile()).await;
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
            let get = who.get(path).await;
            let head = who.send(who.request(Method::HEAD, path)).await;

            assert_eq!(head.status, get.status, "{path}");
            assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
            assert!(head.body.is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_larger_than_any_honest_one_is_refused() {
    on_each(async |haoma| {
        for (face, deed) in INTERFACES.iter().flat_map(|it| ACTIONS.map(|deed| (*it, deed))) {
            let just = face.body(deed, &[("password", &"x".repeat(16 * 1024 - 200))]);
            assert!(just.len() <= 16 * 1024);
            for extra in [1, 100_000] {
                let large = face.body(deed, &[("password", &"x".repeat(16 * 1024 + extra))]);
                let path = face.path(deed);
                let refused = haoma.client().post_body(path, face.content_type(), large).await;
                face.assert_refused(&refused, (413, "4103"), "error-too-large", &[]);
            }
            let read = haoma.client().post_body(face.path(deed), face.content_type(), just).await;
            assert_eq!(read.status.as_u16(), face.status(400), "{read:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    on_each(async |haoma| {
        for (face, deed) in OWN_INTERFACES.iter().flat_map(|it| ACTIONS.map(|deed| (*it, deed))) {
            let other = match face {
                // On the addresses of pages JSON is a dialect's.
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
                let body = face.body(deed, &[("mobile", "13800138000")]);
                let refused = haoma.client().post_body(face.path(deed), content_type, body).await;
                face.assert_refused(&refused, (415, "4103"), "error-unsupported-type", &[]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_right_type_may_name_its_alphabet() {
    on_each(async |haoma| {
        for (face, deed) in OWN_INTERFACES.iter().flat_map(|it| ACTIONS.map(|deed| (*it, deed))) {
            for kind in [
                format!("{}; charset=utf-8", face.content_type()),
                face.content_type().to_uppercase(),
            ] {
                let body = face.body(deed, &[("password", "x")]);
                let read = haoma.client().post_body(face.path(deed), &kind, body).await;
                assert_eq!(read.status.as_u16(), 400, "{kind}: {read:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused() {
    on_each(async |haoma| {
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
        for deed in ACTIONS {
            for body in &broken {
                let answer = haoma
                    .client()
                    .post_body(Interface::Json.path(deed), "application/json", body.clone())
                    .await;
                Interface::Json.assert_refused(&answer, (400, "4103"), "error-unreadable", &[]);
            }
            for body in [
                &b"mobile=\xff"[..],
                b"mobile=%ff",
                b"mobile=%c0%80",
                b"%fe=1",
                b"mobile=%ed%a0%80",
            ] {
                let answer =
                    haoma.client().post_body(Interface::Page.path(deed), FORM, body.to_vec()).await;
                Interface::Page.assert_refused(&answer, (400, "4103"), "error-unreadable", &[]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_repeats_nothing_of_what_could_not_be_read() {
    on_each(async |haoma| {
        for body in [
            r#"{"password": 123456789}"#,
            r#"{"password": "geheim" "#,
            r#"{"password": {"geheim": 1}}"#,
        ] {
            let answer =
                haoma.client().post_body("/api/v1/session", "application/json", body).await;
            assert_eq!(answer.status.as_u16(), 400);
            for part in ["123456789", "geheim", "line", "column", "expected"] {
                assert!(!answer.body.contains(part), "{part} in {answer:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_query_is_no_body() {
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        haoma.client().register(&mobile).await;
        let query = test_support::client::form_of(&[("login", &mobile), ("password", PASSWORD)]);
        for face in INTERFACES {
            let path = format!("{}?{query}", face.path(test_support::interface::Action::SignIn));
            let body = face.body(test_support::interface::Action::SignIn, &[]);
            let answer = haoma.client().post_body(&path, face.content_type(), body).await;
            face.assert_field_refused(&answer, "login", "problem-missing");
        }
    })
    .await;
}
