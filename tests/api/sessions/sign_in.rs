//! Signing in by number or name.

use haoma::{
    domain::{password::Password, password_hash::PasswordHash},
    stores::db::RunQueryDsl as _,
};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    databases::registered_with,
    interface::{Interface, interfaces},
    users::stored_hash,
};

#[tokio::test]
async fn a_person_signs_in_by_number_and_by_name() {
    on_each(async |app| {
        for interface in interfaces() {
            let mobile = fresh_mobile();
            let registered = app.client().register(&mobile).await;
            let name = registered.json()["data"]["name"].as_str().expect("a name").to_owned();
            for login in
                [mobile.clone(), format!("+86 {mobile}"), name.clone(), name.to_uppercase()]
            {
                let client = app.client();
                let response = interface.sign_in(&client, &login, PASSWORD).await;

                interface.assert_success(&response, 200);
                let me = client.get("/api/v1/session").await;
                assert_eq!(me.json()["data"], registered.json()["data"]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_unknown_login_and_a_wrong_password_have_the_same_answer() {
    for interface in interfaces() {
        on_each_with(&[("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10")], async |app| {
            let (known, unknown) = (fresh_mobile(), fresh_mobile());
            app.client().register(&known).await;
            let responses = [
                (&*known, "wrong horse 7"),
                (&*known, "short"),
                (&*unknown, PASSWORD),
                ("nobody-here", PASSWORD),
                ("neither a name nor a number", PASSWORD),
                ("' or 1=1 --", PASSWORD),
                ("x", PASSWORD),
            ];
            let mut seen = Vec::new();
            for (login, password) in responses {
                let response = interface.sign_in(&app.client(), login, password).await;
                interface.assert_refused(&response, (401, "4102"), "error-wrong-login", &[]);
                let (mut headers, body) = response.without_request_id();
                // A page repeats the login that was typed, so its length may differ.
                headers.remove("content-length");
                let typed = login.replace('\'', "&#39;");
                // A page has a captcha of its own, which is shown when it is asked for.
                let captcha = body.split("name=\"captcha_id\" value=\"").nth(1);
                let captcha = captcha.and_then(|rest| rest.split('"').next()).unwrap_or_default();
                let body = body.replace(captcha, "");
                let body = body.replace(&format!("value=\"{typed}\""), "value=\"\"");
                assert!(response.cookies().is_empty(), "{response:?}");
                seen.push((headers, body));
            }
            for pair in seen.windows(2) {
                assert_eq!(pair[0], pair[1], "{interface:?}");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_lock_is_revealed_only_with_the_right_password() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let client = app.client();
        Interface::Json
            .assert_success(&Interface::Json.sign_in(&client, &mobile, PASSWORD).await, 200);
        lock(app, &mobile).await;
        for interface in interfaces() {
            let wrong = interface.sign_in(&app.client(), &mobile, "wrong horse 7").await;
            let right = interface.sign_in(&app.client(), &mobile, PASSWORD).await;

            interface.assert_refused(&wrong, (401, "4102"), "error-wrong-login", &[]);
            interface.assert_refused(&right, (403, "4104"), "error-account-locked", &[]);
            assert!(right.cookies().is_empty());
        }
        assert!(!client.is_signed_in().await, "the sessions end with it");
    })
    .await;
}

async fn lock(app: &TestApp, mobile: &str) {
    let statement = format!("UPDATE users SET status = 'locked' WHERE mobile = '{mobile}'");
    let locked = app.state.db.write(async move |connection| {
        Ok(diesel::sql_query(&statement).execute(connection).await?)
    });
    assert_eq!(locked.await.expect("answers"), 1);
}

#[tokio::test]
async fn signing_in_returns_to_the_previous_page_and_to_no_other_site() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let cases = [
            ("/account?a=1&b=2#top", "/account?a=1&b=2#top"),
            ("/", "/"),
            ("", "/account"),
            ("//evil.example", "/account"),
            ("///evil.example", "/account"),
            ("/\\evil.example", "/account"),
            ("\\\\evil.example", "/account"),
            ("/.//evil.example", "/account"),
            ("/..//evil.example", "/account"),
            ("/a/..//evil.example", "/account"),
            ("/%2e/%2e//evil.example/..", "/account"),
            ("/\tevil", "/account"),
            ("/\t/evil.example", "/account"),
            ("/\n/evil.example", "/account"),
            ("/\r\nSet-Cookie: a=b", "/account"),
            (" //evil.example", "/account"),
            ("https://evil.example", "/account"),
            ("HTTPS:evil.example", "/account"),
            ("https:/account", "/account"),
            ("javascript:alert(1)", "/account"),
            ("data:text/html,x", "/account"),
            ("account", "/account"),
            ("@evil.example", "/account"),
            ("?next=x", "/account"),
        ];
        for (next, expected) in cases {
            let fields = [("login", mobile.as_str()), ("password", PASSWORD), ("next", next)];
            let response = app.client().post_form("/login", &fields).await;
            assert_eq!(response.status.as_u16(), 303, "{response:?}");
            let location = response.header("location");
            assert!(
                location.starts_with('/') && !location.starts_with("//"),
                "{next:?}: {location}"
            );
            assert!(
                !location.contains("evil.example") || !expected.contains("account"),
                "{next:?}: {location}"
            );
            if !next.contains("%2e") {
                assert_eq!(location, expected, "{next:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_page_sends_strangers_to_sign_in_and_back() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let client = app.client();
        let sent = client.get("/account?tab=2").await;
        assert_eq!(
            (sent.status.as_u16(), sent.header("location")),
            (303, "/login?next=%2Faccount%3Ftab%3D2")
        );
        let form = client.get(sent.header("location")).await;
        let next = form.value_after("name=\"next\" value=\"");

        let fields = [("login", mobile.as_str()), ("password", PASSWORD), ("next", &next)];
        let done = client.post_form("/login", &fields).await;

        assert_eq!(done.header("location"), "/account?tab=2");
        assert_eq!(client.get("/").await.header("location"), "/account");
        assert_eq!(app.client().get("/").await.header("location"), "/login");
    })
    .await;
}

#[tokio::test]
async fn a_hash_of_another_cost_is_renewed_at_the_next_sign_in() {
    on_each_with(&[("PASSWORD_ITERATIONS", "1500")], async |app| {
        let mobile = fresh_mobile();
        let password = Password::typed(PASSWORD).expect("a password");
        let cheap = PasswordHash::make(&password, 1000).to_stored();
        registered_with(&app.state.db, &mobile, &format!("cheap-{mobile}"), &cheap).await;

        Interface::Json
            .assert_success(&Interface::Json.sign_in(&app.client(), &mobile, PASSWORD).await, 200);

        assert!(stored_hash(app, &mobile).await.contains("i=1500,"));
    })
    .await;
}
