//! Access tokens: what they are good for, and how long.

use std::time::Duration;

use haoma::domain::account::AccountSelector;
use haoma::domain::mobile::Mobile;
use haoma::flows::lock_user::lock_user;
use reqwest::{Method, StatusCode};
use serde_json::json;
use test_support::app::on_each;

use super::{
    Client, assert_error, foreign_client, new_client, own_client, post, public_client, register,
    signed_in, text, tokens_for, userinfo,
};
use haoma::domain::oauth::client::OauthClient;

#[tokio::test]
async fn userinfo_tells_what_the_scope_grants() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, mobile) = signed_in(app).await;
        let session = browser.get("/api/v1/session").await.json();
        let (id, name) = (session["data"]["id"].to_string(), session["data"]["name"].clone());

        let tokens = tokens_for(app, &browser, &client, "openid").await;
        let who = userinfo(app, text(&tokens, "access_token")).await;
        assert_eq!(who.json(), json!({ "sub": id }));
        assert_eq!(who.header("access-control-allow-origin"), "*");
        assert_eq!(who.header("cache-control"), "no-store");

        let tokens = tokens_for(app, &browser, &client, "openid profile").await;
        let who = userinfo(app, text(&tokens, "access_token")).await.json();
        assert_eq!(who, json!({ "sub": id, "name": name, "preferred_username": name }));

        // The number has to be consented to, also for a client of the operator's own.
        let path = super::authorize_path(&client, &[("scope", "openid phone")]);
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        let form = page.value_after("action");
        assert!(!form.contains("evil"), "{form}");
        let allowed = browser
            .post_form(&super::consent::action(&page), &[("decision", "allow")])
            .await;
        let tokens = super::exchange(app, &client, &super::code(&allowed)).await.json();
        let who = userinfo(app, text(&tokens, "access_token")).await.json();
        assert_eq!(
            who,
            json!({ "sub": id, "phone_number": format!("+86{mobile}"), "phone_number_verified": true })
        );
    })
    .await;
}

#[tokio::test]
async fn userinfo_takes_the_token_in_the_header_or_in_a_form_and_nowhere_else() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let tokens = tokens_for(app, &browser, &client, "openid").await;
        let token = text(&tokens, "access_token");
        let by_form = post(app, "/oauth/userinfo", None, &[("access_token", token)]).await;
        assert_eq!(by_form.status, StatusCode::OK, "{by_form:?}");
        let sender = app.client();
        let by_post = sender.request_without_origin(Method::POST, "/oauth/userinfo");
        assert_eq!(sender.send(by_post.bearer_auth(token)).await.status, StatusCode::OK);
        let in_query = format!("/oauth/userinfo?access_token={token}");
        let refused = sender.get(&in_query).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refused.header("www-authenticate"), r#"Bearer realm="haoma""#);
        // The session of a browser is no access token, and neither is an ID token.
        assert_eq!(browser.get("/oauth/userinfo").await.status, StatusCode::UNAUTHORIZED);
        assert_error(&userinfo(app, text(&tokens, "id_token")).await, 401, "invalid_token");
        let unknown = userinfo(app, "haoma_at_unknown").await;
        assert_error(&unknown, 401, "invalid_token");
        assert!(unknown.header("www-authenticate").contains(r#"error="invalid_token""#));
    })
    .await;
}

#[tokio::test]
async fn an_access_token_is_no_session() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let tokens = tokens_for(app, &browser, &client, "openid").await;
        for path in ["/api/v1/session", "/api/v1/sessions", "/api/v1/forward-auth"] {
            let sender = app.client();
            let request = sender.request_without_origin(Method::GET, path);
            let answer = sender.send(request.bearer_auth(text(&tokens, "access_token"))).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_ends_with_its_time_its_session_and_its_account() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, mobile) = signed_in(app).await;
        let access = async || {
            let tokens = tokens_for(app, &browser, &client, "openid").await;
            text(&tokens, "access_token").to_owned()
        };
        let old = access().await;
        app.advance(Duration::from_mins(9)).await;
        assert_eq!(userinfo(app, &old).await.status, StatusCode::OK);
        app.advance(Duration::from_secs(61)).await;
        assert_error(&userinfo(app, &old).await, 401, "invalid_token");
        let of_locked = access().await;
        let of_session = {
            let elsewhere = super::signed_in_elsewhere(app, &mobile).await;
            let tokens = tokens_for(app, &elsewhere, &client, "openid").await;
            elsewhere.delete("/api/v1/session").await;
            text(&tokens, "access_token").to_owned()
        };
        assert_error(&userinfo(app, &of_session).await, 401, "invalid_token");
        let selector = AccountSelector::Mobile(Mobile::parse(&mobile).expect("a number"));
        assert_eq!(userinfo(app, &of_locked).await.status, StatusCode::OK);
        lock_user(&app.state.db, &selector).await.expect("locked");
        assert_error(&userinfo(app, &of_locked).await, 401, "invalid_token");
    })
    .await;
}

