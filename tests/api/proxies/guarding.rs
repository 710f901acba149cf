//! The answers that browsers, programs and the site get behind each proxy.

use std::net::IpAddr;

use haoma::stores::tables::sessions;
use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE},
};
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, on_each_backends},
    logs,
    tokens::text_at,
};

use super::{HTML, KINDS, Kind, Proxy, Site, behind_each, behind_each_with, registered_user};

const ASKED: &str = "/orders?id=7";

/// Addresses that change if anything on the way decodes or encodes them once too often.
const ADDRESSES: [&str; 7] = [
    "/",
    "/orders?id=7&kind=a",
    "/orders?q=50%25%20off",
    "/orders?q=a+b%26c&r=%2B%23",
    "/%E4%BD%A0?q=%E5%A5%BD&r=%27x%27",
    "/orders?next=/login%3Fnext=%252F",
    "/orders?",
];

/// Returns a request of a browser that navigates to a page.
fn goes_to(proxy: &Proxy, path: &str) -> RequestBuilder {
    proxy.request(Method::GET, path).header(ACCEPT, HTML)
}

#[tokio::test]
async fn the_site_gets_the_signed_in_user() {
    behind_each(async |app, proxy| {
        let (id, mobile) = registered_user(app).await;
        let (cookie, _) = proxy.sign_in(&mobile, ASKED).await;
        for path in [ASKED, "/static/site.css"] {
            let known = proxy.seen(goes_to(proxy, path).header(COOKIE, &cookie)).await;

            assert_eq!(known.status, StatusCode::OK, "{known:?}");
            assert_eq!(known.received("x-haoma-user-id"), [&id]);
            assert_eq!(known.received("x-haoma-mobile"), [&mobile]);
            assert_eq!(known.received("x-haoma-name").len(), 1);
            assert_eq!(known.received("x-haoma-session").len(), 1);
        }
        let large = proxy.request(Method::POST, ASKED).header(COOKIE, &cookie);
        let large = proxy.seen(large.body("x".repeat(500_000))).await;
        assert_eq!(large.status, StatusCode::OK, "the body goes to the site only: {large:?}");
    })
    .await;
}

