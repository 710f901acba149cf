//! The cookie of a session on another site of the operator: what it opens, and when it ends.

use actix_web::cookie::time::Duration as CookieDuration;
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, ORIGIN},
};
use serde_json::json;
use test_support::{
    app::{KEY, PASSWORD, TestApp, fresh_mobile, on_each_backends, on_each_with},
    client::{FORM, TestClient, TestResponse},
    tokens::{ask, bearer},
};

use super::at_sites::{OWN, SETTINGS, SHOP, arrive, at, redirected, who, with_host};
use crate::route_table::{Bound::Nothing, ROWS};

const COOKIE: &str = "__Host-haoma_site";
const FORWARD_AUTH: &str = "/api/v1/forward-auth";
const NEW_KEY: &str = "the key that follows it and is as long as the first";

/// Returns a person's browser on our own host and at the shop.
async fn at_both(app: &TestApp) -> (TestClient<'_>, TestClient<'_>) {
    let (own, shop) = (app.client().signed_in(&fresh_mobile()).await, app.client());
    arrive(&own, &shop).await;
    (own, shop)
}

fn cookie_of(shop: &TestClient<'_>) -> String {
    shop.cookie_jar().get(COOKIE).expect("the cookie of the site").clone()
}

async fn is_known_at_shop(shop: &TestClient<'_>) -> bool {
    let seen = who(shop, "/cart").await;
    match seen.status {
        StatusCode::OK => true,
        // Whatever has ended it, the person is sent to sign in, and never stays in front of an error.
        _ => !redirected(&seen, SHOP).starts_with("/.haoma/start?"),
    }
}

async fn sign_out_at_shop(shop: &TestClient<'_>, (header, value): (&str, &str)) -> TestResponse {
    let request = shop.request_without_origin(Method::POST, "/.haoma/logout?next=%2Fbye");
    shop.send(with_host("shop.example.net", request).header(header, value)).await
}

