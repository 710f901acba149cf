//! Signing in and resetting a password by SMS code, as page and as JSON.

use haoma::{domain::mobile::Mobile, stores::tables::sms_log};
use reqwest::StatusCode;
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    sms_codes::code,
};

const NEW_PASSWORD: &str = "battery staple 8";

const PASSWORD_REQUIRED: [(&str, &str); 1] = [("ACCOUNT_PASSWORD", "required")];

fn post(mobile: &str, sms_code: &str, password: Option<&str>) -> Value {
    let mut body = json!({ "mobile": mobile, "sms_code": sms_code });
    if let (Some(password), Some(body)) = (password, body.as_object_mut()) {
        body.insert("password".to_owned(), json!(password));
    }
    body
}

async fn on_each(test: impl AsyncFn(&TestApp)) {
    on_each_with(&[("SMS_PER_MOBILE_HOUR", "100")], test).await;
}

#[tokio::test]
async fn a_code_of_a_registered_number_signs_in() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        app.skip_resend_wait().await;
        let client = app.client();
        let sms_code = code(&client, &mobile, "login").await;

        let entered = client.post_json("/api/v1/session", &post(&mobile, &sms_code, None)).await;

        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
        assert_eq!(client.get("/api/v1/session").await.status, StatusCode::OK);
        let again = app.client();
        let again = again.post_json("/api/v1/session", &post(&mobile, &sms_code, None)).await;
        assert_eq!(again.errno(), "4002", "a code works once");
    })
    .await;
}

#[tokio::test]
async fn a_code_of_an_unknown_number_also_registers_it() {
    on_each_with(&PASSWORD_REQUIRED, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;

        let entered = client.post_json("/api/v1/session", &post(&mobile, &sms_code, None)).await;
        let body = post(&mobile, &sms_code, Some(PASSWORD));
        let registered = client.post_json("/api/v1/users", &body).await;

        assert_eq!((entered.status, entered.errno().as_str()), (StatusCode::NOT_FOUND, "4002"));
        assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
        assert_eq!(app.gateway.messages().len(), 1, "no second message is sent");
    })
    .await;
}

/// With scripts the page signs in by JSON. Only the browser that has asked for the code goes on with it.
#[tokio::test]
async fn a_browser_remembers_the_number_that_has_no_account_yet() {
    on_each_with(&PASSWORD_REQUIRED, async |app| {
        for is_same_browser in [true, false] {
            let (client, mobile) = (app.client(), fresh_mobile());
            let sms_code = code(&client, &mobile, "login").await;
            if !is_same_browser {
                client.set_cookies([].into());
            }
            let body = json!({ "mobile": mobile, "sms_code": sms_code });
            let entered = client.post_json("/api/v1/session", &body).await;
            assert_eq!((entered.status, entered.errno().as_str()), (StatusCode::NOT_FOUND, "4002"));
            let page = client.get("/register").await;
            let is_known = page.body.contains(&format!("139****{}", &mobile[7..]));
            assert_eq!(is_known, is_same_browser, "{page:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_page_carries_the_verified_number_to_registration() {
    on_each_with(&PASSWORD_REQUIRED, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;

        let form = [("by", "sms"), ("mobile", &mobile), ("sms_code", &sms_code), ("step", "login")];
        let entered = client.post_form("/login", &form).await;
        let page = client.get("/register").await;
        let weak = client.post_form("/register", &[("password", "12345678")]).await;
        let registered = client.post_form("/register", &[("password", PASSWORD)]).await;

        assert_eq!(
            (entered.status, entered.header("location")),
            (StatusCode::SEE_OTHER, "/register")
        );
        assert!(
            page.body.contains("name=\"password\"") && !page.body.contains("name=\"sms_code\"")
        );
        assert!(!page.body.contains(&sms_code) && !page.body.contains(&mobile));
        assert_eq!(weak.status, StatusCode::BAD_REQUEST, "and the code is still good");
        assert_eq!(registered.status, StatusCode::SEE_OTHER, "{registered:?}");
        assert_eq!(client.get("/account").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn who_has_verified_a_number_can_register_another() {
    on_each_with(&PASSWORD_REQUIRED, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;
        let form = [("by", "sms"), ("mobile", &mobile), ("sms_code", &sms_code), ("step", "login")];
        client.post_form("/login", &form).await;
        let page = client.get("/register?next=/account/name").await;
        assert!(page.body.contains("name=\"step\" value=\"other\""), "{page:?}");

        let fields = [("step", "other"), ("next", "/account/name")];
        let other = client.post_form("/register", &fields).await;

        assert_eq!(other.header("location"), "/register?next=%2Faccount%2Fname", "{other:?}");
        let page = client.get("/register").await;
        assert_eq!(page.value_after("autocomplete=\"tel\" required value=\""), "");
        assert!(page.body.contains("name=\"sms_code\""), "the whole form: {page:?}");
    })
    .await;
}

/// R84.
#[tokio::test]
async fn a_reset_sets_the_password_and_ends_every_session() {
    on_each(async |app| {
        let (elsewhere, client, mobile) = (app.client(), app.client(), fresh_mobile());
        elsewhere.register(&mobile).await;
        app.skip_resend_wait().await;
        let sms_code = code(&client, &mobile, "reset").await;
        let path = "/api/v1/password-resets";

        let weak = client.post_json(path, &post(&mobile, &sms_code, Some("12345678"))).await;
        let reset = client.post_json(path, &post(&mobile, &sms_code, Some(NEW_PASSWORD))).await;

        assert_eq!(weak.errno(), "4103", "and the code is still good");
        assert_eq!(reset.status, StatusCode::OK, "{reset:?}");
        assert_eq!(elsewhere.get("/api/v1/session").await.errno(), "4101");
        assert_eq!(client.get("/api/v1/session").await.errno(), "4101", "not signed in by it");
        let login = |password: &str| json!({ "login": mobile, "password": password });
        let old = app.client().post_json("/api/v1/session", &login(PASSWORD)).await;
        let new = app.client().post_json("/api/v1/session", &login(NEW_PASSWORD)).await;
        assert_eq!((old.errno().as_str(), new.status), ("4102", StatusCode::OK));
    })
    .await;
}

/// R84.
#[tokio::test]
async fn a_reset_revokes_every_other_code_of_the_number() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        app.client().register(&mobile).await;
        app.skip_resend_wait().await;
        let pending = code(&client, &mobile, "login").await;

        resets(app, &mobile).await;

        let entered = client.post_json("/api/v1/session", &post(&mobile, &pending, None)).await;
        assert_eq!((entered.status.as_u16(), entered.errno().as_str()), (422, "4002"));
    })
    .await;
}

/// Returns the messages to a number that are not codes.
fn notices(app: &TestApp, mobile: &str) -> Vec<Value> {
    let to = format!("+86{mobile}");
    let mut messages = app.gateway.messages();
    messages
        .retain(|value| value["data"]["to"] == to.as_str() && value["type"] != "sms.verification");
    messages
}

async fn resets(app: &TestApp, mobile: &str) {
    app.skip_resend_wait().await;
    let client = app.client();
    let sms_code = code(&client, mobile, "reset").await;
    let body = post(mobile, &sms_code, Some(NEW_PASSWORD));
    let reset = client.post_json("/api/v1/password-resets", &body).await;
    assert_eq!(reset.status, StatusCode::OK, "{reset:?}");
    app.state.tasks.close();
    app.state.tasks.wait().await;
    app.state.tasks.reopen();
}

/// R76.
#[tokio::test]
async fn the_owner_gets_a_notice_of_a_reset_without_any_code() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;

        resets(app, &mobile).await;

        let sent = notices(app, &mobile);
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert_eq!(
            (&sent[0]["type"], &sent[0]["data"]["template"]),
            (&json!("sms.notice"), &json!("notice"))
        );
        let text = sent[0]["data"]["text"].as_str().expect("a text");
        assert!(
            !text.contains(|character: char| character.is_ascii_digit())
                && sent[0]["data"]["code"].is_null()
        );
        let number = Mobile::parse(&mobile).expect("a number");
        let rows = app
            .state
            .db
            .read(async move |connection| sms_log::timeline(connection, &number, 10).await)
            .await;
        let rows = rows.expect("answers");
        let notice = rows.iter().find(|(row, _)| row.purpose == "notice").expect("a row");
        assert_eq!((notice.0.outcome.as_str(), notice.1.len()), ("sent", 1));
    })
    .await;
}

