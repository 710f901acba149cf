//! `SITES`: the operator's other sites, to which people return and whose pages may ask who is signed in.

use reqwest::{Method, StatusCode, header::ORIGIN};
use serde_json::json;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::{TestClient, TestResponse},
    sms_codes::other_than,
};

const SITE: &str = "https://shop.example.com";
const SITES: [(&str, &str); 1] = [("SITES", "https://shop.example.com,https://www.example.com")];
const PAGE: &str = "https://shop.example.com/cart?id=7";
const ELSEWHERE: [&str; 5] = [
    "https://evil.example/",
    "https://shop.example.com.evil.example/",
    "https://shop.example.com@evil.example/",
    "http://shop.example.com/cart",
    "//shop.example.com/cart",
];

fn policy(response: &TestResponse) -> &str {
    response.header("content-security-policy")
}

/// Signs in by each page, and returns where each leads to.
async fn destinations(app: &TestApp, next: &str) -> [String; 3] {
    let mobile = fresh_mobile();
    app.client().register(&mobile).await;
    app.skip_resend_wait().await;
    let password = [("login", &*mobile), ("password", PASSWORD), ("next", next)];
    let responses = [
        app.client().post_form("/login", &password).await,
        by_code(app, ("/login", "login"), &mobile, &[("by", "sms"), ("next", next)]).await,
        by_code(
            app,
            ("/register", "register"),
            &fresh_mobile(),
            &[("password", PASSWORD), ("next", next)],
        )
        .await,
    ];
    responses.map(|response| {
        assert_eq!(response.status, StatusCode::SEE_OTHER, "{:?}", response.messages());
        response.header("location").to_owned()
    })
}

/// Mistypes the code, then types it in. A slip keeps where the person wants to go.
async fn by_code(
    app: &TestApp,
    (page, purpose): (&str, &str),
    mobile: &str,
    own: &[(&str, &str)],
) -> TestResponse {
    let client = app.client();
    let (id, answer) = client.solve_captcha().await;
    let body = json!({ "mobile": mobile, "purpose": purpose, "captcha_id": id, "captcha": answer });
    assert_eq!(client.post_json("/api/v1/sms-codes", &body).await.status, StatusCode::OK);
    app.wait_for_background_tasks().await;
    let code = app.gateway.code_for(mobile);
    let form = [own, &[("mobile", mobile), ("step", "finish")]].concat();
    let wrong = other_than(&code);
    let wrong = [&form[..], &[("sms_code", &*wrong)]].concat();
    let slipped = client.post_form(page, &wrong).await;
    assert!(slipped.status.is_client_error(), "{:?}", slipped.messages());
    client.post_form(page, &[&form[..], &[("sms_code", &*code)]].concat()).await
}

#[tokio::test]
async fn people_return_to_a_site_after_signing_in_and_to_no_other() {
    on_each_with(&SITES, async |app| {
        assert_eq!(destinations(app, PAGE).await, [PAGE; 3]);
        for next in ELSEWHERE {
            assert_eq!(destinations(app, next).await, ["/account"; 3], "{next}");
        }
    })
    .await;
    on_each_with(&[], async |app| {
        assert_eq!(destinations(app, PAGE).await, ["/account"; 3], "without sites");
    })
    .await;
}

/// Chromium applies `form-action` to the redirect that answers a form.
#[tokio::test]
async fn only_the_forms_of_people_who_return_to_a_site_may_lead_there() {
    on_each_with(&SITES, async |app| {
        let client = app.client();
        for page in ["/login?", "/login?by=password&", "/register?", "/reset-password?"] {
            let next = "next=https%3A%2F%2Fshop.example.com%2Fcart%3Fid%3D7";
            let returning = client.get(&format!("{page}{next}")).await;
            assert!(
                policy(&returning).contains("form-action 'self' https://shop.example.com;"),
                "{page}: {returning:?}"
            );
            assert!(returning.body.contains(next), "links keep it: {page}");
            for next in ["", "next=%2Faccount", "next=https%3A%2F%2Fevil.example%2F"] {
                let other = client.get(&format!("{page}{next}")).await;
                assert!(policy(&other).contains("form-action 'self';"), "{page}{next}: {other:?}");
            }
        }
        let fields = [("login", "nobody"), ("password", "wrong horse 7"), ("next", PAGE)];
        let refused = client.post_form("/login", &fields).await;
        assert!(
            policy(&refused).contains("form-action 'self' https://shop.example.com;"),
            "{refused:?}"
        );
    })
    .await;
}

/// Asks as a page of `origin` does.
async fn ask(client: &TestClient<'_>, method: Method, path: &str, origin: &str) -> TestResponse {
    let request = client.request_without_origin(method, path).header(ORIGIN, origin);
    client.send(request.header("sec-fetch-site", "same-site")).await
}

#[tokio::test]
async fn pages_of_a_site_ask_who_is_signed_in_and_get_a_token() {
    on_each_with(&SITES, async |app| {
        let mobile = fresh_mobile();
        let client = app.client().signed_in(&mobile).await;
        for path in ["/api/v1/session", "/api/v1/session/jwt"] {
            for origin in [SITE, "https://www.example.com"] {
                let answer = ask(&client, Method::GET, path, origin).await;
                assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
                assert_eq!(answer.header("access-control-allow-origin"), origin);
                assert_eq!(answer.header("access-control-allow-credentials"), "true");
                assert!(answer.header("vary").to_lowercase().contains("origin"), "{answer:?}");
            }
            // Also who is not signed in learns it.
            let nobody = ask(&app.client(), Method::GET, path, SITE).await;
            assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
            assert_eq!(nobody.header("access-control-allow-origin"), SITE);
            for origin in ["https://evil.example", "null", "https://shop.example.com.evil.example"]
            {
                let answer = ask(&client, Method::GET, path, origin).await;
                assert_eq!(answer.header("access-control-allow-origin"), "", "{answer:?}");
            }
        }
        for path in ["/api/v1/sessions", "/api/v1/user/devices", "/account"] {
            let answer = ask(&client, Method::GET, path, SITE).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{path}: {answer:?}");
        }
    })
    .await;
    on_each_with(&[], async |app| {
        let answer = ask(&app.client(), Method::GET, "/api/v1/session", SITE).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "without sites");
    })
    .await;
}

#[tokio::test]
async fn a_page_of_a_site_signs_its_reader_out_and_changes_nothing_else() {
    on_each_with(&SITES, async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        for (method, path) in [
            (Method::POST, "/api/v1/session"),
            (Method::DELETE, "/api/v1/sessions"),
            (Method::DELETE, "/api/v1/user"),
            (Method::POST, "/logout"),
        ] {
            let refused = ask(&client, method, path, SITE).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}: {refused:?}");
        }
        let evil = ask(&client, Method::DELETE, "/api/v1/session", "https://evil.example").await;
        assert_eq!(evil.status, StatusCode::FORBIDDEN, "{evil:?}");
        assert!(client.is_signed_in().await);

        let preflight = client.request_without_origin(Method::OPTIONS, "/api/v1/session");
        let preflight = preflight.header(ORIGIN, SITE).header("sec-fetch-site", "same-site");
        let preflight = preflight.header("access-control-request-method", "DELETE");
        let allowed = client.send(preflight).await;
        assert!(allowed.status.is_success(), "{allowed:?}");
        assert!(allowed.header("access-control-allow-methods").contains("DELETE"), "{allowed:?}");
        let answer = ask(&client, Method::DELETE, "/api/v1/session", SITE).await;

        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), SITE);
        assert!(!client.is_signed_in().await);
    })
    .await;
}
