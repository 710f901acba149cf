//! Signing out: asked for by a client, and told to clients.

use std::time::Duration;

use haoma::{
    domain::{oauth::client::OauthClient, signing_algorithm::SigningAlgorithm},
    flows::{cleanup::cleanup, oauth::notify_clients::notify_clients},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use test_support::{
    app::{TestApp, on_each},
    fake_vendor::{FakeVendor, Reply, SeenRequest},
};
use url::form_urlencoded;

use super::{
    Client, claims, consent, new_client, own_client, query, register, signed_in, text, tokens_for,
};

const BYE: &str = "https://app.example.com/bye";

#[tokio::test]
async fn a_client_signs_out_the_session_of_its_id_token() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let tokens = tokens_for(app, &browser, &client, "openid").await;
        let pairs = [
            ("id_token_hint", text(&tokens, "id_token")),
            ("post_logout_redirect_uri", BYE),
            ("state", "s 1"),
        ];
        // Hours later it is still the token of this session.
        app.advance(Duration::from_hours(3)).await;
        let left = browser.get(&format!("/oauth/logout?{}", query(&pairs))).await;
        assert_eq!(left.header("location"), "https://app.example.com/bye?state=s+1", "{left:?}");
        assert!(!browser.is_signed_in().await);
        // Nobody is signed in any more, which is what was asked for.
        let left = browser.get(&format!("/oauth/logout?{}", query(&pairs))).await;
        assert_eq!(left.header("location"), "https://app.example.com/bye?state=s+1", "{left:?}");
    })
    .await;
}

#[tokio::test]
async fn without_its_id_token_the_person_is_asked() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let (other, _) = signed_in(app).await;
        let of_other = tokens_for(app, &other, &client, "openid").await;
        for pairs in [
            vec![],
            vec![("client_id", &*client.id), ("post_logout_redirect_uri", BYE)],
            vec![("id_token_hint", text(&of_other, "id_token"))],
            vec![("id_token_hint", "a.b.c")],
        ] {
            let page = browser.get(&format!("/oauth/logout?{}", query(&pairs))).await;
            assert_eq!(page.status, StatusCode::OK, "{page:?}");
            assert!(browser.is_signed_in().await, "{pairs:?}");
        }
        let pairs = [("client_id", &*client.id), ("post_logout_redirect_uri", BYE)];
        let page = browser.get(&format!("/oauth/logout?{}", query(&pairs))).await;
        assert!(page.body.contains("Wiki"), "{}", page.body);
        let left = browser.post_form(&consent::action(&page), &[]).await;
        assert_eq!(left.header("location"), BYE, "{left:?}");
        assert!(!browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered_for_signing_out() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let tokens = tokens_for(app, &browser, &client, "openid").await;
        let hint = ("id_token_hint", text(&tokens, "id_token"));
        let other = own_client(app).await;
        for pairs in [
            vec![hint, ("post_logout_redirect_uri", "https://evil.example/")],
            vec![hint, ("post_logout_redirect_uri", "https://app.example.com/callback")],
            vec![hint, ("client_id", &*other.id), ("post_logout_redirect_uri", BYE)],
            vec![("post_logout_redirect_uri", BYE)],
        ] {
            let path = format!("/oauth/logout?{}", query(&pairs));
            let mut left = browser.get(&path).await;
            if left.status == StatusCode::OK {
                left = browser.post_form(&consent::action(&left), &[]).await;
            }
            assert!(left.header("location").starts_with("/login"), "{pairs:?}: {left:?}");
        }
    })
    .await;
}

/// Registers a client that is told of the end of sessions at this address.
async fn told_client(app: &TestApp, uri: &str) -> Client {
    let client = OauthClient {
        back_channel_logout_uri: Some(uri.to_owned()),
        algorithm: SigningAlgorithm::EdDsa,
        ..new_client()
    };
    register(app, client, None).await
}

