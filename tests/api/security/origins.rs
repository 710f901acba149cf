//! Requests that another site stands behind.

use reqwest::{Method, RequestBuilder, header::ORIGIN};
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each},
    client::TestClient,
    interface::{Action, INTERFACES, Interface, message_text},
};

/// None, and what web views send, and browsers over http for pages with `no-referrer`.
const ORIGINS_THAT_SAY_NOTHING: [Option<&str>; 2] = [None, Some("null")];

fn from(request: RequestBuilder, origin: Option<&str>) -> RequestBuilder {
    match origin {
        Some(origin) => request.header(ORIGIN, origin),
        None => request,
    }
}

/// Every change there is, over both faces, as a bare request without `Origin`.
fn changes(who: &TestClient<'_>, mobile: &str, captcha: &(String, String)) -> Vec<RequestBuilder> {
    let send = [("mobile", mobile), ("captcha_id", &captcha.0), ("captcha", &captcha.1)];
    let sign_in = [("login", mobile), ("password", PASSWORD)];
    let register = [("mobile", mobile), ("sms_code", "123456"), ("password", PASSWORD)];
    let mut changes = vec![
        who.request_without_origin(Method::POST, "/logout")
            .header("content-type", Interface::Page.content_type()),
        who.request_without_origin(Method::DELETE, "/api/v1/session"),
    ];
    for face in INTERFACES {
        for (deed, fields) in
            [(Action::Send, &send[..]), (Action::Register, &register), (Action::SignIn, &sign_in)]
        {
            let request = who.request_without_origin(Method::POST, face.path(deed));
            let request = request.header("content-type", face.content_type());
            changes.push(request.body(face.body(deed, fields)));
        }
    }
    changes
}

#[tokio::test]
async fn what_another_site_sends_is_refused_and_changes_nothing() {
    on_each(async |haoma| {
        let own = haoma.base.as_str();
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
        let who = haoma.client().signed_in(&mobile).await;
        let texted = haoma.gateway.messages().len();
        let fresh = fresh_mobile();
        let captcha = who.solve_captcha().await;
        for headers in elsewhere {
            for change in changes(&who, &fresh, &captcha) {
                let change =
                    headers.iter().fold(change, |it, (name, value)| it.header(*name, *value));
                let answer = who.send(change).await;

                assert_eq!(answer.status.as_u16(), 403, "{headers:?}: {answer:?}");
                assert!(answer.body.contains(&message_text("error-cross-site", &[])), "{answer:?}");
                assert!(answer.cookies().is_empty());
            }
        }

        assert!(who.is_signed_in().await);
        assert_eq!(haoma.gateway.messages().len(), texted);
        assert_eq!(
            haoma.answer_of(&captcha.0).await,
            Some(captcha.1),
            "the picture is not used up"
        );
    })
    .await;
}

#[tokio::test]
async fn the_envelope_of_a_foreign_request_has_its_number() {
    on_each(async |haoma| {
        let request = haoma.client().request_without_origin(Method::DELETE, "/api/v1/session");
        let answer = haoma.client().send(request.header(ORIGIN, "https://evil.example")).await;

        Interface::Json.assert_refused(&answer, (403, "4201"), "error-cross-site", &[]);
    })
    .await;
}

#[tokio::test]
async fn our_own_pages_are_let_in_by_either_header() {
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        haoma.client().register(&mobile).await;
        let own: [&[(&str, &str)]; 5] = [
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("origin", &haoma.base)],
            &[("sec-fetch-site", "same-origin"), ("origin", &haoma.base)],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        ];
        for headers in own {
            let who = haoma.client();
            Interface::Json
                .assert_success(&Interface::Json.sign_in(&who, &mobile, PASSWORD).await, 200);
            let out = who.request_without_origin(Method::DELETE, "/api/v1/session");
            let out = headers.iter().fold(out, |it, (name, value)| it.header(*name, *value));
            Interface::Json.assert_success(&who.send(out).await, 200);
            assert!(!who.is_signed_in().await, "{headers:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn with_neither_header_no_cookie_is_believed() {
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        let who = haoma.client().signed_in(&mobile).await;

        for origin in ORIGINS_THAT_SAY_NOTHING {
            let json = who
                .send(from(who.request_without_origin(Method::DELETE, "/api/v1/session"), origin))
                .await;
            let page =
                who.send(from(who.request_without_origin(Method::POST, "/logout"), origin)).await;

            Interface::Json.assert_refused(&json, (403, "4201"), "error-origin-missing", &[]);
            Interface::Page.assert_refused(&page, (403, "4201"), "error-origin-missing", &[]);
            assert!(json.cookies().is_empty() && page.cookies().is_empty());
            assert!(who.is_signed_in().await, "still signed in");
        }
    })
    .await;
}

#[tokio::test]
async fn a_program_without_cookies_needs_neither_header() {
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        haoma.client().register(&mobile).await;
        let fields = [("login", &*mobile), ("password", PASSWORD)];
        for (face, origin) in
            INTERFACES.into_iter().flat_map(|it| ORIGINS_THAT_SAY_NOTHING.map(|o| (it, o)))
        {
            let who = haoma.client();
            let request =
                from(who.request_without_origin(Method::POST, face.path(Action::SignIn)), origin);
            let request = request.header("content-type", face.content_type());

            let answer = who.send(request.body(face.body(Action::SignIn, &fields))).await;

            face.assert_success(&answer, 200);
            assert!(who.is_signed_in().await, "{face:?} {origin:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn no_other_site_may_read_an_answer() {
    on_each(async |haoma| {
        let who = haoma.client();
        for method in [Method::GET, Method::OPTIONS] {
            let request = who
                .request_without_origin(method, "/api/v1/session")
                .header(ORIGIN, "https://evil.example");
            let request = request.header("access-control-request-method", "POST");
            let answer = who.send(request).await;
            let cors = answer.headers.keys().filter(|it| it.as_str().starts_with("access-control"));
            assert_eq!(cors.count(), 0, "{answer:?}");
            assert!(!answer.headers_and_body().contains("evil.example"));
        }
    })
    .await;
}
