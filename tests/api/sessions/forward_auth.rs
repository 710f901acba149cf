//! The answers to a proxy that asks who is signed in.

use std::time::Duration;

use haoma::stores::tables::sessions;
use reqwest::{
    Method, StatusCode,
    header::{COOKIE, HOST, SET_COOKIE},
};
use serde_json::json;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each, on_each_with},
    client::{TestClient, TestResponse},
    tokens::{ask, bearer, execute, token},
};

const PATH: &str = "/api/v1/forward-auth";

#[tokio::test]
async fn forward_auth_returns_the_signed_in_user() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        assert_eq!(client.request_code(&mobile).await.status, StatusCode::OK);
        let sms_code = app.gateway.code_for(&mobile);
        let tail = mobile.trim_start_matches("139");
        let name = format!("小明_{tail}");
        let body =
            json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD, "name": name });
        let registered = client.post_json("/api/v1/users", &body).await;
        let cookie = registered.header(SET_COOKIE.as_str()).split(';').next().unwrap_or_default();
        let token = token(&client, &mobile).await;
        let host = format!("{HOST}: shop.example.com");
        let keys = [format!("{COOKIE}: {cookie}"), bearer(&token)];

        for key in &keys {
            let seen = ask(app, Method::GET, PATH, &[key, &host]).await;

            let id = registered.json()["data"]["id"].to_string();
            assert_eq!((seen.status, seen.body.as_str()), (StatusCode::OK, ""), "{seen:?}");
            assert_eq!(seen.header("x-haoma-user-id"), id);
            assert_eq!(seen.header("x-haoma-mobile"), mobile);
            let encoded = format!("%E5%B0%8F%E6%98%8E_{tail}");
            assert_eq!(seen.header("x-haoma-name"), encoded);
            assert_eq!(seen.header("x-haoma-session").len(), 36);
            assert_eq!(seen.header("cache-control"), "no-store");
        }
        let anonymous = ask(app, Method::GET, PATH, &[&host]).await;
        assert_eq!(
            (anonymous.status, anonymous.errno().as_str()),
            (StatusCode::UNAUTHORIZED, "4101")
        );
        let elsewhere = ask(app, Method::GET, "/api/v1/session", &[&keys[0], &host]).await;
        assert_eq!(elsewhere.status, StatusCode::MISDIRECTED_REQUEST, "this path alone");
        let post = ask(app, Method::POST, PATH, &[&keys[1], &host]).await;
        assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
    })
    .await;
}

