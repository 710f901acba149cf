//! Accounts by number and code alone, and their first password.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    client::{TestClient, TestResponse},
    interface::{Interface, own_interfaces},
    proof_of_work::{sealed, solve},
    sms_codes::code,
};

const SESSION: &str = "/api/v1/session";
const USERS: &str = "/api/v1/users";
const USER_PASSWORD: &str = "/api/v1/user/password";

async fn sign_in(client: &TestClient<'_>, mobile: &str, sms_code: &str) -> TestResponse {
    client.post_json(SESSION, &json!({ "mobile": mobile, "sms_code": sms_code })).await
}

async fn put_password(client: &TestClient<'_>, body: &Value) -> TestResponse {
    let request = client.request(Method::PUT, USER_PASSWORD);
    client.send(request.header(CONTENT_TYPE, "application/json").body(body.to_string())).await
}

/// Returns a client that is signed in to a new account without a password.
async fn newcomer<'a>(app: &'a TestApp, mobile: &str) -> TestClient<'a> {
    let client = app.client();
    let sms_code = code(&client, mobile, "login").await;
    let created = sign_in(&client, mobile, &sms_code).await;
    assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
    client
}

async fn count_accounts(app: &TestApp, mobile: &str) -> i64 {
    use diesel::{QueryableByName, sql_types::BigInt};
    use haoma::stores::db::RunQueryDsl as _;
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let query = format!("SELECT COUNT(*) AS number FROM users WHERE mobile = '{mobile}'");
    let read = app.state.db.read(async move |connection| {
        let row: Row = diesel::sql_query(&query).get_result(connection).await?;
        Ok(row.number)
    });
    read.await.expect("answers")
}

#[tokio::test]
async fn a_number_and_a_code_are_an_account() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "name": "小明" });

        let created = client.post_json(SESSION, &body).await;
        let viewer = client.get(SESSION).await.json();
        app.skip_resend_wait().await;
        let sms_code = code(&app.client(), &mobile, "login").await;
        let known = sign_in(&app.client(), &mobile, &sms_code).await;

        assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
        assert_eq!(created.json()["data"]["created"], true, "{created:?}");
        assert_eq!(viewer["data"]["name"], "小明");
        assert_eq!(known.status, StatusCode::OK, "{known:?}");
        assert_eq!(known.json()["data"]["created"], false, "{known:?}");
        assert_eq!(known.json()["data"]["id"], created.json()["data"]["id"]);
    })
    .await;
}

#[tokio::test]
async fn the_page_signs_a_new_number_in_too() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;
        let form = [("by", "sms"), ("mobile", &mobile), ("sms_code", &sms_code), ("step", "login")];

        let entered = client.post_form("/login", &form).await;

        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{entered:?}");
        assert!(client.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn an_app_gets_a_token_for_a_new_number() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code });

        let created = client.post_json("/api/v1/tokens", &body).await;

        assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
        assert_eq!(created.json()["data"]["created"], true, "{created:?}");
    })
    .await;
}

#[tokio::test]
async fn of_twenty_sign_ins_with_one_code_at_once_one_makes_the_account() {
    on_each_with(&[("SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES", "1000")], async |app| {
        let mobile = fresh_mobile();
        let sms_code = code(&app.client(), &mobile, "login").await;
        let clients: Vec<_> = (0..20).map(|_| app.client()).collect();

        let answers =
            join_all(clients.iter().map(|client| sign_in(client, &mobile, &sms_code))).await;

        let created = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
        assert_eq!(created, 1, "{answers:?}");
        assert_eq!(count_accounts(app, &mobile).await, 1);
    })
    .await;
}