#[tokio::test]
async fn signing_in_returns_to_the_exact_address() {
    behind_each(async |app, proxy| {
        let (_, mobile) = registered_user(app).await;
        for address in ADDRESSES {
            let sent = proxy.seen(goes_to(proxy, address)).await;
            assert_eq!(sent.status, StatusCode::SEE_OTHER, "{:?}: {sent:?}", proxy.kind);
            assert_eq!(sent.location(), proxy.sign_in_page(address), "{:?}", proxy.kind);
            let page = sent.location().strip_prefix(&proxy.base).expect("the same host").to_owned();
            let page = goes_to(proxy, &page).send().await.expect("an answer");
            let page = page.text().await.expect("a page");
            let (_, next) = page.split_once("name=\"next\" value=\"").expect("the way back");
            let next = next.split('"').next().expect("its end");
            let next = next.replace("&#x27;", "'").replace("&#x2F;", "/").replace("&amp;", "&");
            assert_eq!(next, address);

            let (_, led_to) = proxy.sign_in(&mobile, &next).await;
            assert_eq!(led_to, address, "{:?}", proxy.kind);
        }
        let sheet = goes_to(proxy, "/login").send().await.expect("an answer");
        let sheet = sheet.text().await.expect("a page");
        let sheet =
            sheet.split('"').find(|part| part.starts_with("/static/haoma.")).expect("a sheet");
        let sheet = goes_to(proxy, sheet).send().await.expect("an answer");
        assert_eq!(sheet.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
    })
    .await;
}

#[tokio::test]
async fn a_return_address_that_is_too_long_does_not_prevent_signing_in() {
    behind_each(async |_, proxy| {
        let address = format!("/orders?q={}", "%25".repeat(1000));

        let sent = proxy.seen(goes_to(proxy, &address)).await;

        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        assert_eq!(sent.location(), format!("{}/login", proxy.base));
    })
    .await;
}

#[tokio::test]
async fn scripts_and_forms_without_a_session_get_json() {
    behind_each(async |_, proxy| {
        let by_script = |request: RequestBuilder| request.header("sec-fetch-mode", "cors");
        let browser = |method| proxy.request(method, ASKED).header(ACCEPT, HTML);
        for request in [
            proxy.request(Method::GET, ASKED),
            proxy.request(Method::GET, ASKED).header(ACCEPT, "application/json"),
            by_script(browser(Method::GET)),
            by_script(browser(Method::PUT)).body("x=1"),
            browser(Method::POST).header("sec-fetch-mode", "navigate").body("x=1"),
            browser(Method::POST).body("x".repeat(100_000)),
            browser(Method::DELETE),
        ] {
            proxy.seen(request).await.assert_not_signed_in();
        }
        let navigates = proxy.request(Method::GET, ASKED).header("sec-fetch-mode", "navigate");
        for request in [navigates, browser(Method::HEAD)] {
            let sent = proxy.seen(request).await;
            assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
            assert_eq!(sent.location(), proxy.sign_in_page(ASKED));
        }
    })
    .await;
}

#[tokio::test]
async fn user_headers_of_a_client_do_not_reach_the_site() {
    behind_each(async |app, proxy| {
        let (id, mobile) = registered_user(app).await;
        let (cookie, _) = proxy.sign_in(&mobile, ASKED).await;
        let made_up = |request: RequestBuilder| {
            ["X-Haoma-User-Id", "x-haoma-mobile", "X-Haoma-Name", "X-Haoma-Session"]
                .into_iter()
                .chain(["X_Haoma_User_Id", "X-Haoma_User-Id", "x-haoma-user_id", "X_HAOMA-MOBILE"])
                .fold(request, |request, name| request.header(name, "1"))
        };
        let elsewhere = |request: RequestBuilder| {
            ["x-original-uri", "x-original-url", "x-forwarded-uri"]
                .into_iter()
                .fold(made_up(request), |request, name| request.header(name, "http://a.example/b"))
                .header("x-forwarded-host", "evil.example")
                .header("x-forwarded-method", "GET")
                .header("x-original-method", "GET")
        };

        let anonymous = proxy.seen(elsewhere(goes_to(proxy, ASKED))).await;
        let script = proxy.seen(elsewhere(proxy.request(Method::GET, ASKED))).await;
        let form = elsewhere(proxy.request(Method::POST, ASKED).header(ACCEPT, HTML));
        let form = proxy.seen(form).await;
        let known = goes_to(proxy, ASKED).header(COOKIE, &cookie);
        let known = proxy.seen(elsewhere(known)).await;
        let inside = proxy.request(Method::GET, "/api/v1/forward-auth").header(COOKIE, &cookie);
        let inside = proxy.seen(inside).await;

        assert_eq!(anonymous.status, StatusCode::SEE_OTHER, "{:?}: {anonymous:?}", proxy.kind);
        assert_eq!(anonymous.location(), proxy.sign_in_page(ASKED), "{:?}", proxy.kind);
        script.assert_not_signed_in();
        form.assert_not_signed_in();
        assert_eq!(known.received("x-haoma-user-id"), [&id]);
        assert_eq!(known.received("x-haoma-mobile"), [&mobile]);
        let names = known.received.iter().map(|(name, _)| name.replace('_', "-"));
        let of_haoma: Vec<_> = names.filter(|name| name.contains("haoma")).collect();
        assert_eq!(of_haoma.len(), 4, "{:?}: {of_haoma:?}", proxy.kind);
        if proxy.kind == Kind::Traefik {
            assert_eq!(inside.received("x-haoma-user-id"), [&id], "the site is asked: {inside:?}");
        } else {
            assert_eq!(inside.status, StatusCode::NOT_FOUND, "{inside:?}");
        }
    })
    .await;
}

/// The cookies and headers of the site are as large as the proxies accept.
#[tokio::test]
async fn cookies_of_the_site_neither_sign_in_nor_disturb() {
    behind_each(async |app, proxy| {
        let (id, mobile) = registered_user(app).await;
        let (cookie, _) = proxy.sign_in(&mobile, ASKED).await;
        let large = |cookie: &str, request: RequestBuilder| {
            let request = request.header(COOKIE, format!("{cookie}; site={}", "x".repeat(7000)));
            // HAProxy accepts heads of 16 KiB at most.
            let others = if proxy.kind == Kind::Haproxy { 0 } else { 2 };
            (0..others).fold(request, |request, number| {
                request.header(format!("x-site-{number}"), "x".repeat(7000))
            })
        };

        let known = proxy.seen(large(&cookie, goes_to(proxy, ASKED))).await;
        let anonymous = proxy.seen(large("a=b", goes_to(proxy, ASKED))).await;
        let script = proxy.seen(large("a=b", proxy.request(Method::GET, ASKED))).await;

        assert_eq!(known.received("x-haoma-user-id"), [&id], "{:?}: {}", proxy.kind, known.status);
        assert_eq!(anonymous.status, StatusCode::SEE_OTHER, "{:?}", proxy.kind);
        script.assert_not_signed_in();
    })
    .await;
}

/// The sub-request contains the client's address as the proxy has seen it.
#[tokio::test]
async fn a_client_chooses_neither_its_address_nor_its_request_id() {
    logs::install();
    behind_each_with(&[("TRUSTED_PROXIES", "127.0.0.1")], async |app, proxy| {
        // Another address of this machine, which is not trusted.
        let here: IpAddr = [127, 0, 7, 9].into();
        let client = reqwest::Client::builder().local_address(here).no_proxy().build();
        let client = client.expect("a client");
        let ask = async |path: &str| {
            let request = client.get(format!("{}{path}", proxy.base));
            let request = request.header("x-forwarded-for", "6.6.6.6");
            proxy.seen(request.header("x-request-id", "made-up")).await
        };
        for path in [ASKED, "/api/v1/session"] {
            let refused = ask(path).await;

            refused.assert_not_signed_in();
            let name = refused.headers["x-request-id"].to_str().expect("text");
            assert_ne!(name, "made-up");
            let lines = logs::lines_of(name);
            assert!(!lines.is_empty(), "{:?}: {path}", proxy.kind);
            for line in lines {
                assert!(line.contains(" address=127.0.7.9 "), "{:?}: {line}", proxy.kind);
            }
        }
        let (id, mobile) = registered_user(app).await;
        let (cookie, _) = proxy.sign_in(&mobile, ASKED).await;
        let known = proxy.request(Method::GET, ASKED).header(COOKIE, &cookie);
        let known = proxy.seen(known.header("x-request-id", "made-up")).await;
        assert_eq!(known.received("x-haoma-user-id"), [&id]);
        assert!(!known.received("x-request-id").contains(&"made-up"), "{known:?}");
    })
    .await;
}

#[tokio::test]
async fn while_haoma_is_down_requests_are_refused_with_a_page() {
    on_each_backends(async |backends| {
        for kind in KINDS {
            let Some(program) = kind.program() else { continue };
            let (app, site) = (backends.open(&[]).await, Site::start());
            let own = app.base.strip_prefix("http://").expect("http").to_owned();
            let proxy = Proxy::start(kind, &program, &site.address, &own).await;
            let (_, mobile) = registered_user(&app).await;
            let (cookie, _) = proxy.sign_in(&mobile, ASKED).await;
            app.stop().await;

            let away = proxy.seen(goes_to(&proxy, ASKED).header(COOKIE, &cookie)).await;

            assert!(away.received.is_empty(), "{kind:?}: {away:?}");
            if kind == Kind::Traefik {
                assert!(away.status.is_server_error(), "{away:?}");
            } else {
                away.assert_unavailable();
            }
            if matches!(kind, Kind::Nginx | Kind::Caddy) {
                proxy.seen(goes_to(&proxy, "/login")).await.assert_unavailable();
            }
            drop(proxy);
            site.handle.stop(false).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_signed_out_browser_is_refused_at_once() {
    behind_each(async |app, proxy| {
        let (id, mobile) = registered_user(app).await;
        let (cookie, _) = proxy.sign_in(&mobile, ASKED).await;
        let body = json!({ "login": mobile, "password": PASSWORD }).to_string();
        let made = proxy.request(Method::POST, "/api/v1/tokens").body(body);
        let made = made.header(CONTENT_TYPE, "application/json").send().await.expect("an answer");
        let made: Value = made.json().await.expect("JSON");
        let token = format!("Bearer {}", text_at(&made, "/data/token"));
        let by_cookie = || proxy.request(Method::GET, ASKED).header(COOKIE, &cookie);
        let by_token = || proxy.request(Method::GET, ASKED).header(AUTHORIZATION, &token);
        assert_eq!(proxy.seen(by_cookie()).await.received("x-haoma-user-id"), [&id]);
        assert_eq!(proxy.seen(by_token()).await.received("x-haoma-user-id"), [&id]);

        let out = proxy.request(Method::POST, "/logout").header(COOKIE, &cookie);
        let out = out.send().await.expect("an answer");
        proxy.seen(by_cookie()).await.assert_not_signed_in();
        let id: i64 = id.parse().expect("a number");
        let revoked = app
            .state
            .db
            .write(async move |connection| sessions::delete_all(connection, id).await)
            .await;
        revoked.expect("answers");

        proxy.seen(by_token()).await.assert_not_signed_in();
        assert_eq!(out.status(), StatusCode::SEE_OTHER);
    })
    .await;
}
