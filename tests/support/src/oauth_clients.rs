//! Registered OAuth clients.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Utc;
use haoma::{
    domain::{
        oauth::{
            client::{ClientAuth, OauthClient},
            token::{OpaqueToken, TokenUse},
        },
        signing_algorithm::SigningAlgorithm,
    },
    stores::{db::Connection, tables::oauth_clients},
};

use crate::app::TestApp;

/// A registered client, and its secret.
pub struct Client {
    pub id: String,
    pub secret: String,
}

/// Returns what an application of the operator's own is registered with.
pub fn new_client(redirect_uri: &str) -> OauthClient {
    OauthClient {
        id: BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()),
        name: "Wiki".to_owned(),
        auth: ClientAuth::Secret,
        secret_hash: None,
        previous_secret: None,
        keys: Vec::new(),
        redirect_uris: vec![redirect_uri.to_owned()],
        post_logout_redirect_uris: vec!["https://app.example.com/bye".to_owned()],
        back_channel_logout_uri: None,
        algorithm: SigningAlgorithm::Es256,
        is_own: true,
        pairwise_salt: None,
        created_at: Utc::now(),
    }
}

/// Registers a client, with a new secret if it has one.
pub async fn register(app: &TestApp, mut client: OauthClient, jwks: Option<String>) -> Client {
    let secret = OpaqueToken::random(TokenUse::ClientSecret);
    if client.auth == ClientAuth::Secret {
        client.secret_hash = Some(secret.hash());
    }
    let id = client.id.clone();
    app.state.jwt_keys.ensure(client.algorithm).await.expect("a key");
    let insert = async move |connection: &mut Connection| {
        oauth_clients::insert(connection, &client, jwks.as_deref()).await
    };
    assert!(app.state.db.write(insert).await.expect("inserted"), "a new id");
    Client { id, secret: secret.as_str().to_owned() }
}