#[tokio::test]
async fn what_a_site_gets_is_refused_by_every_path_but_forward_auth() {
    on_each_with(&SETTINGS, async |app| {
        let (own, shop) = at_both(app).await;
        let seen = cookie_of(&shop);
        assert_eq!(shop.cookie_jar().get("__Host-haoma"), None, "the key of the session stays");
        let key = own.cookie_jar()["__Host-haoma"].clone();
        assert!(!key.contains(&seen) && !seen.contains(&key[..20]));
        let (hash, _) = seen.split_once('.').expect("a hash and a signature");
        let back_end = app.client();
        back_end.set_cookies(
            [(COOKIE, &*seen), ("__Host-haoma", &*seen)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        );

        let body = json!({
            "name": "taken_over", "mobile": fresh_mobile(), "sms_code": "123456",
            "password": PASSWORD, "new_password": PASSWORD,
        });
        for (method, path, bound, ..) in ROWS {
            let is_for_account =
                matches!(bound, Nothing("needs a session")) || path.starts_with("/api/v1/user");
            if !is_for_account || ["/api/v1/forward-auth", "/api/v1/users"].contains(path) {
                continue;
            }
            let is_api = path.starts_with("/api/");
            let (kind, body) =
                if is_api { ("application/json", body.to_string()) } else { (FORM, String::new()) };
            let request = back_end.request(method.parse().expect("a method"), path);
            let answer = back_end.send(request.header(CONTENT_TYPE, kind).body(body)).await;
            match answer.status {
                StatusCode::UNAUTHORIZED => assert!(is_api, "{path}: {answer:?}"),
                // Signing out succeeds when nobody is signed in.
                StatusCode::OK => assert_eq!((*method, *path), ("DELETE", "/api/v1/session")),
                StatusCode::SEE_OTHER => {
                    assert!(answer.header("location").starts_with("/login"), "{path}: {answer:?}");
                }
                other => assert!(!is_api && other.is_client_error(), "{path}: {answer:?}"),
            }
        }
        for token in [&*seen, hash] {
            for token in [token.to_owned(), format!("haoma_{token}")] {
                for path in ["/api/v1/session", FORWARD_AUTH] {
                    let answer =
                        ask(app, Method::GET, path, &["Host: id.example.com", &bearer(&token)])
                            .await;
                    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
                }
            }
        }
        let hand_over =
            back_end.get("/hand-over?site=https%3A%2F%2Fshop.example.net&browser=x").await;
        assert!(hand_over.header("location").starts_with("/login"), "{hand_over:?}");
        assert_eq!(back_end.get(FORWARD_AUTH).await.status, StatusCode::UNAUTHORIZED, "our host");
        assert!(own.is_signed_in().await && is_known_at_shop(&shop).await, "nothing was changed");
    })
    .await;
}

/// A site that one of its readers trusts less than the others cannot act as the reader there.
#[tokio::test]
async fn what_one_site_gets_is_worth_nothing_at_another() {
    on_each_with(&SETTINGS, async |app| {
        let (_, shop) = at_both(app).await;
        let asked = async |host: &str, forwarded: &str| {
            let request = shop.request_without_origin(Method::GET, FORWARD_AUTH);
            let request = with_host(host, request).header("x-forwarded-host", forwarded);
            shop.send(request.header("x-forwarded-uri", "/")).await.status
        };
        assert_eq!(asked("haoma:8080", "shop.example.net").await, StatusCode::OK);
        assert_eq!(asked("shop.example.net", "").await, StatusCode::OK);
        for (host, forwarded) in [
            ("haoma:8080", "www.example.com"),
            ("www.example.com", ""),
            // A client may have added the other header.
            ("www.example.com", "shop.example.net"),
            ("haoma:8080", "evil.example"),
            ("haoma:8080", "shop.example.net, www.example.com"),
            ("id.example.com", ""),
        ] {
            assert_eq!(
                asked(host, forwarded).await,
                StatusCode::UNAUTHORIZED,
                "{host} {forwarded}"
            );
        }
        let elsewhere = at("www.example.com", &shop, "/.haoma/start").await;
        assert!(elsewhere.header("location").starts_with(OWN), "{elsewhere:?}");
    })
    .await;
}

#[tokio::test]
async fn whatever_ends_the_session_ends_it_at_the_site_at_once() {
    let settings = [&SETTINGS[..], &[("SESSIONS_PER_ACCOUNT", "2")]].concat();
    on_each_with(&settings, async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let sign_in = async || {
            let client = app.client();
            let body = json!({ "login": mobile, "password": PASSWORD });
            assert_eq!(client.post_json("/api/v1/session", &body).await.status, StatusCode::OK);
            client
        };
        for end in ["here", "elsewhere", "all others", "displaced", "new password"] {
            let (own, shop, other) = (sign_in().await, app.client(), sign_in().await);
            arrive(&own, &shop).await;
            assert!(is_known_at_shop(&shop).await, "{end}");
            let id = who(&shop, "/").await.header("x-haoma-session").to_owned();
            match end {
                "here" => drop(own.delete("/api/v1/session").await),
                "elsewhere" => drop(other.delete(&format!("/api/v1/sessions/{id}")).await),
                "all others" => drop(other.delete("/api/v1/sessions").await),
                "displaced" => {
                    app.advance(std::time::Duration::from_secs(1)).await;
                    for _ in 0..2 {
                        sign_in().await;
                    }
                }
                _ => {
                    let body = json!({ "password": PASSWORD, "new_password": PASSWORD });
                    let path = "/api/v1/user/password";
                    let request = other.request(Method::PUT, path).body(body.to_string());
                    let changed =
                        other.send(request.header("content-type", "application/json")).await;
                    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
                }
            }
            assert!(!is_known_at_shop(&shop).await, "{end}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_of_the_site_signs_its_reader_out_everywhere() {
    on_each_with(&SETTINGS, async |app| {
        let (own, shop) = at_both(app).await;
        for (header, value) in [
            (ORIGIN.as_str(), "https://www.example.com"),
            ("sec-fetch-site", "same-site"),
            ("accept", "*/*"),
        ] {
            let refused = sign_out_at_shop(&shop, (header, value)).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{header}: {refused:?}");
        }
        assert!(own.is_signed_in().await && is_known_at_shop(&shop).await);
        let stolen = shop.cookie_jar();

        let out = sign_out_at_shop(&shop, (ORIGIN.as_str(), SHOP)).await;

        assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/bye"));
        assert_eq!(shop.cookie_jar().get(COOKIE), None, "{out:?}");
        shop.set_cookies(stolen);
        assert!(!is_known_at_shop(&shop).await && !own.is_signed_in().await);
        let again = sign_out_at_shop(&shop, (ORIGIN.as_str(), SHOP)).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn the_cookie_of_a_site_lasts_as_long_as_ours_and_outlives_a_change_of_the_secret_key() {
    on_each_backends(async |backends| {
        let before = backends.open(&SETTINGS).await;
        let (mobile, shop) = (fresh_mobile(), before.client());
        let own = before.client().signed_in(&mobile).await;
        let kept = |arrived: &TestResponse| {
            let cookies = arrived.cookies();
            let cookie = cookies.iter().find(|cookie| cookie.name() == COOKIE).expect("a cookie");
            assert!(cookie.http_only() == Some(true) && cookie.secure() == Some(true), "{cookie}");
            assert_eq!((cookie.path(), cookie.domain()), (Some("/"), None));
            cookie.max_age().map(CookieDuration::whole_days)
        };
        assert_eq!(kept(&arrive(&own, &shop).await), None);
        let body = json!({ "login": mobile, "password": PASSWORD, "remember": true });
        own.post_json("/api/v1/session", &body).await;
        assert_eq!(kept(&arrive(&own, &shop).await), Some(30));
        let jar = shop.cookie_jar();
        before.stop().await;

        let keys = [("SECRET_KEY", NEW_KEY), ("SECRET_KEY_FALLBACKS", KEY)];
        for (keys, is_known) in [(&keys[..], true), (&keys[..1], false)] {
            let after = backends.open(&[&SETTINGS, keys].concat()).await;
            let shop = after.client();
            shop.set_cookies(jar.clone());
            assert_eq!(is_known_at_shop(&shop).await, is_known);
            after.stop().await;
        }
    })
    .await;
}
