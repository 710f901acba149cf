//! JWTs, verified by another library with nothing but the published keys.

use chrono::Utc;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header, errors::Error as JwtError,
    jwk::JwkSet,
};
use reqwest::{Method, StatusCode, header::HOST};
use serde_json::{Value, json};
use test_support::{
    app::{TestApp, fresh_mobile, on_each, on_each_with},
    client::TestClient,
    tokens::{ask, bearer, text_at, token},
};

pub(super) async fn jwt(client: &TestClient<'_>) -> String {
    let response = client.get("/api/v1/session/jwt").await;
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
    assert_eq!(response.json().pointer("/data/expires_in"), Some(&json!(300)));
    text_at(&response.json(), "/data/token")
}

/// Verifies a token as another service would, which knows only our address.
pub(super) async fn verified(
    app: &TestApp,
    token: &str,
    audience: &str,
) -> Result<Value, JwtError> {
    let host = format!("{HOST}: haoma.internal:8080");
    let response = ask(app, Method::GET, "/.well-known/jwks.json", &[&host]).await;
    assert_eq!(response.header("cache-control"), "public, max-age=300");
    assert_eq!(response.header("content-type"), "application/json");
    assert_eq!(response.header("access-control-allow-origin"), "*");
    let keys: JwkSet = serde_json::from_str(&response.body).expect("a key set");
    let kid = decode_header(token)?.kid.expect("a kid");
    let jwk = keys.find(&kid).expect("a known key");
    let key = DecodingKey::from_jwk(jwk)?;
    let algorithm = jwk.common.key_algorithm.expect("an algorithm").to_string();
    let mut rules = Validation::new(algorithm.parse().expect("one for signatures"));
    rules.set_issuer(&[&app.base]);
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    decode::<Value>(token, &key, &rules).map(|token| token.claims)
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
async fn the_operator_chooses_the_algorithm() {
    let chosen = [
        ("EdDSA", Algorithm::EdDSA, ["ES256", "EdDSA"].as_slice()),
        ("ES256", Algorithm::ES256, &["ES256", "EdDSA"]),
        ("RS256", Algorithm::RS256, &["ES256", "EdDSA", "RS256"]),
    ];
    for (name, algorithm, published) in chosen {
        on_each_with(&[("JWT_ALGORITHM", name)], async |app| {
            let client = app.client();
            client.register(&fresh_mobile()).await;

            let token = jwt(&client).await;

            verified(app, &token, &app.base).await.expect("verifies");
            assert_eq!(decode_header(&token).expect("a header").alg, algorithm);
            let keys = ask(app, Method::GET, "/.well-known/jwks.json", &[]).await.json();
            let keys = keys["keys"].as_array().expect("keys").clone();
            let mut names: Vec<_> = keys.iter().map(|key| text_at(key, "/alg")).collect();
            names.sort_unstable();
            assert_eq!(names, published, "making an RSA key takes long");
            for key in keys {
                assert_members(&key);
            }
        })
        .await;
    }
}

/// Asserts that a published key has the members that its algorithm needs, and no private ones.
fn assert_members(key: &Value) {
    let (expected, fixed) = match key["alg"].as_str() {
        Some("EdDSA") => (["alg", "crv", "kid", "kty", "use", "x"].as_slice(), "OKP Ed25519"),
        Some("ES256") => (&["alg", "crv", "kid", "kty", "use", "x", "y"][..], "EC P-256"),
        _ => (&["alg", "e", "kid", "kty", "n", "use"][..], "RSA AQAB"),
    };
    let mut names: Vec<_> = key.as_object().expect("an object").keys().collect();
    names.sort_unstable();
    assert_eq!(names, expected, "{key}");
    let kind =
        [text_at(key, "/kty"), text_at(key, if key["n"].is_string() { "/e" } else { "/crv" })];
    assert_eq!((kind.join(" ").as_str(), &key["use"]), (fixed, &json!("sig")), "{key}");
}
