//! The page of consent.

use reqwest::{Method, StatusCode};
use test_support::{app::on_each, client::TestResponse};

use haoma::domain::oauth::client::{ClientAuth, OauthClient};

use super::{
    answer, authorize_path, code, exchange, foreign_client, new_client, own_client, register,
    signed_in, text, userinfo,
};

/// Returns where the form of the page is sent to.
pub(super) fn action(page: &TestResponse) -> String {
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let (_, rest) = page.body.split_once("<form method=\"post\" action=\"").expect("a form");
    let action = rest.split('"').next().unwrap_or_default();
    action.replace("&amp;", "&").replace("&#x2F;", "/")
}

#[tokio::test]
async fn a_person_is_asked_once_what_a_foreign_client_may_know() {
    on_each(async |app| {
        let client = foreign_client(app).await;
        let (browser, mobile) = signed_in(app).await;
        let path = authorize_path(&client, &[]);

        let page = browser.get(&path).await;

        assert!(page.body.contains("Wiki") && page.body.contains("app.example.com"), "{page:?}");
        assert!(page.body.contains(&format!("{}****{}", &mobile[..3], &mobile[7..])));
        assert_eq!(page.header("x-frame-options"), "DENY");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://app.example.com;"), "{policy}");
        let allowed = browser.post_form(&action(&page), &[("decision", "allow")]).await;
        assert_eq!(answer(&allowed)["state"], "the state");
        assert_eq!(exchange(app, &client, &code(&allowed)).await.status, StatusCode::OK);
        code(&browser.get(&path).await);
        // More than that is asked for again.
        let more = browser.get(&authorize_path(&client, &[("scope", "openid phone")])).await;
        assert_eq!(more.status, StatusCode::OK, "{more:?}");
        let again = browser.get(&authorize_path(&client, &[("prompt", "consent")])).await;
        assert_eq!(again.status, StatusCode::OK, "{again:?}");
        code(&browser.post_form(&action(&again), &[("decision", "allow")]).await);
        let (other, _) = signed_in(app).await;
        assert_eq!(other.get(&path).await.status, StatusCode::OK, "another person");
    })
    .await;
}

#[tokio::test]
async fn a_person_may_decline_and_nothing_is_recorded() {
    on_each(async |app| {
        let client = foreign_client(app).await;
        let (browser, _) = signed_in(app).await;
        let page = browser.get(&authorize_path(&client, &[])).await;
        for decision in ["decline", ""] {
            let declined = browser.post_form(&action(&page), &[("decision", decision)]).await;
            let answer = answer(&declined);
            assert_eq!(answer["error"], "access_denied");
            assert_eq!(answer["state"], "the state");
        }
        let listed = browser.get("/api/v1/user/applications").await.json();
        assert_eq!(listed["data"]["applications"], serde_json::json!([]));
        assert_eq!(browser.get(&authorize_path(&client, &[])).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_own_client_asks_for_the_number_only() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        code(&browser.get(&authorize_path(&client, &[("scope", "openid profile")])).await);
        let page = browser.get(&authorize_path(&client, &[("scope", "openid phone")])).await;
        let allowed = browser.post_form(&action(&page), &[("decision", "allow")]).await;
        let tokens = exchange(app, &client, &code(&allowed)).await.json();
        let who = userinfo(app, text(&tokens, "access_token")).await.json();
        assert_eq!(who["phone_number_verified"], true);
        code(&browser.get(&authorize_path(&client, &[("scope", "openid phone")])).await);
    })
    .await;
}

#[tokio::test]
async fn what_one_person_was_asked_another_cannot_answer() {
    on_each(async |app| {
        let client = foreign_client(app).await;
        let (browser, _) = signed_in(app).await;
        let page = browser.get(&authorize_path(&client, &[])).await;
        // Somebody else signs in in another tab.
        let (other, _) = signed_in(app).await;
        browser.set_cookies(other.cookie_jar());
        let again = browser.post_form(&action(&page), &[("decision", "allow")]).await;
        assert_eq!(again.status, StatusCode::OK, "{again:?}");
        assert_ne!(action(&again), action(&page));
        code(&browser.post_form(&action(&again), &[("decision", "allow")]).await);
    })
    .await;
}

/// RFC 8252 §8.6: any program on the device may stand behind such a client.
#[tokio::test]
async fn an_app_that_can_be_impersonated_is_asked_about_each_time() {
    on_each(async |app| {
        let native = OauthClient {
            auth: ClientAuth::None,
            redirect_uris: vec!["com.example.app:/callback".to_owned()],
            ..new_client()
        };
        let native = register(app, native, None).await;
        let (browser, _) = signed_in(app).await;
        let path = authorize_path(&native, &[("redirect_uri", "com.example.app:/callback")]);
        for _ in 0..2 {
            let page = browser.get(&path).await;
            let policy = page.header("content-security-policy");
            assert!(policy.contains("form-action 'self' com.example.app:;"), "{policy}");
            let allowed = browser.post_form(&action(&page), &[("decision", "allow")]).await;
            let to = allowed.header("location");
            assert!(to.starts_with("com.example.app:/callback?code="), "{allowed:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn no_other_page_can_send_the_form() {
    on_each(async |app| {
        let client = foreign_client(app).await;
        let (browser, _) = signed_in(app).await;
        let path = action(&browser.get(&authorize_path(&client, &[])).await);
        let form = |request: reqwest::RequestBuilder| {
            request
                .header("content-type", "application/x-www-form-urlencoded")
                .body("decision=allow")
        };
        let request = browser.request_without_origin(Method::POST, &path);
        let cross = form(request.header("sec-fetch-site", "cross-site"));
        assert_eq!(browser.send(cross).await.status, StatusCode::FORBIDDEN);
        // Without a word of the browser the cookie is ignored, so that nobody is signed in.
        let unknown = browser.send(form(browser.request_without_origin(Method::POST, &path))).await;
        assert!(
            unknown.status == StatusCode::FORBIDDEN
                || unknown.header("location").starts_with("/login"),
            "{unknown:?}"
        );
        let stranger = app.client();
        let asked = stranger.post_form(&path, &[("decision", "allow")]).await;
        assert!(asked.header("location").starts_with("/login?next="), "{asked:?}");
    })
    .await;
}