#[tokio::test]
async fn a_session_ended_by_another_instance_is_refused_a_second_later() {
    on_each_with(&[("SESSION_CACHE_MILLISECONDS", "1000")], async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let id = client.register(&mobile).await.json()["data"]["id"].as_i64().expect("an id");
        let key = bearer(&token(&client, &mobile).await);
        for _ in 0..3 {
            assert_eq!(client.get(PATH).await.status, StatusCode::OK);
            assert_eq!(ask(app, Method::GET, PATH, &[&key]).await.status, StatusCode::OK);
        }

        // The session is ended as another instance would do it, without the knowledge of this one.
        let ended = app
            .state
            .db
            .write(async move |connection| sessions::delete_all(connection, id).await)
            .await;
        assert_eq!(ended.expect("answers"), 2);
        app.advance(Duration::from_secs(1)).await;

        assert_eq!(client.get(PATH).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(ask(app, Method::GET, PATH, &[&key]).await.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

/// The header that a proxy forwards when a browser navigates to a page.
const NAVIGATES: (&str, &str) = ("sec-fetch-mode", "navigate");

/// Sends the request of a proxy, with the host name by which it knows Haoma.
async fn auth_request(client: &TestClient<'_>, headers: &[(&str, &str)]) -> TestResponse {
    let request = client.request_without_origin(Method::GET, PATH);
    client
        .send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
        .await
}

#[tokio::test]
async fn a_page_request_without_a_session_is_redirected_to_sign_in_and_back() {
    on_each_with(&[("PUBLIC_URL", "https://www.example.com")], async |app| {
        let anonymous = app.client();
        let wanted = "/orders?q=50%25%20off&r=a+b%26c";
        let page =
            "https://www.example.com/login?next=%2Forders%3Fq%3D50%2525%2520off%26r%3Da%2Bb%2526c";
        for (name, value, status) in [
            ("x-forwarded-uri", wanted, 303),
            ("x-original-uri", wanted, 401),
            ("x-original-url", &format!("https://www.example.com{wanted}"), 401),
        ] {
            let sent = auth_request(&anonymous, &[(name, value), NAVIGATES]).await;
            assert_eq!((sent.status.as_u16(), sent.header("location")), (status, page), "{sent:?}");
            assert_eq!(sent.header("cache-control"), "no-store");
            if status == 401 {
                assert_eq!(sent.errno(), "4101");
            }
            let fetched =
                auth_request(&anonymous, &[(name, value), ("sec-fetch-mode", "cors")]).await;
            assert_eq!((fetched.status.as_u16(), fetched.errno().as_str()), (401, "4101"));
            assert_eq!(fetched.header("location"), "");
        }
        for host in ["www.example.com", "haoma:8080"] {
            let client = test_support::client::client(Duration::from_secs(30));
            let request = client.get(format!("{}{PATH}", app.base)).header(HOST, host);
            let request = request.header("x-forwarded-uri", "/").header(NAVIGATES.0, NAVIGATES.1);
            let sent = anonymous.send(request).await;
            assert_eq!(sent.header("location"), "https://www.example.com/login?next=%2F");
        }
        let elsewhere = [("x-forwarded-uri", "/"), NAVIGATES, ("x-forwarded-host", "evil.example")];
        let refused = auth_request(&anonymous, &elsewhere).await;
        assert_eq!(refused.status.as_u16(), 401, "{refused:?}");
        assert!(!refused.headers_and_body().contains("evil.example"));
        for uri in ["//evil.example", "/\\evil.example", "https://evil.example/", "x"] {
            let sent = auth_request(&anonymous, &[("x-forwarded-uri", uri), NAVIGATES]).await;
            assert_eq!(sent.header("location"), "https://www.example.com/login", "{uri}");
        }
    })
    .await;
}

/// The site on the same host may set many cookies.
#[tokio::test]
async fn large_cookies_of_the_site_are_accepted() {
    on_each(async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        let own = format!("haoma={}", client.cookie_jar()["haoma"]);
        let large = format!("{own}; site={}", "x".repeat(40_000));
        let anonymous = app.client();
        let with = |path, cookie: &str| {
            anonymous.request_without_origin(Method::GET, path).header(COOKIE, cookie)
        };

        let many = (0..80).fold(with(PATH, &large), |request, number| {
            request.header(format!("x-site-{number}"), "x".repeat(500))
        });
        assert_eq!(anonymous.send(many).await.status, StatusCode::OK);
        let stranger = anonymous.send(with(PATH, &large.replace("haoma=", "other="))).await;
        assert_eq!((stranger.status.as_u16(), stranger.errno().as_str()), (401, "4101"));
        assert_eq!(anonymous.send(with("/login", &large)).await.status, StatusCode::OK);
        assert_eq!(anonymous.send(with("/api/v1/session", &large)).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_failure_during_a_page_request_is_an_error_page() {
    on_each(async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        execute(app, "DROP TABLE sessions").await;

        let shown = auth_request(&client, &[("x-forwarded-uri", "/orders?id=7"), NAVIGATES]).await;
        let of_forwarded_uri = auth_request(&client, &[("x-forwarded-uri", "/orders?id=7")]).await;
        let of_nginx =
            auth_request(&client, &[("x-original-uri", "/orders?id=7"), NAVIGATES]).await;

        assert_eq!(shown.status.as_u16(), 503, "{shown:?}");
        assert_eq!(shown.header("content-type"), "text/html; charset=utf-8", "{shown:?}");
        for json in [of_forwarded_uri, of_nginx] {
            assert_eq!((json.status.as_u16(), json.errno().as_str()), (503, "4001"));
        }
    })
    .await;
}
