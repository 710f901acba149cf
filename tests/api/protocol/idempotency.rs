//! The same request twice, on both interfaces: it is done once and answered twice.

use diesel::{
    Connection as _, SqliteConnection,
    dsl::sql,
    sql_types::{BigInt, Integer},
};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    client::TestClient,
    databases::sqlite_url,
    idempotency::{USERS, fresh_key, hidden, post},
};

const SMS_CODES: &str = "/api/v1/sms-codes";

/// Returns a body that requests a code, with a solved captcha.
async fn code_request(client: &TestClient<'_>, mobile: &str) -> Value {
    let (captcha_id, captcha) = client.solve_captcha().await;
    json!({
        "mobile": mobile, "purpose": "register", "captcha_id": captcha_id, "captcha": captcha,
    })
}

/// Returns a body that registers a number, with its code.
async fn registration(app: &TestApp, mobile: &str) -> Value {
    let sent = app.client().request_code(mobile).await;
    assert_eq!(sent.status, StatusCode::OK, "{sent:?}");
    let sms_code = app.gateway.code_for(mobile);
    json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD })
}

#[tokio::test]
async fn a_registration_that_is_repeated_gives_the_same_account_and_a_session_of_its_own() {
    on_each(async |app| {
        let (first, second, key) = (app.client(), app.client(), fresh_key());
        let body = registration(app, &fresh_mobile()).await;

        let registered = post(&first, USERS, &key, &body).await;
        let repeated = post(&second, USERS, &key, &body).await;

        assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
        assert_eq!(repeated.status, StatusCode::CREATED, "{repeated:?}");
        assert_eq!(registered.body, repeated.body);
        assert_ne!(registered.header("set-cookie"), repeated.header("set-cookie"));
        for client in [&first, &second] {
            assert_eq!(client.get("/api/v1/session").await.status, StatusCode::OK);
        }
    })
    .await;
}

#[tokio::test]
async fn a_repeated_registration_signs_in_only_who_could_sign_in() {
    on_each(async |app| {
        let (mobile, key) = (fresh_mobile(), fresh_key());
        let body = registration(app, &mobile).await;
        post(&app.client(), USERS, &key, &body).await;
        app.skip_resend_wait().await;
        let (captcha_id, captcha) = app.client().solve_captcha().await;
        let code_request = json!({
            "mobile": mobile, "purpose": "reset", "captcha_id": captcha_id, "captcha": captcha,
        });
        app.client().post_json(SMS_CODES, &code_request).await;
        app.state.tasks.close();
        app.state.tasks.wait().await;
        app.state.tasks.reopen();
        let sms_code = app.gateway.code_for(&mobile);
        let reset =
            json!({ "mobile": mobile, "sms_code": sms_code, "password": "battery staple 8" });
        let reset = app.client().post_json("/api/v1/password-resets", &reset).await;
        assert_eq!(reset.status, StatusCode::OK, "{reset:?}");

        let client = app.client();
        let repeated = post(&client, USERS, &key, &body).await;

        assert_eq!(repeated.status, StatusCode::CREATED, "the answer is the first one");
        assert_eq!(client.get("/api/v1/session").await.errno(), "4101", "but there is no session");
    })
    .await;
}

