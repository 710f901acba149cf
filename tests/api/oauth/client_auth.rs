//! How clients prove who they are.

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use haoma::domain::{
    jwk::{self, Jwk},
    keys::SecretKey,
    oauth::{
        client::{ClientAuth, OauthClient},
        token::{OpaqueToken, TokenUse},
    },
    signing_algorithm::SigningAlgorithm,
    signing_key::SigningKey,
};
use haoma::stores::{db::Connection, tables::oauth_clients};
use reqwest::StatusCode;
use serde_json::{Value, json};
use test_support::{
    app::{TestApp, on_each},
    client::TestResponse,
};

use super::{
    CALLBACK, Client, VERIFIER, assert_error, code_for, exchange, new_client, own_client, post,
    register, signed_in,
};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[tokio::test]
async fn a_secret_comes_in_the_header_or_in_the_body_and_not_in_both() {
    on_each(async |app| {
        let (client, other) = (own_client(app).await, own_client(app).await);
        let (browser, _) = signed_in(app).await;
        let code = code_for(&browser, &client, &[]).await;
        let (id, secret) = (&*client.id, &*client.secret);
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let send = async |header: Option<&Client>, extra: &[(&str, &str)]| {
            post(app, "/oauth/token", header, &[&grant[..], extra].concat()).await
        };
        let wrong = Client { id: client.id.clone(), secret: other.secret.clone() };
        let empty = Client { id: client.id.clone(), secret: String::new() };
        let unknown = Client { id: "unknown".to_owned(), secret: client.secret.clone() };
        for nobody in [&wrong, &empty, &unknown] {
            let refused = send(Some(nobody), &[]).await;
            assert_error(&refused, 401, "invalid_client");
            assert!(refused.header("www-authenticate").starts_with("Basic "), "{refused:?}");
        }
        assert_error(&send(None, &[]).await, 401, "invalid_client");
        assert_error(&send(None, &[("client_id", id)]).await, 401, "invalid_client");
        let in_body = [("client_id", id), ("client_secret", &*other.secret)];
        assert_error(&send(None, &in_body).await, 401, "invalid_client");
        let twice = [("client_id", id), ("client_secret", secret)];
        assert_error(&send(Some(&client), &twice).await, 400, "invalid_request");
        assert_error(
            &send(Some(&client), &[("client_id", &*other.id)]).await,
            400,
            "invalid_request",
        );
        assert_error(&send(None, &[("client_secret", secret)]).await, 401, "invalid_client");
        let repeated = [("client_id", id), ("client_id", id)];
        assert_error(&send(Some(&client), &repeated).await, 400, "invalid_request");
        let right = [("client_id", id), ("client_secret", secret)];
        assert_eq!(send(None, &right).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn the_old_secret_is_good_for_a_day_after_a_new_one_is_made() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let new = OpaqueToken::random(TokenUse::ClientSecret);
        let (id, hash) = (client.id.clone(), new.hash());
        let until = app.state.clock.now() + TimeDelta::days(1);
        let replace = async move |connection: &mut Connection| {
            oauth_clients::replace_secret(connection, &id, &hash, until).await
        };
        assert!(app.state.db.write(replace).await.expect("replaced"));
        let new = Client { id: client.id.clone(), secret: new.as_str().to_owned() };
        for of_now in [&client, &new] {
            let code = code_for(&browser, &client, &[]).await;
            assert_eq!(exchange(app, of_now, &code).await.status, StatusCode::OK);
        }
        app.advance(std::time::Duration::from_secs(24 * 60 * 60 + 1)).await;
        let (browser, _) = signed_in(app).await;
        let code = code_for(&browser, &client, &[]).await;
        assert_error(&exchange(app, &client, &code).await, 401, "invalid_client");
        assert_eq!(exchange(app, &new, &code).await.status, StatusCode::OK);
    })
    .await;
}

/// A client with a key of its own.
struct Signer {
    client: Client,
    key: SigningKey,
}

async fn signer(app: &TestApp, algorithm: SigningAlgorithm) -> Signer {
    let encryption = SecretKey::new(vec![1; 32]).derive("test");
    let (key, _) = SigningKey::random(algorithm, &encryption).expect("a key");
    let jwks = json!({ "keys": [Jwk::from(key.public().clone())] }).to_string();
    let client = OauthClient {
        auth: ClientAuth::PrivateKeyJwt,
        keys: jwk::parse_set(&jwks).expect("a key set"),
        ..new_client()
    };
    Signer { client: register(app, client, Some(jwks)).await, key }
}

fn assertion_claims(app: &TestApp, id: &str) -> Value {
    let now = Utc::now().timestamp();
    json!({
        "iss": id, "sub": id, "aud": format!("{}/oauth/token", app.origin),
        "exp": now + 60, "iat": now, "jti": OpaqueToken::random(TokenUse::Code).as_str(),
    })
}

async fn send(app: &TestApp, code: &str, assertion: &str) -> TestResponse {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    post(app, "/oauth/token", None, &pairs).await
}

#[tokio::test]
async fn a_client_signs_its_requests_with_a_key_of_its_own() {
    on_each(async |app| {
        let (browser, _) = signed_in(app).await;
        for algorithm in [SigningAlgorithm::EdDsa, SigningAlgorithm::Es256] {
            let Signer { client, key } = signer(app, algorithm).await;
            let code = code_for(&browser, &client, &[]).await;
            let good = assertion_claims(app, &client.id);
            let with = |name: &str, value: Value| {
                let mut claims = good.clone();
                claims[name] = value;
                claims
            };
            let now = Utc::now().timestamp();
            for bad in [
                with("iss", json!("somebody")),
                with("sub", json!("somebody")),
                with("aud", json!("https://elsewhere.example")),
                with("aud", json!([])),
                with("exp", json!(now - 120)),
                with("exp", json!(now + 7200)),
                with("exp", Value::Null),
                with("nbf", json!(now + 600)),
                with("jti", Value::Null),
            ] {
                let assertion = key.sign(&bad).expect("signed");
                let refused = send(app, &code, &assertion).await;
                assert_error(&refused, 401, "invalid_client");
            }
            let encryption = SecretKey::new(vec![2; 32]).derive("test");
            let (stranger, _) = SigningKey::random(algorithm, &encryption).expect("a key");
            let forged = stranger.sign(&good).expect("signed");
            assert_error(&send(app, &code, &forged).await, 401, "invalid_client");
            let by_issuer = with("aud", json!([app.origin, "https://other.example"]));
            let assertion = key.sign(&by_issuer).expect("signed");
            assert_eq!(send(app, &code, &assertion).await.status, StatusCode::OK);
            // The same assertion again, as somebody would who has read it.
            let code = code_for(&browser, &client, &[]).await;
            assert_error(&send(app, &code, &assertion).await, 401, "invalid_client");
        }
    })
    .await;
}

#[tokio::test]
async fn of_fifty_uses_of_one_assertion_one_counts() {
    on_each(async |app| {
        let (browser, _) = signed_in(app).await;
        let Signer { client, key } = signer(app, SigningAlgorithm::EdDsa).await;
        let mut codes = Vec::new();
        for _ in 0..50 {
            codes.push(code_for(&browser, &client, &[]).await);
        }
        let assertion = key.sign(&assertion_claims(app, &client.id)).expect("signed");
        let answers = join_all(codes.iter().map(|code| send(app, code, &assertion))).await;
        let good = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
        assert_eq!(good, 1, "{answers:?}");
    })
    .await;
}
