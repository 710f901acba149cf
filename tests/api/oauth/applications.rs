//! The applications that a person has signed in to.

use reqwest::StatusCode;
use serde_json::Value;
use test_support::{app::on_each, client::TestClient};

use super::{
    assert_error, authorize_path, code, consent, exchange, foreign_client, own_client, refresh,
    signed_in, text, tokens_for, userinfo,
};

async fn applications(browser: &TestClient<'_>) -> Vec<Value> {
    let body = browser.get("/api/v1/user/applications").await.json();
    body["data"]["applications"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_person_sees_their_applications_and_takes_access_away() {
    on_each(async |app| {
        let (own, foreign) = (own_client(app).await, foreign_client(app).await);
        let (browser, _) = signed_in(app).await;
        assert!(applications(&browser).await.is_empty());
        let page = browser.get("/account").await;
        assert!(!page.body.contains("id=\"applications\""), "nothing is shown of no applications");
        let tokens = tokens_for(app, &browser, &own, "openid offline_access").await;
        let scope = [("scope", "openid phone")];
        let page = browser.get(&authorize_path(&foreign, &scope)).await;
        let allowed = browser.post_form(&consent::action(&page), &[("decision", "allow")]).await;
        let of_foreign = exchange(app, &foreign, &code(&allowed)).await.json();

        let listed = applications(&browser).await;

        assert_eq!(listed.len(), 2, "{listed:?}");
        let of = |id: &str| {
            let found = listed.iter().find(|application| text(application, "id") == id);
            found.expect("it is listed").clone()
        };
        assert_eq!(text(&of(&own.id), "scope"), "openid offline_access");
        assert_eq!(of(&own.id)["knows_mobile"], false);
        assert_eq!(of(&foreign.id)["knows_mobile"], true);
        assert!(browser.get("/account").await.body.contains("id=\"applications\""));
        // By the page, then by JSON.
        let done = browser.post_form("/account/applications", &[("remove", &*own.id)]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{done:?}");
        let refused = refresh(app, &own, text(&tokens, "refresh_token")).await;
        assert_error(&refused, 400, "invalid_grant");
        assert_error(&userinfo(app, text(&tokens, "access_token")).await, 401, "invalid_token");
        let path = format!("/api/v1/user/applications/{}", foreign.id);
        let (other, _) = signed_in(app).await;
        assert_eq!(other.delete(&path).await.status, StatusCode::NOT_FOUND, "of somebody else");
        assert_eq!(userinfo(app, text(&of_foreign, "access_token")).await.status, StatusCode::OK);
        assert_eq!(browser.delete(&path).await.status, StatusCode::OK);
        assert_error(&userinfo(app, text(&of_foreign, "access_token")).await, 401, "invalid_token");
        assert_eq!(browser.delete(&path).await.status, StatusCode::NOT_FOUND);
        assert!(applications(&browser).await.is_empty());
        // What was taken away has to be consented to again.
        assert_eq!(browser.get(&authorize_path(&foreign, &scope)).await.status, StatusCode::OK);
        assert!(browser.is_signed_in().await);
    })
    .await;
}