#[tokio::test]
async fn a_repeated_send_texts_one_code() {
    on_each(async |app| {
        let (client, key) = (app.client(), fresh_key());
        let body = code_request(&client, &fresh_mobile()).await;

        let sent = post(&client, SMS_CODES, &key, &body).await;
        let repeated = post(&client, SMS_CODES, &key, &body).await;

        assert_eq!(sent.status, StatusCode::OK, "{sent:?}");
        assert_eq!((sent.status, &sent.body), (repeated.status, &repeated.body));
        assert_eq!(app.gateway.messages().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_for_one_body_at_one_endpoint() {
    on_each(async |app| {
        let (client, key, mobile) = (app.client(), fresh_key(), fresh_mobile());
        let body = code_request(&client, &mobile).await;
        let sent = post(&client, SMS_CODES, &key, &body).await;

        let other = code_request(&client, &fresh_mobile()).await;
        let refused = post(&client, SMS_CODES, &key, &other).await;
        let sms_code = app.gateway.code_for(&mobile);
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });
        let elsewhere = post(&client, USERS, &key, &body).await;

        assert_eq!(sent.status, StatusCode::OK, "{sent:?}");
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
        assert_eq!(refused.errno(), "4103");
        assert_eq!(elsewhere.status, StatusCode::CREATED, "{elsewhere:?}");
        assert_eq!(app.gateway.messages().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_invalid_idempotency_key_is_refused_and_none_is_needed() {
    on_each(async |app| {
        let client = app.client();
        for key in ["", "a b", "钥匙", &"k".repeat(65)] {
            let body = code_request(&client, &fresh_mobile()).await;

            let refused = post(&client, SMS_CODES, key, &body).await;

            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{key:?}: {refused:?}");
            assert!(refused.json()["fields"]["idempotency_key"].is_string(), "{refused:?}");
        }
        assert_eq!(app.gateway.messages().len(), 0);
        assert_eq!(client.request_code(&fresh_mobile()).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn fifty_at_once_with_one_key_make_one_account_and_one_message() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let body = code_request(&client, &mobile).await;
        let (sms, users) = (fresh_key(), fresh_key());

        let sent = join_all((0..50).map(async |_| post(&client, SMS_CODES, &sms, &body).await));
        let sent = sent.await;
        let texted = app.gateway.messages().len();
        let sms_code = app.gateway.code_for(&mobile);
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });
        let made = join_all((0..50).map(async |_| post(&client, USERS, &users, &body).await));
        let made = made.await;

        assert_eq!(texted, 1);
        for (responses, done) in [(&sent, StatusCode::OK), (&made, StatusCode::CREATED)] {
            let bodies: Vec<_> = responses
                .iter()
                .filter(|response| response.status == done)
                .map(|response| &response.body)
                .collect();
            assert!(!bodies.is_empty(), "{responses:?}");
            assert!(bodies.iter().all(|body| Some(body) == bodies.first()), "{bodies:?}");
            let rest = responses.iter().filter(|response| response.status != done);
            for response in rest {
                assert_eq!(response.status, StatusCode::CONFLICT, "{response:?}");
                assert_eq!(response.errno(), "4201");
                assert_eq!(response.header("retry-after"), "1");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn after_a_failure_the_key_is_free_for_the_corrected_request() {
    on_each(async |app| {
        let (client, key, mobile) = (app.client(), fresh_key(), fresh_mobile());
        let right = registration(app, &mobile).await;
        let mut wrong = right.clone();
        let code = right["sms_code"].as_str().expect("a code");
        wrong["sms_code"] = json!(if code == "000000" { "000001" } else { "000000" });

        let refused = post(&client, USERS, &key, &wrong).await;
        let made = post(&client, USERS, &key, &right).await;

        assert_eq!(refused.errno(), "4004", "{refused:?}");
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    })
    .await;
}

#[tokio::test]
async fn a_double_click_on_the_page_is_one_click() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let page = client.get("/register").await;
        let (captcha_id, captcha) = client.solve_captcha().await;
        let key = hidden(&page, "idempotency_key").to_owned();
        let form = [
            ("mobile", mobile.as_str()),
            ("captcha_id", &captcha_id),
            ("captcha", &captcha),
            ("idempotency_key", &key),
            ("step", "send"),
        ];
        let clicks = join_all((0..2).map(async |_| client.post_form("/register", &form).await));
        let sent = clicks.await;
        let texted = app.gateway.messages().len();

        let page = client.get("/register").await;
        let other_key = hidden(&page, "idempotency_key").to_owned();
        let sms_code = app.gateway.code_for(&mobile);
        let form = [
            ("mobile", mobile.as_str()),
            ("sms_code", &sms_code),
            ("password", PASSWORD),
            ("idempotency_key", &other_key),
            ("step", "register"),
        ];
        let clicks = join_all((0..2).map(async |_| client.post_form("/register", &form).await));
        let registered = clicks.await;

        assert_ne!(key, other_key, "every form has a key of its own");
        for response in sent.iter().chain(&registered) {
            assert_eq!(response.status, StatusCode::SEE_OTHER, "{response:?}");
        }
        assert_eq!(texted, 1);
        assert!(registered.iter().all(|response| response.header("location") == "/account"));
        assert_eq!(client.get("/account").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_form_that_was_sent_before_with_other_contents_comes_back_with_a_fresh_key() {
    on_each(async |app| {
        let (client, key) = (app.client(), fresh_key());
        let mut pages = Vec::new();
        for _ in 0..2 {
            let (mobile, (captcha_id, captcha)) = (fresh_mobile(), client.solve_captcha().await);
            let form = [
                ("mobile", mobile.as_str()),
                ("captcha_id", &captcha_id),
                ("captcha", &captcha),
                ("idempotency_key", &key),
                ("step", "send"),
            ];
            pages.push(client.post_form("/register", &form).await);
        }

        let [sent, refused] = pages.as_slice() else { panic!("two pages") };
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_ne!(hidden(refused, "idempotency_key"), key);
    })
    .await;
}

/// Deletes the account of a signed-in user.
async fn leaves(client: &TestClient<'_>) {
    let request = client.request(Method::DELETE, "/api/v1/user");
    let body = json!({ "password": PASSWORD }).to_string();
    let gone = client.send(request.header(CONTENT_TYPE, "application/json").body(body)).await;
    assert_eq!(gone.status, StatusCode::OK, "{gone:?}");
}

#[tokio::test]
async fn stored_answers_are_deleted_with_the_account() {
    on_each(async |app| {
        let (mobile, key) = (fresh_mobile(), fresh_key());
        let body = registration(app, &mobile).await;
        let client = app.client();
        let first = post(&client, USERS, &key, &body).await;
        let id = first.json()["data"]["id"].clone();
        assert!(id.is_i64(), "{first:?}");
        leaves(&client).await;
        app.skip_resend_wait().await;
        let heir = app.client().register(&mobile).await;
        assert_eq!(heir.status, StatusCode::CREATED, "{heir:?}");

        let replayed = post(&app.client(), USERS, &key, &body).await;

        assert!(!replayed.body.contains(&id.to_string()), "{replayed:?}");
        assert_eq!((replayed.status.as_u16(), replayed.errno().as_str()), (422, "4002"));
    })
    .await;
}

#[tokio::test]
async fn resending_the_form_of_a_deleted_account_signs_in_to_no_later_account() {
    on_each(async |app| {
        let (mobile, key, client) = (fresh_mobile(), fresh_key(), app.client());
        client.request_code(&mobile).await;
        let sms_code = app.gateway.code_for(&mobile);
        let form = [
            ("mobile", &*mobile),
            ("sms_code", &sms_code),
            ("password", PASSWORD),
            ("idempotency_key", &key),
            ("step", "register"),
        ];
        assert_eq!(client.post_form("/register", &form).await.status, StatusCode::SEE_OTHER);
        leaves(&client).await;
        app.skip_resend_wait().await;
        app.client().register(&mobile).await;

        let other = app.client();
        let replayed = other.post_form("/register", &form).await;

        assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY, "{replayed:?}");
        assert!(!other.is_signed_in().await);
    })
    .await;
}

/// Returns how many idempotency keys are stored.
async fn claims(app: &TestApp) -> i64 {
    use haoma::stores::db::RunQueryDsl as _;

    let count = app.state.db.read(async |connection| {
        let count = sql::<BigInt>("(SELECT COUNT(*) FROM idempotency_keys)");
        Ok(diesel::select(count).get_result(connection).await?)
    });
    count.await.expect("answers")
}

/// Returns SQLite's data version, which changes with each commit, and only for other connections.
fn version(connection: &mut SqliteConnection) -> i32 {
    let version = sql::<Integer>("(SELECT data_version FROM pragma_data_version)");
    diesel::RunQueryDsl::get_result(diesel::select(version), connection).expect("answers")
}

#[tokio::test]
async fn a_request_that_the_limit_of_its_address_refuses_writes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let url = sqlite_url(&folder);
    let limits = [("SMS_PER_ADDRESS_10_MINUTES", "1"), ("REGISTRATIONS_PER_ADDRESS_HOUR", "1")];
    let app = TestApp::start(&[("DATABASE_URL", url.clone())], &limits).await;
    app.client().signed_in(&fresh_mobile()).await;
    // Nobody types this code in, so its message counts.
    let client = app.client();
    client.request_code(&fresh_mobile()).await;
    app.wait_for_background_tasks().await;
    let file = url.trim_start_matches("sqlite://");
    let mut other = SqliteConnection::establish(file).expect("opens");
    let (before, made) = (version(&mut other), claims(&app).await);

    let sent = code_request(&client, &fresh_mobile()).await;
    let user = json!({ "mobile": fresh_mobile(), "sms_code": "123456", "password": PASSWORD });
    // The refused message comes last: its event in the timeline is written after the answer, at most 100 times an hour.
    for (path, body) in [(USERS, user), (SMS_CODES, sent)] {
        assert_eq!(version(&mut other), before, "before {path}");
        let refused = post(&client, path, &fresh_key(), &body).await;
        assert_eq!((refused.status.as_u16(), refused.errno().as_str()), (400, "4103"), "{path}");
    }

    assert_eq!(claims(&app).await, made);
    app.stop().await;
}

/// A repeated request does not count against the limit of its address.
#[tokio::test]
async fn a_repeated_request_does_not_count_against_its_address() {
    on_each_with(&[("REGISTRATIONS_PER_ADDRESS_HOUR", "2")], async |app| {
        let (key, body) = (fresh_key(), registration(app, &fresh_mobile()).await);
        let (one, other) = (app.client(), app.client());
        let repeated = join_all(
            (0..8).map(|nth| post(if nth % 2 == 0 { &one } else { &other }, USERS, &key, &body)),
        )
        .await;
        assert!(repeated.iter().any(|reply| reply.status == StatusCode::CREATED), "{repeated:?}");

        for _ in 0..8 {
            let again = post(&app.client(), USERS, &key, &body).await;
            assert_eq!(again.status, StatusCode::CREATED, "{again:?}");
        }
        let next = registration(app, &fresh_mobile()).await;
        let made = post(&app.client(), USERS, &fresh_key(), &next).await;
        assert_eq!(made.status, StatusCode::CREATED, "the second permit is free: {made:?}");
    })
    .await;
}
