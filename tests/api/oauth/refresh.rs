//! Refresh tokens: each is used once, and a second use ends the sign-in.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use test_support::app::{PASSWORD, on_each};

use super::{
    assert_error, claims, own_client, post, refresh, signed_in, text, tokens_for, userinfo,
};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_refresh_token_gives_new_tokens_after_the_session_has_ended() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let first = tokens_for(app, &browser, &client, "openid profile offline_access").await;
        browser.delete("/api/v1/session").await;
        assert_eq!(userinfo(app, text(&first, "access_token")).await.status, StatusCode::OK);
        app.advance(29 * DAY).await;

        let response = refresh(app, &client, text(&first, "refresh_token")).await;

        assert_eq!(response.status, StatusCode::OK, "{response:?}");
        let second = response.json();
        assert_ne!(text(&first, "refresh_token"), text(&second, "refresh_token"));
        assert_eq!(userinfo(app, text(&second, "access_token")).await.status, StatusCode::OK);
        let (before, after) = (claims(text(&first, "id_token")), claims(text(&second, "id_token")));
        for name in ["iss", "sub", "aud", "auth_time", "sid"] {
            assert_eq!(before[name], after[name], "{name}");
        }
        assert!(after.get("nonce").is_none(), "OpenID Connect Core 1.0, 12.2");
        app.advance(31 * DAY).await;
        let old = refresh(app, &client, text(&second, "refresh_token")).await;
        assert_error(&old, 400, "invalid_grant");
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_that_is_used_twice_ends_all_tokens_of_the_sign_in() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let first = tokens_for(app, &browser, &client, "openid offline_access").await;
        let other = tokens_for(app, &browser, &client, "openid offline_access").await;
        let second = refresh(app, &client, text(&first, "refresh_token")).await.json();

        let reused = refresh(app, &client, text(&first, "refresh_token")).await;

        assert_error(&reused, 400, "invalid_grant");
        let next = refresh(app, &client, text(&second, "refresh_token")).await;
        assert_error(&next, 400, "invalid_grant");
        let answer = userinfo(app, text(&second, "access_token")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        // Another sign-in of the same person goes on.
        let other = refresh(app, &client, text(&other, "refresh_token")).await;
        assert_eq!(other.status, StatusCode::OK, "{other:?}");
    })
    .await;
}

/// What is known of used tokens is bounded.
#[tokio::test]
async fn a_second_use_after_more_than_a_week_is_refused_and_ends_nothing() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let first = tokens_for(app, &browser, &client, "openid offline_access").await;
        let second = refresh(app, &client, text(&first, "refresh_token")).await.json();
        app.advance(8 * DAY).await;
        let late = refresh(app, &client, text(&first, "refresh_token")).await;
        assert_error(&late, 400, "invalid_grant");
        let goes_on = refresh(app, &client, text(&second, "refresh_token")).await;
        assert_eq!(goes_on.status, StatusCode::OK, "{goes_on:?}");
    })
    .await;
}

#[tokio::test]
async fn of_fifty_uses_of_one_refresh_token_at_most_one_gets_tokens() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        for _ in 0..3 {
            let tokens = tokens_for(app, &browser, &client, "openid offline_access").await;
            let token = text(&tokens, "refresh_token");
            let answers = join_all((0..50).map(|_| refresh(app, &client, token))).await;
            let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
            assert_eq!(won.len(), 1, "{answers:?}");
            let won = won[0].json();
            let next = refresh(app, &client, text(&won, "refresh_token")).await;
            assert_error(&next, 400, "invalid_grant");
        }
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_is_good_for_its_client_and_its_scope() {
    on_each(async |app| {
        let (client, other) = (own_client(app).await, own_client(app).await);
        let (browser, _) = signed_in(app).await;
        let tokens = tokens_for(app, &browser, &client, "openid profile offline_access").await;
        let token = text(&tokens, "refresh_token");
        assert_error(&refresh(app, &other, token).await, 400, "invalid_grant");
        let wider =
            [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "openid phone")];
        let refused = post(app, "/oauth/token", Some(&client), &wider).await;
        assert_error(&refused, 400, "invalid_scope");
        let narrower =
            [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "openid")];
        let narrow = post(app, "/oauth/token", Some(&client), &narrower).await.json();
        assert_eq!(text(&narrow, "scope"), "openid");
        let who = userinfo(app, text(&narrow, "access_token")).await.json();
        assert!(who.get("name").is_none(), "{who}");
        let again = refresh(app, &client, text(&narrow, "refresh_token")).await.json();
        assert_eq!(text(&again, "scope"), "openid profile offline_access");
        let access = text(&again, "access_token");
        assert_error(&refresh(app, &client, access).await, 400, "invalid_grant");
    })
    .await;
}

#[tokio::test]
async fn a_new_password_and_signing_out_elsewhere_end_what_outlives_its_session() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, mobile) = signed_in(app).await;
        let tokens = tokens_for(app, &browser, &client, "openid offline_access").await;
        let body = serde_json::json!({ "password": PASSWORD, "new_password": "eine andere 7" });
        let path = "/api/v1/user/password";
        let request = browser.request(reqwest::Method::PUT, path).json(&body);
        assert_eq!(browser.send(request).await.status, StatusCode::OK);
        let refused = refresh(app, &client, text(&tokens, "refresh_token")).await;
        assert_error(&refused, 400, "invalid_grant");

        let tokens = tokens_for(app, &browser, &client, "openid offline_access").await;
        let elsewhere = app.client();
        let body = serde_json::json!({ "login": mobile, "password": "eine andere 7" });
        assert_eq!(elsewhere.post_json("/api/v1/session", &body).await.status, StatusCode::OK);
        let of_elsewhere = tokens_for(app, &elsewhere, &client, "openid offline_access").await;
        assert_eq!(browser.delete("/api/v1/sessions").await.status, StatusCode::OK);
        let refused = refresh(app, &client, text(&of_elsewhere, "refresh_token")).await;
        assert_error(&refused, 400, "invalid_grant");
        let kept = refresh(app, &client, text(&tokens, "refresh_token")).await;
        assert_eq!(kept.status, StatusCode::OK, "{kept:?}");
    })
    .await;
}