/// R32, R76.
#[tokio::test]
async fn without_a_notice_template_the_password_is_reset_all_the_same() {
    on_each_with(&[("SMS_PER_DAY", "2")], async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;

        resets(app, &mobile).await;

        assert!(notices(app, &mobile).is_empty(), "the budget has no third message");
        let login = json!({ "login": mobile, "password": NEW_PASSWORD });
        let entered = app.client().post_json("/api/v1/session", &login).await;
        assert_eq!(entered.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_reset_on_the_page_leads_to_signing_in() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        app.client().register(&mobile).await;
        app.skip_resend_wait().await;
        let sms_code = code(&client, &mobile, "reset").await;

        let form =
            [("mobile", mobile.as_str()), ("sms_code", &sms_code), ("password", NEW_PASSWORD)];
        let reset = client.post_form("/reset-password", &form).await;

        assert_eq!(reset.header("location"), "/login?by=password", "{reset:?}");
    })
    .await;
}

#[tokio::test]
async fn a_reset_of_an_unknown_number_looks_the_same_and_sends_no_message() {
    on_each(async |app| {
        let (known, unknown) = (fresh_mobile(), fresh_mobile());
        app.client().register(&known).await;
        app.skip_resend_wait().await;
        let texted = app.gateway.messages().len();
        let mut responses = Vec::new();
        for mobile in [&known, &unknown] {
            let client = app.client();
            let (captcha_id, captcha) = client.solve_captcha().await;
            let body = json!({
                "mobile": mobile, "purpose": "reset", "captcha_id": captcha_id, "captcha": captcha,
            });
            responses.push(client.post_json("/api/v1/sms-codes", &body).await);
        }
        app.state.tasks.close();
        app.state.tasks.wait().await;
        let guess = post(&unknown, "000000", Some(NEW_PASSWORD));
        let guessed = app.client().post_json("/api/v1/password-resets", &guess).await;

        let bodies: Vec<_> =
            responses.iter().map(|response| (response.status, response.body.as_str())).collect();
        assert_eq!(bodies.first(), bodies.last());
        assert_eq!(app.gateway.messages().len(), texted + 1);
        assert_eq!(guessed.errno(), "4004", "a wrong code, not no code");
    })
    .await;
}
