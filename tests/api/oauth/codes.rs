//! Codes: each is exchanged once, by the client that it was given to.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use test_support::app::on_each;

use super::{
    CALLBACK, VERIFIER, answer, assert_error, authorize_path, claims, code_for, exchange,
    own_client, post, public_client, signed_in, text, userinfo,
};

#[tokio::test]
async fn a_code_gives_an_access_token_and_an_id_token() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let code = code_for(&browser, &client, &[]).await;

        let response = exchange(app, &client, &code).await;

        assert_eq!(response.status, StatusCode::OK, "{response:?}");
        assert_eq!(response.header("cache-control"), "no-store");
        let body = response.json();
        assert_eq!(text(&body, "token_type"), "Bearer");
        assert_eq!(body["expires_in"], 600);
        assert!(body.get("refresh_token").is_none(), "without offline_access: {body}");
        let session = browser.get("/api/v1/session").await.json();
        let claims = claims(text(&body, "id_token"));
        assert_eq!(text(&claims, "iss"), app.origin);
        assert_eq!(text(&claims, "aud"), client.id);
        assert_eq!(text(&claims, "sub"), session["data"]["id"].to_string());
        assert_eq!(text(&claims, "nonce"), "the nonce");
        assert_eq!(claims["amr"], serde_json::json!(["sms"]));
        assert_eq!(text(&claims, "acr"), "1");
        assert_eq!(text(&claims, "name"), session["data"]["name"].as_str().expect("a name"));
        let seconds = |name: &str| claims[name].as_i64().expect("seconds");
        assert!(seconds("auth_time") <= seconds("iat") + 10 && seconds("iat") < seconds("exp"));
        assert!(claims.get("phone_number").is_none(), "{claims}");
    })
    .await;
}

#[tokio::test]
async fn a_code_is_refused_without_what_it_was_given_for() {
    on_each(async |app| {
        let (client, other) = (own_client(app).await, own_client(app).await);
        let (browser, _) = signed_in(app).await;
        let code = code_for(&browser, &client, &[]).await;
        let right = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let with = |name: &str, value: &'static str| {
            let mut pairs = right.to_vec();
            pairs.retain(|pair| pair.0 != name || !value.is_empty());
            pairs.iter_mut().filter(|pair| pair.0 == name).for_each(|pair| pair.1 = value);
            pairs
        };
        let wrong_verifier = "A".repeat(43).leak();
        for (pairs, error) in [
            (with("redirect_uri", "https://app.example.com/other"), "invalid_grant"),
            (with("redirect_uri", ""), "invalid_grant"),
            (with("code_verifier", wrong_verifier), "invalid_grant"),
            (with("code_verifier", ""), "invalid_grant"),
            (with("code", ""), "invalid_request"),
            (with("code", "haoma_ac_unknown"), "invalid_grant"),
            (with("grant_type", ""), "invalid_request"),
            (with("grant_type", "password"), "unsupported_grant_type"),
        ] {
            assert_error(&post(app, "/oauth/token", Some(&client), &pairs).await, 400, error);
        }
        assert_error(&exchange(app, &other, &code).await, 400, "invalid_grant");
        // Whatever others tried, it is still good.
        assert_eq!(exchange(app, &client, &code).await.status, StatusCode::OK);

        let old = code_for(&browser, &client, &[]).await;
        app.advance(Duration::from_secs(61)).await;
        assert_error(&exchange(app, &client, &old).await, 400, "invalid_grant");
    })
    .await;
}

/// RFC 9700 §4.8.2: an attacker leaves the challenge out, and the client's verifier proves nothing.
#[tokio::test]
async fn a_verifier_for_a_request_without_a_challenge_is_refused() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let without = [("code_challenge", ""), ("code_challenge_method", "")];
        let code = code_for(&browser, &client, &without).await;
        assert_error(&exchange(app, &client, &code).await, 400, "invalid_grant");
        let pairs =
            [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
        let response = post(app, "/oauth/token", Some(&client), &pairs).await;
        assert_eq!(response.status, StatusCode::OK, "{response:?}");
    })
    .await;
}

#[tokio::test]
async fn a_code_that_is_used_twice_ends_its_tokens() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let code = code_for(&browser, &client, &[]).await;
        let body = exchange(app, &client, &code).await.json();
        let token = text(&body, "access_token");
        assert_eq!(userinfo(app, token).await.status, StatusCode::OK);
        // Without the verifier it is somebody who found the code, and ends nothing.
        let found =
            [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
        assert_error(&post(app, "/oauth/token", Some(&client), &found).await, 400, "invalid_grant");
        assert_eq!(userinfo(app, token).await.status, StatusCode::OK);

        app.advance(Duration::from_secs(30)).await;

        assert_error(&exchange(app, &client, &code).await, 400, "invalid_grant");

        assert_eq!(userinfo(app, token).await.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

#[tokio::test]
async fn of_fifty_takers_of_one_code_at_most_one_gets_tokens() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        for _ in 0..3 {
            let code = code_for(&browser, &client, &[]).await;
            let takers = (0..50).map(|_| exchange(app, &client, &code));
            let answers = join_all(takers).await;
            let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
            assert_eq!(won.len(), 1, "{answers:?}");
            for lost in answers.iter().filter(|answer| answer.status != 200) {
                assert_error(lost, 400, "invalid_grant");
            }
            // Forty-nine others had the code, so what it gave has ended.
            let token = won[0].json();
            let answer = userinfo(app, text(&token, "access_token")).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_of_a_session_that_has_ended_gives_nothing() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let online = code_for(&browser, &client, &[]).await;
        let offline = [("scope", "openid offline_access")];
        let offline = code_for(&browser, &client, &offline).await;
        browser.delete("/api/v1/session").await;
        for code in [online, offline] {
            assert_error(&exchange(app, &client, &code).await, 400, "invalid_grant");
        }
    })
    .await;
}

#[tokio::test]
async fn a_public_client_exchanges_its_code_by_pkce_alone() {
    on_each(async |app| {
        let client = public_client(app).await;
        let (browser, _) = signed_in(app).await;
        let sent = browser.get(&authorize_path(&client, &[])).await;
        let code = answer(&sent)["code"].clone();
        let pairs = [
            ("grant_type", "authorization_code"),
            ("client_id", &*client.id),
            ("code", &*code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let response = post(app, "/oauth/token", None, &pairs).await;
        assert_eq!(response.status, StatusCode::OK, "{response:?}");
        assert_eq!(response.header("access-control-allow-origin"), "*");
    })
    .await;
}

/// What somebody with a session can pile up is bounded, so that ending it stays quick.
#[tokio::test]
async fn an_account_has_a_bounded_number_of_grants() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let first = code_for(&browser, &client, &[]).await;
        for _ in 0..299 {
            code_for(&browser, &client, &[]).await;
        }
        assert_eq!(exchange(app, &client, &first).await.status, StatusCode::OK);
        let second = code_for(&browser, &client, &[]).await;
        assert_eq!(exchange(app, &client, &second).await.status, StatusCode::OK);
        for _ in 0..300 {
            code_for(&browser, &client, &[]).await;
        }
        let third = code_for(&browser, &client, &[]).await;
        assert_error(&exchange(app, &client, &second).await, 400, "invalid_grant");
        assert_eq!(exchange(app, &client, &third).await.status, StatusCode::OK);
    })
    .await;
}
