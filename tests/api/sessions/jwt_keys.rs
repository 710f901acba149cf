//! The keys that sign JWTs: how they are made, rotated and read under another `SECRET_KEY`.

use std::{process::Command, time::Duration};

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use haoma::{
    domain::{clock::Clock, keys::SecretKey, signing_algorithm::SigningAlgorithm},
    stores::{
        db::{Connection, Db},
        jwt_keys::JwtKeys,
        tables::signing_keys,
    },
};
use jsonwebtoken::decode_header;
use serde_json::json;
use tempfile::TempDir;
use test_support::{
    app::{KEY, TestApp, fresh_mobile, on_each_with},
    client::TestClient,
    databases::{on_each, on_each_url},
};

use super::jwt::{jwt, verified};

async fn kids(app: &TestApp) -> Vec<String> {
    app.state.jwt_keys.published_keys().await.into_iter().map(|key| key.kid).collect()
}

async fn rotate(app: &TestApp, minutes_ago: i64) {
    let at = Utc::now() - TimeDelta::minutes(minutes_ago);
    app.state.jwt_keys.rotate(at).await.expect("rotates");
}

async fn kid_of(keys: &JwtKeys, algorithm: SigningAlgorithm) -> String {
    keys.signing_key(algorithm).await.expect("a key").public().kid.clone()
}

#[tokio::test]
async fn jwt_keys_rotate_without_a_gap() {
    for algorithm in SigningAlgorithm::ALL {
        on_each_with(&[("JWT_ALGORITHM", algorithm.as_str())], async |app| {
            let client = app.client();
            client.register(&fresh_mobile()).await;
            let first = jwt(&client).await;
            let announced = assert_published_before_it_signs(&client, &first).await;
            assert_follows(&client, algorithm, &[first.clone(), announced]).await;
            assert_forgotten(app, &first).await;
        })
        .await;
    }
}

fn kid(token: &str) -> String {
    decode_header(token).expect("a header").kid.expect("a kid")
}

/// Rotates the keys and returns a JWT of the time before the new ones sign.
async fn assert_published_before_it_signs(client: &TestClient<'_>, first: &str) -> String {
    let before = kids(client.app).await.len();

    rotate(client.app, 0).await;

    let announced = jwt(client).await;
    assert_eq!(kid(&announced), kid(first));
    assert_eq!(kids(client.app).await.len(), 2 * before, "each algorithm has a new key");
    announced
}

/// Rotates the keys so that new ones sign, on each instance as soon as it reads them.
async fn assert_follows(client: &TestClient<'_>, algorithm: SigningAlgorithm, earlier: &[String]) {
    let app = client.app;
    let secret = SecretKey::new(KEY.as_bytes().to_vec());
    let clock = Clock::default();
    let open = || JwtKeys::open(app.state.db.clone(), &secret, clock.clone());
    let another = open().await.expect("opens");

    // A key that was created eight minutes ago has been signing for a minute.
    rotate(app, 8).await;

    let second = jwt(client).await;
    assert_ne!(kid(&second), kid(&earlier[0]));
    for token in earlier.iter().chain([&second]) {
        verified(app, token, &app.base).await.expect("verifies");
    }
    let restarted = kid_of(&open().await.expect("opens"), algorithm).await;
    let before = kid_of(&another, algorithm).await;
    clock.advance(Duration::from_secs(30));
    let after = kid_of(&another, algorithm).await;
    let expected = [&second, &earlier[0], &second].map(|token| kid(token));
    assert_eq!([restarted, before, after], expected, "signs on until it looks again");
}

/// Rotates the keys so that no valid JWT needs the first one any more.
async fn assert_forgotten(app: &TestApp, token: &str) {
    rotate(app, 20).await;

    assert!(!kids(app).await.contains(&kid(token)));
    assert!(app.state.jwt_keys.verify(token).await.is_some(), "what it has signed is known");
    let stored = app.state.db.read(signing_keys::all).await.expect("answers");
    assert!(stored.iter().all(|key| !key.is_in_use(Utc::now()) || !key.encrypted.is_empty()));
}

#[actix_web::test]
async fn instances_that_start_together_create_one_jwt_key_of_each_algorithm() {
    on_each(async |db| {
        let secret = SecretKey::new(KEY.as_bytes().to_vec());
        let start = async || {
            let keys = JwtKeys::open(db.clone(), &secret, Clock::default()).await.expect("opens");
            keys.ensure(SigningAlgorithm::Rs256).await.expect("a key");
            keys
        };

        let started = join_all((0..8).map(|_| start())).await;

        for algorithm in SigningAlgorithm::ALL {
            let mut kids = join_all(started.iter().map(|keys| kid_of(keys, algorithm))).await;
            kids.dedup();
            assert_eq!(kids.len(), 1, "{algorithm:?}");
        }
        let stored = db.read(signing_keys::all).await.expect("answers");
        assert_eq!(stored.len(), 3, "{stored:?}");
    })
    .await;
}

