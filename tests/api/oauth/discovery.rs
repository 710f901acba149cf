//! What clients read to set themselves up.

use reqwest::StatusCode;
use serde_json::{Value, json};
use test_support::app::{on_each, on_each_with};

use super::{own_client, text};

#[tokio::test]
async fn both_names_give_the_same_configuration_and_every_endpoint_exists() {
    on_each(async |app| {
        own_client(app).await;
        let sender = app.client();
        let answer = sender.get("/.well-known/openid-configuration").await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let body = answer.json();
        let same = sender.get("/.well-known/oauth-authorization-server").await.json();
        assert_eq!(body, same);
        assert_eq!(text(&body, "issuer"), app.origin);
        let mut endpoints = 0;
        for (name, value) in body.as_object().expect("an object") {
            let is_endpoint = name.ends_with("_endpoint") || name == "jwks_uri";
            let Some(path) = value.as_str().and_then(|url| url.strip_prefix(&*app.origin)) else {
                assert!(!is_endpoint, "{name}: {value}");
                continue;
            };
            if is_endpoint {
                endpoints += 1;
                assert_ne!(sender.get(path).await.status, StatusCode::NOT_FOUND, "{name}");
            }
        }
        assert_eq!(endpoints, 7, "{body}");
        for (name, needed) in [
            ("response_types_supported", "code"),
            ("id_token_signing_alg_values_supported", "RS256"),
            ("subject_types_supported", "public"),
            ("code_challenge_methods_supported", "S256"),
            ("scopes_supported", "openid"),
        ] {
            let values = body[name].as_array().expect(name);
            assert!(values.contains(&json!(needed)), "{name}: {values:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_issuer_is_the_public_url() {
    on_each_with(&[("PUBLIC_URL", "https://id.example.com")], async |app| {
        let body = app.client().get("/.well-known/openid-configuration").await.json();
        assert_eq!(text(&body, "issuer"), "https://id.example.com");
        assert_eq!(text(&body, "jwks_uri"), "https://id.example.com/.well-known/jwks.json");
    })
    .await;
}

#[tokio::test]
async fn the_key_set_has_the_key_of_every_client() {
    on_each(async |app| {
        own_client(app).await;
        let keys = app.client().get("/.well-known/jwks.json").await.json();
        let algorithms: Vec<&Value> =
            keys["keys"].as_array().expect("keys").iter().map(|key| &key["alg"]).collect();
        assert!(algorithms.contains(&&json!("ES256")), "{keys}");
        assert!(algorithms.contains(&&json!("EdDSA")), "{keys}");
    })
    .await;
}

#[tokio::test]
async fn pages_of_other_sites_may_use_the_endpoints_without_cookies() {
    on_each(async |app| {
        let sender = app.client();
        for path in ["/oauth/token", "/oauth/userinfo", "/oauth/revoke"] {
            let request = sender.request_without_origin(reqwest::Method::OPTIONS, path);
            let request = request.header("origin", "https://spa.example.com");
            let answer = sender.send(request).await;
            assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
            assert_eq!(
                answer.header("access-control-allow-headers"),
                "Authorization, Content-Type"
            );
            let request = sender.request_without_origin(reqwest::Method::POST, path);
            let request = request.header("origin", "https://spa.example.com");
            let request = request.header("sec-fetch-site", "cross-site");
            let form = request.header("content-type", "application/x-www-form-urlencoded");
            let answer = sender.send(form.body("token=x&client_id=unknown")).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {answer:?}");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
    })
    .await;
}
