//! The library openid-client of npm, with jose for logout tokens.

use std::{fs::copy, os::unix::fs::symlink, process::Command};

use haoma::domain::{
    jwk,
    oauth::client::{ClientAuth, OauthClient},
    signing_algorithm::SigningAlgorithm,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::{
    app::{TestApp, on_each},
    databases::required_part,
    processes::free_port,
};

use super::{
    super::{foreign_client, new_client, own_client, public_client, register},
    FOLDER, described, person, run,
};

const ES256: &str = "ES256";

/// Runs a case of `openid-client.mjs` on each pair of stores, with what `input` adds to the person.
async fn run_case(name: &str, input: impl AsyncFn(&TestApp) -> Value) {
    let Some(modules) = required_part("TEST_RELYING_PARTY_NODE_MODULES") else { return };
    let folder = TempDir::new().expect("a folder");
    for file in ["package.json", "browser.mjs", "sign-in.mjs", "openid-client.mjs"] {
        copy(format!("{FOLDER}/{file}"), folder.path().join(file)).expect("copied");
    }
    symlink(modules, folder.path().join("node_modules")).expect("linked");
    on_each(async |app| {
        let mut all = person(app).await;
        let added = input(app).await;
        let added = added.as_object().expect("an object").clone();
        all.as_object_mut().expect("an object").extend(added);
        let mut node = Command::new("node");
        node.arg(folder.path().join("openid-client.mjs")).arg(name);
        run(node, &all).await;
    })
    .await;
}

/// Runs a case that needs a client with a secret only.
async fn run_with_secret(name: &str) {
    run_case(name, async |app| json!({ "secret": described(&own_client(app).await, ES256) })).await;
}

#[tokio::test]
async fn id_tokens_of_every_algorithm_are_validated() {
    run_case("algorithms", async |app| {
        let mut clients = Vec::new();
        for algorithm in SigningAlgorithm::ALL {
            let client = register(app, OauthClient { algorithm, ..new_client() }, None).await;
            clients.push(described(&client, algorithm.as_str()));
        }
        json!({ "clients": clients })
    })
    .await;
}

#[tokio::test]
async fn clients_prove_who_they_are_in_every_way() {
    run_case("proofs", async |app| {
        // The key of RFC 7515, appendix A.3.
        let public = json!({
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        let mut private = public.clone();
        private["d"] = json!("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");
        let jwks = json!({ "keys": [public] }).to_string();
        let signs = OauthClient {
            auth: ClientAuth::PrivateKeyJwt,
            keys: jwk::parse_set(&jwks).expect("a key set"),
            ..new_client()
        };
        json!({
            "secret": described(&own_client(app).await, ES256),
            "other": described(&own_client(app).await, ES256),
            "assertion": described(&register(app, signs, Some(jwks)).await, ES256),
            "nothing": described(&public_client(app).await, ES256),
            "key": private,
        })
    })
    .await;
}

#[tokio::test]
async fn tokens_are_refreshed_introspected_and_revoked() {
    run_with_secret("tokens").await;
}

#[tokio::test]
async fn the_answer_comes_in_a_form() {
    run_with_secret("form_post").await;
}

#[tokio::test]
async fn a_sign_in_is_as_recent_as_max_age_asks() {
    run_with_secret("max_age").await;
}

#[tokio::test]
async fn errors_and_mix_ups_are_recognised() {
    run_with_secret("errors").await;
}

#[tokio::test]
async fn a_person_declines_and_then_consents() {
    run_case(
        "consent",
        async |app| json!({ "foreign": described(&foreign_client(app).await, ES256) }),
    )
    .await;
}

#[tokio::test]
async fn signing_out_sends_a_logout_token_that_jose_validates() {
    run_case("sign_out", async |app| {
        let port = free_port();
        let told = OauthClient {
            back_channel_logout_uri: Some(format!("http://127.0.0.1:{port}/logout")),
            ..new_client()
        };
        let told = register(app, told, None).await;
        json!({ "told": described(&told, ES256), "logout_port": port })
    })
    .await;
}