/// Returns the claims of a logout token, after checking what every one of them has.
fn told(app: &TestApp, client: &Client, seen: &SeenRequest) -> Value {
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.headers["content-type"], "application/x-www-form-urlencoded");
    let mut pairs = form_urlencoded::parse(seen.body.as_bytes());
    let (name, token) = pairs.next().expect("a pair");
    assert_eq!(name, "logout_token");
    let header = token.split('.').next().expect("a JWT");
    let header = claims(&format!("x.{header}"));
    assert_eq!((text(&header, "alg"), text(&header, "typ")), ("EdDSA", "logout+jwt"));
    let claims = claims(&token);
    assert_eq!(text(&claims, "iss"), app.origin);
    assert_eq!(text(&claims, "aud"), client.id);
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(claims["events"], json!({ event: {} }));
    assert!(claims.get("nonce").is_none() && claims["jti"].is_string(), "{claims}");
    claims
}

#[tokio::test]
async fn a_client_is_told_when_the_session_ends() {
    on_each(async |app| {
        let listener = FakeVendor::start(Reply::Now(200, String::new()));
        let client = told_client(app, &format!("{}/logout", listener.url)).await;
        let (browser, mobile) = signed_in(app).await;
        let tokens = tokens_for(app, &browser, &client, "openid").await;
        let id_token = claims(text(&tokens, "id_token"));
        // A second sign-in of the same session is told with the first.
        tokens_for(app, &browser, &client, "openid").await;
        let elsewhere = super::signed_in_elsewhere(app, &mobile).await;
        tokens_for(app, &elsewhere, &client, "openid").await;

        browser.delete("/api/v1/session").await;
        app.wait_for_background_tasks().await;

        let seen = listener.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        let logout = told(app, &client, &seen[0]);
        assert_eq!(logout["sid"], id_token["sid"]);
        assert_eq!(logout["sub"], id_token["sub"]);
        notify_clients(&app.state, None).await.expect("nothing to do");
        assert_eq!(listener.seen().len(), 1, "it is told once");
        // The account goes, and with it the other session.
        let body = json!({ "password": test_support::app::PASSWORD });
        let request = elsewhere.request(reqwest::Method::DELETE, "/api/v1/user").json(&body);
        assert_eq!(elsewhere.send(request).await.status, StatusCode::OK);
        app.wait_for_background_tasks().await;
        assert_eq!(listener.stop().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_client_that_does_not_answer_is_told_later_and_not_for_ever() {
    on_each(async |app| {
        let listener = FakeVendor::start(Reply::Now(503, String::new()));
        let client = told_client(app, &format!("{}/logout", listener.url)).await;
        let (browser, _) = signed_in(app).await;
        tokens_for(app, &browser, &client, "openid").await;
        browser.delete("/api/v1/session").await;
        app.wait_for_background_tasks().await;
        assert_eq!(listener.seen().len(), 1);
        notify_clients(&app.state, None).await.expect("told");
        assert_eq!(listener.seen().len(), 1, "not before half a minute");
        app.advance(Duration::from_secs(31)).await;
        // Two instances at once make one attempt.
        let (one, two) =
            tokio::join!(notify_clients(&app.state, None), notify_clients(&app.state, None));
        one.and(two).expect("told");
        assert_eq!(listener.seen().len(), 2);
        for _ in 0..10 {
            app.advance(Duration::from_hours(24)).await;
            notify_clients(&app.state, None).await.expect("told");
        }
        assert_eq!(listener.stop().await.len(), 6);
    })
    .await;
}

/// The cleanup keeps what a client was not told yet, and no client that hangs delays another.
#[tokio::test]
async fn a_client_is_told_of_a_session_that_expires() {
    on_each(async |app| {
        let listener = FakeVendor::start(Reply::Now(200, String::new()));
        let hanging = FakeVendor::start(Reply::After(Duration::from_secs(4)));
        let (browser, _) = signed_in(app).await;
        let slow = told_client(app, &format!("{}/logout", hanging.url)).await;
        tokens_for(app, &browser, &slow, "openid").await;
        let client = told_client(app, &format!("{}/logout", listener.url)).await;
        tokens_for(app, &browser, &client, "openid").await;
        app.advance(Duration::from_hours(24 * 40)).await;
        cleanup(&app.state, app.state.clock.now()).await.expect("cleaned");
        let told = notify_clients(&app.state, None);
        let waited = async {
            while listener.seen().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert!(hanging.seen().len() <= 1, "the other one still hangs");
        };
        let (told, ()) = tokio::join!(told, waited);
        told.expect("told");
        assert_eq!(listener.stop().await.len(), 1);
    })
    .await;
}
