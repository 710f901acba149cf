//! JWTs, verified by another library with nothing but the published keys.

use std::process::Command;

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use haoma::{
    domain::{clock::Clock, keys::SecretKey},
    stores::{db::Db, jwt_keys::JwtKeys, tables::signing_keys},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header, errors::Error as JwtError,
    jwk::JwkSet,
};
use reqwest::{Method, StatusCode, header::HOST};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::{
    app::{KEY, TestApp, fresh_mobile, on_each, on_each_with},
    client::TestClient,
    databases::{self, on_each_url},
    tokens::{ask, bearer, text_at, token},
};

async fn jwt(client: &TestClient<'_>) -> String {
    let response = client.get("/api/v1/session/jwt").await;
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
    assert_eq!(response.json().pointer("/data/expires_in"), Some(&json!(300)));
    text_at(&response.json(), "/data/token")
}

/// Verifies a token as another service would, which knows only our address.
async fn verified(app: &TestApp, token: &str, audience: &str) -> Result<Value, JwtError> {
    let host = format!("{HOST}: haoma.internal:8080");
    let response = ask(app, Method::GET, "/.well-known/jwks.json", &[&host]).await;
    assert_eq!(response.header("cache-control"), "public, max-age=300");
    assert_eq!(response.header("content-type"), "application/json");
    assert_eq!(response.header("access-control-allow-origin"), "*");
    let keys: JwkSet = serde_json::from_str(&response.body).expect("a key set");
    let kid = decode_header(token)?.kid.expect("a kid");
    let key = DecodingKey::from_jwk(keys.find(&kid).expect("a known key"))?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_issuer(&[&app.base]);
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    decode::<Value>(token, &key, &rules).map(|token| token.claims)
}

async fn kids(app: &TestApp) -> Vec<String> {
    app.state.jwt_keys.published_keys().await.into_iter().map(|key| key.kid).collect()
}

async fn rotate(app: &TestApp, minutes_ago: i64) {
    let at = Utc::now() - TimeDelta::minutes(minutes_ago);
    app.state.jwt_keys.rotate(at).await.expect("rotates");
}

#[tokio::test]
async fn others_can_verify_a_live_session() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let account = client.register(&mobile).await.json()["data"].clone();

        let before = Utc::now();
        let token_of_cookie = jwt(&client).await;
        let claims = verified(app, &token_of_cookie, &app.base).await.expect("verifies");
        let again = verified(app, &jwt(&client).await, &app.base).await.expect("verifies");

        assert_eq!(claims["sub"], account["id"].to_string());
        assert_eq!(claims["name"], account["name"]);
        let session = client.get("/api/v1/forward-auth").await;
        assert_eq!(claims["sid"], session.header("x-haoma-session"));
        let [exp, iat] = ["exp", "iat"].map(|name| claims[name].as_i64().expect("a time"));
        let (before, now) = (before.timestamp(), Utc::now().timestamp());
        // The clock of a verifier may be five seconds behind.
        assert!(iat <= before - 5, "issued at {iat}, asked at {before}");
        assert!((before + 300..=now + 300).contains(&exp), "{exp}: lives five minutes from now");
        assert_ne!(claims["jti"], again["jti"]);
        assert!(!claims.to_string().contains(&mobile));
        let header = decode_header(&token_of_cookie).expect("a header");
        assert_eq!((header.alg, header.typ.as_deref()), (Algorithm::EdDSA, Some("JWT")));

        let (head, signature) = token_of_cookie.rsplit_once('.').expect("a signature");
        let forged = format!("{head}.{}", "A".repeat(signature.len()));
        assert!(verified(app, &forged, &app.base).await.is_err());
        assert!(verified(app, &token_of_cookie, "https://other.example").await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_jwt_is_issued_for_a_live_session_only() {
    on_each_with(&[("JWT_AUDIENCE", "shop")], async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let token = token(&client, &mobile).await;
        let path = "/api/v1/session/jwt";

        let of_app = ask(app, Method::GET, path, &[&bearer(&token)]).await.json();
        let of_app = of_app["data"]["token"].as_str().expect("a token");
        verified(app, of_app, "shop").await.expect("verifies");
        client.delete("/api/v1/session").await;
        let ended = client.get(path).await;

        assert_eq!((ended.status, ended.errno().as_str()), (StatusCode::UNAUTHORIZED, "4101"));
    })
    .await;
}

