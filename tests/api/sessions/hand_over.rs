//! A session of ours on another site, whose proxy passes `/.haoma/` on to us and asks who is signed in.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::TestResponse,
    logs,
};

use super::at_sites::{OWN, SETTINGS, SHOP, at, at_shop, redirected, ticket, who};

fn assert_refused(response: &TestResponse) {
    assert_eq!(response.status, StatusCode::FORBIDDEN, "{response:?}");
}

#[tokio::test]
async fn a_session_is_handed_over_to_a_site_and_ends_with_ours() {
    logs::install();
    on_each_with(&SETTINGS, async |app| {
        let (own, shop) = (app.client(), app.client());
        own.register(&fresh_mobile()).await;
        let begins = redirected(&who(&shop, "/cart?id=7").await, SHOP);
        assert_eq!(begins, "/.haoma/start?next=%2Fcart%3Fid%3D7");

        let begun = at_shop(&shop, &begins).await;
        let handed = own.get(&redirected(&begun, OWN)).await;
        let arrived = at_shop(&shop, &redirected(&handed, SHOP)).await;

        assert_eq!(arrived.status, StatusCode::SEE_OTHER, "{arrived:?}");
        assert_eq!(arrived.header("location"), "/cart?id=7");
        let text = app.state.metrics.text().expect("metrics");
        assert!(text.contains("haoma_hand_overs_total 1"), "{text}");
        let lines = logs::lines_of(arrived.header("x-request-id")).join("\n");
        assert!(lines.contains("event=handed_over user="), "{lines}");
        for cookie in arrived.cookies() {
            assert!(!lines.contains(cookie.value()), "{lines}");
        }
        let id = own.get("/api/v1/session").await.json()["data"]["id"].to_string();
        let seen = who(&shop, "/cart").await;
        assert_eq!(seen.header("x-haoma-user-id"), id, "{seen:?}");
        // It is the same session, so it is listed once.
        let sessions = own.get("/api/v1/sessions").await.json();
        assert_eq!(sessions["data"]["sessions"].as_array().map(Vec::len), Some(1), "{sessions}");
        own.delete("/api/v1/session").await;
        assert_eq!(who(&shop, "/cart").await.status, StatusCode::SEE_OTHER, "signed out");
    })
    .await;
}

#[tokio::test]
async fn who_is_not_signed_in_signs_in_on_the_way() {
    on_each_with(&SETTINGS, async |app| {
        let (own, shop, mobile) = (app.client(), app.client(), fresh_mobile());
        app.client().register(&mobile).await;
        let begun = at_shop(&shop, "/.haoma/start?next=%2Fcart").await;
        let hand_over = redirected(&begun, OWN);
        let sent = own.get(&hand_over).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        let login = sent.header("location").to_owned();
        assert!(login.starts_with("/login?next=%2Fhand-over%3F"), "{login}");
        let page = own.get(&login).await;
        assert!(
            page.header("content-security-policy")
                .contains("form-action 'self' https://shop.example.net;"),
            "{page:?}"
        );
        let fields = [("login", &*mobile), ("password", PASSWORD), ("next", &*hand_over)];
        let signed_in = own.post_form("/login", &fields).await;
        assert_eq!(signed_in.header("location"), hand_over, "{signed_in:?}");

        let handed = own.get(&hand_over).await;
        let arrived = at_shop(&shop, &redirected(&handed, SHOP)).await;

        assert_eq!(arrived.header("location"), "/cart", "{arrived:?}");
        assert_eq!(who(&shop, "/cart").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_ticket_is_good_once_for_its_browser_and_site_and_for_a_minute() {
    on_each_with(&SETTINGS, async |app| {
        let (own, shop, thief) = (app.client(), app.client(), app.client());
        own.register(&fresh_mobile()).await;
        let good = ticket(&own, &shop).await;
        assert_refused(&at_shop(&thief, &good).await);
        at_shop(&thief, "/.haoma/start").await;
        assert_refused(&at_shop(&thief, &good).await);
        assert_refused(&at("www.example.com", &shop, &good).await);
        let forged = good.replace("ticket=", "ticket=A");
        assert_refused(&at_shop(&shop, &forged).await);
        assert_refused(&at_shop(&shop, "/.haoma/callback").await);
        // Whatever others tried, it is still good.
        assert_eq!(at_shop(&shop, &good).await.header("location"), "/cart?id=7");
        assert_refused(&at_shop(&shop, &good).await);
        assert_eq!(who(&thief, "/cart").await.status, StatusCode::SEE_OTHER);

        let old = ticket(&own, &shop).await;
        app.advance(Duration::from_secs(61)).await;
        assert_refused(&at_shop(&shop, &old).await);
        let ended = ticket(&own, &shop).await;
        own.delete("/api/v1/session").await;
        assert_refused(&at_shop(&shop, &ended).await);
    })
    .await;
}

#[tokio::test]
async fn of_fifty_who_take_one_ticket_one_gets_the_session() {
    on_each_with(&SETTINGS, async |app| {
        let (own, shop) = (app.client(), app.client());
        own.register(&fresh_mobile()).await;
        let good = ticket(&own, &shop).await;

        let taken = join_all((0..50).map(|_| at_shop(&shop, &good))).await;

        let got = taken.iter().filter(|answer| answer.status == StatusCode::SEE_OTHER).count();
        assert_eq!(got, 1);
    })
    .await;
}

/// Such a proxy would send the browser round and round.
#[tokio::test]
async fn a_proxy_that_asks_for_what_it_has_to_pass_on_gets_no_redirect() {
    on_each_with(&SETTINGS, async |app| {
        for uri in ["/.haoma/start?next=%2Fcart", "/.haoma/callback?ticket=x"] {
            let answer = who(&app.client(), uri).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_is_handed_over_to_a_host_that_is_no_site() {
    on_each_with(&SETTINGS, async |app| {
        let own = app.client();
        own.register(&fresh_mobile()).await;
        for site in ["https://evil.example", "", "https://shop.example.net.evil.example"] {
            let site: String = url::form_urlencoded::byte_serialize(site.as_bytes()).collect();
            let path = format!("/hand-over?site={site}&browser=x&next=%2F");
            assert_eq!(own.get(&path).await.status, StatusCode::NOT_FOUND, "{site}");
        }
        for host in ["id.example.com", "evil.example", "shop.example.net:8443"] {
            for path in ["/.haoma/start", "/.haoma/callback?ticket=x"] {
                let answer = at(host, &own, path).await;
                assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}{path}");
            }
        }
        let other = at_shop(&own, "/account").await;
        assert_eq!(other.status, StatusCode::MISDIRECTED_REQUEST, "{other:?}");
        for next in ["%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%5Cevil.example"] {
            let begun = at_shop(&app.client(), &format!("/.haoma/start?next={next}")).await;
            assert!(begun.header("location").ends_with("&next=%2F"), "{begun:?}");
        }
    })
    .await;
    on_each_with(&[], async |app: &TestApp| {
        let answer = app.client().get("/hand-over").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "without sites");
    })
    .await;
}