/// A code for signing in and one for registering are valid at the same time.
#[tokio::test]
async fn a_sign_in_and_a_registration_at_once_make_one_account() {
    on_each(async |app| {
        for _ in 0..5 {
            let (one, other, mobile) = (app.client(), app.client(), fresh_mobile());
            let login = code(&one, &mobile, "login").await;
            app.skip_resend_wait().await;
            let register = code(&other, &mobile, "register").await;
            let body = json!({ "mobile": mobile, "sms_code": register, "password": PASSWORD });

            let (entered, registered) =
                tokio::join!(sign_in(&one, &mobile, &login), other.post_json(USERS, &body));

            assert!(entered.status.is_success(), "{entered:?}");
            assert!([201, 409].contains(&registered.status.as_u16()), "{registered:?}");
            assert_ne!(entered.status, registered.status, "one of them made the account");
            assert_eq!(count_accounts(app, &mobile).await, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_account_needs_the_terms_and_a_known_one_does_not() {
    let terms = [("TERMS_URL", "https://example.com/terms"), ("TERMS_VERSION", "2026-11")];
    on_each_with(&terms, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;
        for terms in [json!(null), json!("2025-01")] {
            let mut body = json!({ "mobile": mobile, "sms_code": sms_code });
            if terms.is_string() {
                body["terms"] = terms;
            }
            let refused = client.post_json(SESSION, &body).await;
            Interface::Json.assert_field_refused(&refused, "terms", "problem-terms-not-accepted");
        }
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "terms": "2026-11" });
        let created = client.post_json(SESSION, &body).await;
        app.skip_resend_wait().await;
        let sms_code = code(&app.client(), &mobile, "login").await;
        let known = sign_in(&app.client(), &mobile, &sms_code).await;

        assert_eq!(created.status, StatusCode::CREATED, "the code was still good: {created:?}");
        assert_eq!(known.status, StatusCode::OK, "{known:?}");
    })
    .await;
}

#[tokio::test]
async fn where_sign_up_is_closed_nobody_new_comes_in() {
    on_each_with(&[("SIGN_UP", "closed")], async |app| {
        for interface in own_interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let asked = interface.request_code(&client, &mobile).await;
            let registered = interface.register(&client, &mobile, "123456", PASSWORD).await;
            for refused in [&asked, &registered] {
                interface.assert_refused(refused, (403, "4105"), "error-sign-up-closed", &[]);
            }
        }
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;
        let entered = sign_in(&client, &mobile, &sms_code).await;
        assert_eq!(entered.json()["error"], "no-account", "{entered:?}");
        assert_eq!(count_accounts(app, &mobile).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_registration_may_leave_the_password_out() {
    on_each(async |app| {
        for interface in own_interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let sms_code = app.gateway.code_for(&mobile);

            let registered = interface.register(&client, &mobile, &sms_code, "").await;
            let unknown = interface.sign_in(&app.client(), &fresh_mobile(), PASSWORD).await;
            let known = interface.sign_in(&app.client(), &mobile, PASSWORD).await;

            interface.assert_success(&registered, 201);
            assert!(client.is_signed_in().await);
            for refused in [&unknown, &known] {
                interface.assert_refused(refused, (401, "4102"), "error-wrong-login", &[]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn where_a_password_is_required_none_may_be_left_out() {
    on_each_with(&[("ACCOUNT_PASSWORD", "required")], async |app| {
        for interface in own_interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let sms_code = app.gateway.code_for(&mobile);

            let refused = interface.register(&client, &mobile, &sms_code, "").await;
            let registered = interface.register(&client, &mobile, &sms_code, PASSWORD).await;

            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
            interface.assert_success(&registered, 201);
        }
    })
    .await;
}

/// Without a password nothing but the request itself proves that it is the same again.
#[tokio::test]
async fn a_repeated_registration_without_a_password_gets_the_same_session() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "register").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        let post = async |client: &TestClient<'_>, key: &str| {
            let request = client.request(Method::POST, USERS).header("idempotency-key", key);
            let request = request.header(CONTENT_TYPE, "application/json");
            client.send(request.body(body.to_string())).await
        };
        let (key, other_key) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());

        let first = post(&client, &key.to_string()).await;
        let again = post(&client, &key.to_string()).await;
        let thief = app.client();
        let refused = post(&thief, &other_key.to_string()).await;

        assert_eq!((first.status, &first.body), (StatusCode::CREATED, &again.body), "{again:?}");
        assert!(client.is_signed_in().await);
        let listed = client.get("/api/v1/sessions").await.json();
        assert_eq!(listed["data"]["sessions"].as_array().map(Vec::len), Some(1), "{listed}");
        assert!(!refused.status.is_success() && !thief.is_signed_in().await, "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn the_first_password_needs_no_proof_soon_after_signing_in() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let client = newcomer(app, &mobile).await;

        let set = put_password(&client, &json!({ "new_password": PASSWORD })).await;
        let again = put_password(&client, &json!({ "new_password": "battery staple 8" })).await;
        let entered = Interface::Json.sign_in(&app.client(), &mobile, PASSWORD).await;

        assert_eq!(set.status, StatusCode::OK, "{set:?}");
        assert!(client.is_signed_in().await);
        Interface::Json.assert_field_refused(&again, "password", "problem-missing-password");
        Interface::Json.assert_success(&entered, 200);
    })
    .await;
}

#[tokio::test]
async fn later_a_code_to_the_own_number_sets_the_first_password() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let client = newcomer(app, &mobile).await;
        app.advance(Duration::from_mins(11)).await;
        let (new, wrong) = (json!({ "new_password": PASSWORD }), "000000");

        let too_late = put_password(&client, &new).await;
        let sms_code = code(&client, &mobile, "rebind").await;
        let typed = if sms_code == wrong { "000001" } else { wrong };
        let guessed =
            put_password(&client, &json!({ "new_password": PASSWORD, "sms_code": typed })).await;
        let set =
            put_password(&client, &json!({ "new_password": PASSWORD, "sms_code": sms_code })).await;

        assert_eq!(too_late.json()["error"], "sign-in-again", "{too_late:?}");
        assert_eq!(guessed.errno(), "4004", "{guessed:?}");
        assert_eq!(set.status, StatusCode::OK, "{set:?}");
        let entered = Interface::Json.sign_in(&app.client(), &mobile, PASSWORD).await;
        Interface::Json.assert_success(&entered, 200);
    })
    .await;
}

/// The current password is itself the proof that a fresh sign-in would be.
#[tokio::test]
async fn a_password_is_changed_by_the_current_one_however_old_the_sign_in_is() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        app.advance(Duration::from_mins(11)).await;
        let body = json!({ "password": PASSWORD, "new_password": "battery staple 8" });

        let changed = put_password(&client, &body).await;

        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    })
    .await;
}

