//! What is stored and logged of the secrets that clients hold.

use haoma::{
    domain::hex::hex,
    stores::db::{Connection, RunQueryDsl as _},
};
use sha2::{Digest as _, Sha256};
use test_support::{
    app::{TestApp, on_each},
    logs,
};

use super::{
    VERIFIER, assert_error, code_for, exchange, own_client, refresh, signed_in, text, userinfo,
};

/// Deletes the rows with this value, and returns their number.
async fn delete(app: &TestApp, (table, column): (&str, &str), value: &str) -> usize {
    let statement = format!("DELETE FROM {table} WHERE {column} = '{value}'");
    let delete = async move |connection: &mut Connection| {
        Ok(diesel::sql_query(&*statement).execute(connection).await?)
    };
    app.state.db.write(delete).await.expect("deleted")
}

#[tokio::test]
async fn secrets_are_stored_as_hashes_and_logged_nowhere() {
    logs::install();
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let code = code_for(&browser, &client, &[("scope", "openid offline_access")]).await;
        let tokens = exchange(app, &client, &code).await.json();
        let (access, refresh_token) =
            (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
        userinfo(app, access).await;
        let second = refresh(app, &client, refresh_token).await.json();
        assert_error(&exchange(app, &client, "haoma_ac_wrong").await, 400, "invalid_grant");

        let secrets = [
            code.as_str(),
            access,
            refresh_token,
            text(&second, "access_token"),
            text(&second, "refresh_token"),
            text(&tokens, "id_token"),
            &*client.secret,
            VERIFIER,
        ];
        let basic = base64::Engine::encode(
            &base64::prelude::BASE64_STANDARD,
            format!("{}:{}", client.id, client.secret),
        );
        for event in ["code_granted", "code_exchanged", "refreshed"] {
            let event = format!("event=oauth_{event} ");
            let line = format!("client={:?}", client.id);
            let is_logged = |text: &String| text.contains(&event) && text.contains(&line);
            assert!(logs::all().iter().any(is_logged), "{event}");
        }
        for line in logs::all() {
            for secret in secrets.iter().copied().chain([basic.as_str()]) {
                assert!(!line.contains(secret), "{line}");
            }
        }
        let tokens = ("oauth_tokens", "token_hash");
        let stored = [
            (tokens, access),
            (tokens, refresh_token),
            (("oauth_grants", "code_hash"), code.as_str()),
            (("oauth_clients", "secret_hash"), &*client.secret),
        ];
        for (place, secret) in stored {
            assert_eq!(delete(app, place, secret).await, 0, "{place:?}");
            assert_eq!(delete(app, place, &hex(&Sha256::digest(secret))).await, 1, "{place:?}");
        }
    })
    .await;
}