#[tokio::test]
async fn a_client_gives_its_tokens_up() {
    on_each(async |app| {
        let (client, other) = (own_client(app).await, own_client(app).await);
        let (browser, _) = signed_in(app).await;
        let tokens = tokens_for(app, &browser, &client, "openid offline_access").await;
        let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
        let revoke = async |client: &Client, token: &str| {
            post(app, "/oauth/revoke", Some(client), &[("token", token)]).await.status
        };
        assert_eq!(revoke(&other, access).await, StatusCode::OK);
        assert_eq!(userinfo(app, access).await.status, StatusCode::OK, "of another client");
        assert_eq!(revoke(&client, access).await, StatusCode::OK);
        assert_error(&userinfo(app, access).await, 401, "invalid_token");
        let second = super::refresh(app, &client, refresh).await.json();
        assert_eq!(revoke(&client, text(&second, "refresh_token")).await, StatusCode::OK);
        assert_error(&userinfo(app, text(&second, "access_token")).await, 401, "invalid_token");
        assert_eq!(revoke(&client, "unknown").await, StatusCode::OK, "RFC 7009 §2.2");
        let missing = post(app, "/oauth/revoke", Some(&client), &[]).await;
        assert_error(&missing, 400, "invalid_request");
        let nobody = post(app, "/oauth/revoke", None, &[("token", access)]).await;
        assert_error(&nobody, 401, "invalid_client");
    })
    .await;
}

#[tokio::test]
async fn introspection_tells_a_client_about_its_own_tokens_and_an_own_client_about_all() {
    on_each(async |app| {
        let (own, foreign) = (own_client(app).await, foreign_client(app).await);
        let (other, public) = (foreign_client(app).await, public_client(app).await);
        let (browser, _) = signed_in(app).await;
        let page = browser.get(&super::authorize_path(&foreign, &[("scope", "openid")])).await;
        let action = super::consent::action(&page);
        let allowed = browser.post_form(&action, &[("decision", "allow")]).await;
        let tokens = super::exchange(app, &foreign, &super::code(&allowed)).await.json();
        let token = text(&tokens, "access_token");
        let ask = async |client: &Client, token: &str| {
            post(app, "/oauth/introspect", Some(client), &[("token", token)]).await
        };

        let told = ask(&foreign, token).await.json();

        assert_eq!(told["active"], true, "{told}");
        assert_eq!(text(&told, "client_id"), foreign.id);
        assert_eq!(text(&told, "scope"), "openid");
        assert_eq!(told["exp"].as_i64(), told["iat"].as_i64().map(|iat| iat + 600));
        assert_eq!(ask(&own, token).await.json()["active"], true);
        let inactive = json!({ "active": false });
        assert_eq!(ask(&other, token).await.json(), inactive);
        assert_eq!(ask(&foreign, "haoma_at_unknown").await.json(), inactive);
        let of_public =
            post(app, "/oauth/introspect", None, &[("client_id", &*public.id), ("token", token)])
                .await;
        assert_error(&of_public, 401, "invalid_client");
        browser.delete("/api/v1/session").await;
        assert_eq!(ask(&foreign, token).await.json(), inactive, "its session has ended");
    })
    .await;
}

#[tokio::test]
async fn a_pairwise_client_knows_a_person_by_an_id_of_its_own() {
    on_each(async |app| {
        let (browser, _) = signed_in(app).await;
        let id = browser.get("/api/v1/session").await.json()["data"]["id"].to_string();
        let salted =
            |salt: &str| OauthClient { pairwise_salt: Some(salt.to_owned()), ..new_client() };
        let (first, second) =
            (register(app, salted("a"), None).await, register(app, salted("b"), None).await);
        let same = register(app, salted("a"), None).await;
        let sub = async |client: &Client| {
            let tokens = tokens_for(app, &browser, client, "openid").await;
            let who = userinfo(app, text(&tokens, "access_token")).await.json();
            let claims = super::claims(text(&tokens, "id_token"));
            assert_eq!(who["sub"], claims["sub"]);
            text(&who, "sub").to_owned()
        };
        let (first, second, same) = (sub(&first).await, sub(&second).await, sub(&same).await);
        assert_ne!(first, id);
        assert_ne!(first, second);
        assert_eq!(first, same);
    })
    .await;
}