#[tokio::test]
async fn an_account_without_a_password_is_deleted_by_a_code() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let client = newcomer(app, &mobile).await;
        app.skip_resend_wait().await;
        let sms_code = code(&client, &mobile, "rebind").await;
        let delete = async |body: Value| {
            let request = client.request(Method::DELETE, "/api/v1/user");
            let request = request.header(CONTENT_TYPE, "application/json");
            client.send(request.body(body.to_string())).await
        };

        let by_password = delete(json!({ "password": PASSWORD })).await;
        let by_code = delete(json!({ "sms_code": sms_code })).await;

        assert_eq!(by_password.errno(), "4106", "{by_password:?}");
        assert_eq!(by_code.status, StatusCode::OK, "{by_code:?}");
        assert_eq!(count_accounts(app, &mobile).await, 0);
    })
    .await;
}

async fn proof(client: &TestClient<'_>) -> String {
    let challenge = client.get("/api/v1/proof-of-work").await.json()["data"].clone();
    sealed(&solve(&challenge))
}

/// A new account counts as a registration, whichever way it comes. One proof pays for the registration and for the try at
/// the code.
#[tokio::test]
async fn an_address_over_its_quota_of_registrations_pays_once() {
    let settings = [
        ("REGISTRATIONS_PER_ADDRESS_HOUR", "1"),
        ("SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES", "1"),
        ("POW_COMPLEXITY", "1000"),
    ];
    on_each_with(&settings, async |app| {
        newcomer(app, &fresh_mobile()).await;
        // A wrong code uses up the quota of tries.
        let wrong = json!({ "mobile": fresh_mobile(), "sms_code": "123456" });
        assert_eq!(app.client().post_json(SESSION, &wrong).await.errno(), "4002");
        for (path, purpose) in [(SESSION, "login"), (USERS, "register")] {
            let (client, mobile) = (app.client(), fresh_mobile());
            let sms_code = code(&client, &mobile, purpose).await;
            let mut body = json!({ "mobile": mobile, "sms_code": sms_code });

            let refused = client.post_json(path, &body).await;
            body["proof_of_work"] = proof(&client).await.into();
            let created = client.post_json(path, &body).await;

            let data = &refused.json()["data"];
            assert_eq!(data["proof_of_work_required"], true, "{refused:?}");
            assert_eq!(created.status, StatusCode::CREATED, "{path}: {created:?}");
        }
    })
    .await;
}
