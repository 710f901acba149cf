//! Two instances on the same stores.

use futures_util::future::join_all;
use reqwest::StatusCode;
use test_support::app::on_shared_backends;

use super::{
    assert_error, claims, code_for, exchange, own_client, refresh, signed_in, text, userinfo,
};

#[tokio::test]
async fn what_one_instance_grants_the_other_exchanges_once_and_ends() {
    on_shared_backends(async |backends| {
        let settings = [("PUBLIC_URL", "https://id.example.com")];
        let (first, second) = (backends.open(&settings).await, backends.open(&settings).await);
        let client = own_client(&first).await;
        let (browser, _) = signed_in(&first).await;
        let scope = [("scope", "openid offline_access")];
        let code = code_for(&browser, &client, &scope).await;
        let tokens = exchange(&second, &client, &code).await.json();
        assert_eq!(text(&claims(text(&tokens, "id_token")), "iss"), "https://id.example.com");
        let keys = first.client().get("/.well-known/jwks.json").await;
        assert!(keys.body.contains("ES256"), "{keys:?}");
        assert_eq!(userinfo(&first, text(&tokens, "access_token")).await.status, StatusCode::OK);
        let next = refresh(&first, &client, text(&tokens, "refresh_token")).await.json();
        let reused = refresh(&second, &client, text(&tokens, "refresh_token")).await;
        assert_error(&reused, 400, "invalid_grant");
        let ended = userinfo(&first, text(&next, "access_token")).await;
        assert_eq!(ended.status, StatusCode::UNAUTHORIZED);

        let code = code_for(&browser, &client, &scope).await;
        let takers = (0..50).map(|taker| {
            let app = if taker % 2 == 0 { &first } else { &second };
            exchange(app, &client, &code)
        });
        let answers = join_all(takers).await;
        let won = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
        assert_eq!(won, 1, "{answers:?}");
        first.stop().await;
        second.stop().await;
    })
    .await;
}
