//! Requests that another site causes.

use reqwest::{Method, RequestBuilder, header::ORIGIN};
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each},
    client::TestClient,
    interface::{Action, INTERFACES, Interface, interfaces, message_text},
};

/// No `Origin`, and what web views send, and browsers over http for pages with `no-referrer`.
const ORIGINS_THAT_SAY_NOTHING: [Option<&str>; 2] = [None, Some("null")];

fn from(request: RequestBuilder, origin: Option<&str>) -> RequestBuilder {
    match origin {
        Some(origin) => request.header(ORIGIN, origin),
        None => request,
    }
}

/// Returns every request that changes something, on every interface, without `Origin`.
fn changes(
    client: &TestClient<'_>,
    mobile: &str,
    captcha: &(String, String),
) -> Vec<RequestBuilder> {
    let send = [("mobile", mobile), ("captcha_id", &captcha.0), ("captcha", &captcha.1)];
    let sign_in = [("login", mobile), ("password", PASSWORD)];
    let register = [("mobile", mobile), ("sms_code", "123456"), ("password", PASSWORD)];
    let mut changes = vec![
        client
            .request_without_origin(Method::POST, "/logout")
            .header("content-type", Interface::Page.content_type()),
        client.request_without_origin(Method::DELETE, "/api/v1/session"),
    ];
    for interface in interfaces() {
        for (action, fields) in
            [(Action::Send, &send[..]), (Action::Register, &register), (Action::SignIn, &sign_in)]
        {
            let request = client.request_without_origin(Method::POST, interface.path(action));
            let request = request.header("content-type", interface.content_type());
            changes.push(request.body(interface.body(action, fields)));
        }
    }
    changes
}

#[tokio::test]
async fn cross_site_requests_are_refused_and_change_nothing() {
    on_each(async |app| {
        let own = app.base.as_str();
        let elsewhere: [&[(&str, &str)]; 9] = [
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", own)],
            &[("sec-fetch-site", "")],
            &[("origin", "https://evil.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "null")],
            &[("origin", "")],
            &[("origin", "http://127.0.0.1")],
            &[("origin", "http://127.0.0.1.evil.example")],
        ];
        let mobile = fresh_mobile();
        let client = app.client().signed_in(&mobile).await;
        let texted = app.gateway.messages().len();
        let fresh = fresh_mobile();
        let captcha = client.solve_captcha().await;
        for headers in elsewhere {
            for change in changes(&client, &fresh, &captcha) {
                let change = headers
                    .iter()
                    .fold(change, |request, (name, value)| request.header(*name, *value));
                let response = client.send(change).await;

                assert_eq!(response.status.as_u16(), 403, "{headers:?}: {response:?}");
                let is_json = response.header("content-type") == "application/json";
                let key = if is_json { "json-cross-site" } else { "error-cross-site" };
                assert!(response.body.contains(&message_text(key, &[])), "{response:?}");
                assert!(response.cookies().is_empty());
            }
        }

        assert!(client.is_signed_in().await);
        assert_eq!(app.gateway.messages().len(), texted);
        assert_eq!(app.answer_of(&captcha.0).await, Some(captcha.1), "the picture is not used up");
    })
    .await;
}

#[tokio::test]
async fn the_refusal_of_a_cross_site_request_has_its_errno() {
    on_each(async |app| {
        let request = app.client().request_without_origin(Method::DELETE, "/api/v1/session");
        let response = app.client().send(request.header(ORIGIN, "https://evil.example")).await;

        Interface::Json.assert_refused(&response, (403, "4201"), "error-cross-site", &[]);
    })
    .await;
}

#[tokio::test]
async fn same_origin_requests_are_accepted_by_either_header() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let own: [&[(&str, &str)]; 5] = [
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("origin", &app.base)],
            &[("sec-fetch-site", "same-origin"), ("origin", &app.base)],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        ];
        for headers in own {
            let client = app.client();
            Interface::Json
                .assert_success(&Interface::Json.sign_in(&client, &mobile, PASSWORD).await, 200);
            let out = client.request_without_origin(Method::DELETE, "/api/v1/session");
            let out =
                headers.iter().fold(out, |request, (name, value)| request.header(*name, *value));
            Interface::Json.assert_success(&client.send(out).await, 200);
            assert!(!client.is_signed_in().await, "{headers:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn without_either_header_cookies_are_ignored() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let client = app.client().signed_in(&mobile).await;

        for origin in ORIGINS_THAT_SAY_NOTHING {
            let json = client
                .send(from(
                    client.request_without_origin(Method::DELETE, "/api/v1/session"),
                    origin,
                ))
                .await;
            let page = client
                .send(from(client.request_without_origin(Method::POST, "/logout"), origin))
                .await;

            Interface::Json.assert_refused(&json, (403, "4201"), "error-origin-missing", &[]);
            Interface::Page.assert_refused(&page, (403, "4201"), "error-origin-missing", &[]);
            assert!(json.cookies().is_empty() && page.cookies().is_empty());
            assert!(client.is_signed_in().await, "still signed in");
        }
    })
    .await;
}

#[tokio::test]
async fn a_program_without_cookies_needs_neither_header() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let fields = [("login", &*mobile), ("password", PASSWORD)];
        for (interface, origin) in INTERFACES
            .into_iter()
            .flat_map(|interface| ORIGINS_THAT_SAY_NOTHING.map(|o| (interface, o)))
        {
            let client = app.client();
            let request = from(
                client.request_without_origin(Method::POST, interface.path(Action::SignIn)),
                origin,
            );
            let request = request.header("content-type", interface.content_type());

            let response = client.send(request.body(interface.body(Action::SignIn, &fields))).await;

            interface.assert_success(&response, 200);
            assert!(client.is_signed_in().await, "{interface:?} {origin:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn no_other_site_may_read_an_answer() {
    on_each(async |app| {
        let client = app.client();
        for method in [Method::GET, Method::OPTIONS] {
            let request = client
                .request_without_origin(method, "/api/v1/session")
                .header(ORIGIN, "https://evil.example");
            let request = request.header("access-control-request-method", "POST");
            let response = client.send(request).await;
            let cors =
                response.headers.keys().filter(|key| key.as_str().starts_with("access-control"));
            assert_eq!(cors.count(), 0, "{response:?}");
            assert!(!response.headers_and_body().contains("evil.example"));
        }
    })
    .await;
}