#[tokio::test]
async fn jwt_keys_rotate_without_a_gap() {
    on_each(async |app| {
        let client = app.client();
        client.register(&fresh_mobile()).await;
        let secret = SecretKey::new(KEY.as_bytes().to_vec());
        let kid = |token: &str| decode_header(token).expect("a header").kid.expect("a kid");
        let first = jwt(&client).await;

        rotate(app, 0).await;
        let announced = jwt(&client).await;
        assert_eq!(kid(&announced), kid(&first), "the new key is published before it signs");
        assert_eq!(kids(app).await.len(), 2);

        // A key that was created eight minutes ago has been signing for a minute.
        let another =
            JwtKeys::open(app.state.db.clone(), &secret, Clock::default()).await.expect("opens");
        rotate(app, 8).await;
        let second = jwt(&client).await;
        assert_ne!(kid(&second), kid(&first));
        for token in [&first, &announced, &second] {
            verified(app, token, &app.base).await.expect("verifies");
        }
        let elsewhere = another.signing_key().await.expect("a key").public().kid.clone();
        assert_eq!(elsewhere, kid(&first), "signs on until it looks again");
        let restarted =
            JwtKeys::open(app.state.db.clone(), &secret, Clock::default()).await.expect("opens");
        assert_eq!(restarted.signing_key().await.expect("a key").public().kid, kid(&second));

        rotate(app, 20).await;
        assert!(!kids(app).await.contains(&kid(&first)), "no valid token needs it any more");
        let stored = app.state.db.read(signing_keys::all).await.expect("answers");
        assert!(stored.iter().all(|key| !key.is_in_use(Utc::now()) || !key.encrypted.is_empty()));
    })
    .await;
}

#[actix_web::test]
async fn instances_that_start_together_create_one_jwt_key() {
    databases::on_each(async |db| {
        let secret = SecretKey::new(KEY.as_bytes().to_vec());

        let opened =
            join_all((0..8).map(|_| JwtKeys::open(db.clone(), &secret, Clock::default()))).await;

        let mut kids = Vec::new();
        for keyring in opened {
            let key = keyring.expect("opens").signing_key().await.expect("a key");
            kids.push(key.public().kid.clone());
        }
        kids.dedup();
        assert_eq!(kids.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn another_secret_signs_with_a_key_of_its_own() {
    databases::on_each(async |db| {
        let secret = |byte| SecretKey::new(vec![byte; 32]);
        let old = JwtKeys::open(db.clone(), &secret(1), Clock::default()).await.expect("opens");
        let old = old.signing_key().await.expect("a key").public().clone();

        let unknown = JwtKeys::open_existing(db.clone(), &secret(2), Clock::default()).await;
        assert!(unknown.expect("answers").is_none());
        let new = JwtKeys::open(db.clone(), &secret(2), Clock::default()).await.expect("opens");

        let signing = new.signing_key().await.expect("a key").public().clone();
        assert_ne!(signing, old);
        assert_eq!(new.published_keys().await, [old, signing], "what was signed stays good");
    })
    .await;
}

#[tokio::test]
async fn the_operator_rotates_keys_at_the_terminal() {
    on_each_url(async |url| {
        let folder = TempDir::new().expect("a folder");
        let run = |secret: &str, command: &str| {
            let done = Command::new(env!("CARGO_BIN_EXE_haoma"))
                .args(["keys", command])
                .env_clear()
                .envs([("DATABASE_URL", url.as_str()), ("SECRET_KEY", secret)])
                .env("SMS_PROVIDERS", "console")
                .current_dir(&folder)
                .output()
                .expect("runs");
            let said = String::from_utf8_lossy(&done.stdout).into_owned();
            (done.status.success(), said)
        };
        let db = Db::open(&url, 2).await.expect("opens");
        db.migrate().await.expect("migrates");

        assert!(!run(KEY, "rotate").0, "no service has started yet");
        let secret = SecretKey::new(KEY.as_bytes().to_vec());
        let keyring = JwtKeys::open(db.clone(), &secret, Clock::default()).await.expect("opens");
        let first = keyring.signing_key().await.expect("a key").public().kid.clone();
        assert!(!run("not the secret of the service at all", "rotate").0);
        assert!(run(KEY, "rotate").0);

        let (_, said) = run(KEY, "list");
        assert_eq!(said.lines().count(), 2, "{said}");
        assert!(said.starts_with(&format!("1  {first}")), "{said}");
        let stored = db.read(signing_keys::all).await.expect("answers");
        let retired: Vec<_> = stored.iter().map(|key| key.retired_at.is_some()).collect();
        assert_eq!(json!(retired), json!([true, false]));
    })
    .await;
}