#[actix_web::test]
async fn a_key_that_another_process_has_made_signs_at_once() {
    on_each(async |db| {
        let secret = SecretKey::new(KEY.as_bytes().to_vec());
        let open = || JwtKeys::open(db.clone(), &secret, Clock::default());
        let (service, command) = (open().await.expect("opens"), open().await.expect("opens"));
        assert_eq!(service.published_keys().await.len(), 2);

        command.ensure(SigningAlgorithm::Rs256).await.expect("a key");

        let made = kid_of(&command, SigningAlgorithm::Rs256).await;
        assert_eq!(kid_of(&service, SigningAlgorithm::Rs256).await, made);
        assert!(service.published_keys().await.iter().any(|key| key.kid == made));
    })
    .await;
}

#[actix_web::test]
async fn a_database_of_the_version_before_gets_a_key_of_es256_and_keeps_its_own() {
    on_each(async |db| {
        let secret = SecretKey::new(KEY.as_bytes().to_vec());
        let open = || JwtKeys::open(db.clone(), &secret, Clock::default());
        let old = kid_of(&open().await.expect("opens"), SigningAlgorithm::EdDsa).await;
        let delete = "DELETE FROM signing_keys WHERE algorithm <> 'EdDSA'";
        db.write(async |connection: &mut Connection| Ok(connection.batch_execute(delete).await?))
            .await
            .expect("deletes");

        let keys = open().await.expect("opens");

        let published = keys.published_keys().await;
        let algorithms: Vec<_> = published.iter().map(|key| key.algorithm).collect();
        assert_eq!(algorithms, [SigningAlgorithm::EdDsa, SigningAlgorithm::Es256]);
        assert_eq!(kid_of(&keys, SigningAlgorithm::EdDsa).await, old);
    })
    .await;
}

#[actix_web::test]
async fn another_secret_signs_with_keys_of_its_own() {
    on_each(async |db| {
        let secret = |byte| SecretKey::new(vec![byte; 32]);
        let old = JwtKeys::open(db.clone(), &secret(1), Clock::default()).await.expect("opens");
        old.ensure(SigningAlgorithm::Rs256).await.expect("a key");
        let token = old.signing_key(SigningAlgorithm::Rs256).await.expect("a key");
        let token = token.sign(&json!({ "sub": "7" })).expect("a JWT");
        let old = old.published_keys().await;

        let unknown = JwtKeys::open_existing(db.clone(), &secret(2), Clock::default()).await;
        assert!(unknown.expect("answers").is_none());
        let new = JwtKeys::open(db.clone(), &secret(2), Clock::default()).await.expect("opens");

        let published = new.published_keys().await;
        assert_eq!(published.len(), 6);
        assert_eq!(published[..3], old, "what was signed stays good");
        assert_eq!(new.verify(&token).await, Some(json!({ "sub": "7" })));
        for (key, algorithm) in published[3..].iter().zip(SigningAlgorithm::ALL) {
            assert_eq!(key.kid, kid_of(&new, algorithm).await);
        }
    })
    .await;
}

/// A command under the wrong `SECRET_KEY` must not take the keys of the service out of use.
#[actix_web::test]
async fn a_missing_key_is_made_but_one_of_another_secret_is_never_replaced() {
    on_each(async |db| {
        let secret = |byte| SecretKey::new(vec![byte; 32]);
        let (first, second) = (secret(1), secret(1).with_fallbacks(vec![vec![2; 32]]));
        let service = JwtKeys::open(db.clone(), &first, Clock::default()).await.expect("opens");
        let other = JwtKeys::open(db.clone(), &second, Clock::default()).await.expect("opens");
        let stranger = JwtKeys::open(db.clone(), &secret(2), Clock::default()).await;
        let stranger = stranger.expect("opens with keys of its own");
        stranger.ensure(SigningAlgorithm::Rs256).await.expect("a key");

        let refused = service.ensure(SigningAlgorithm::Rs256).await;

        assert!(refused.is_err(), "{refused:?}");
        let theirs = kid_of(&stranger, SigningAlgorithm::Rs256).await;
        assert_eq!(kid_of(&other, SigningAlgorithm::Rs256).await, theirs, "it knows both secrets");
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
        let first =
            keyring.signing_key(SigningAlgorithm::EdDsa).await.expect("a key").public().kid.clone();
        assert!(!run("not the secret of the service at all", "rotate").0);
        assert!(run(KEY, "rotate").0);

        let (_, said) = run(KEY, "list");
        assert_eq!(said.lines().count(), 4, "{said}");
        assert!(said.starts_with(&format!("1  EdDSA  {first}")), "{said}");
        let stored = db.read(signing_keys::all).await.expect("answers");
        let retired: Vec<_> = stored.iter().map(|key| key.retired_at.is_some()).collect();
        assert_eq!(json!(retired), json!([true, true, false, false]));
    })
    .await;
}
