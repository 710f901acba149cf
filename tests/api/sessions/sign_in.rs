//! Signing in by number or name.

use haoma::{
    domain::{password::Password, password_hash::PasswordHash},
    stores::db::RunQueryDsl as _,
};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    databases::registered_with,
    interface::{INTERFACES, Interface},
    users::stored_hash,
};

#[tokio::test]
async fn a_person_signs_in_by_number_and_by_name() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let mobile = fresh_mobile();
            let registered = haoma.client().register(&mobile).await;
            let name = registered.json()["data"]["name"].as_str().expect("a name").to_owned();
            for login in
                [mobile.clone(), format!("+86 {mobile}"), name.clone(), name.to_uppercase()]
            {
                let who = haoma.client();
                let answer = face.sign_in(&who, &login, PASSWORD).await;

                face.assert_success(&answer, 200);
                let me = who.get("/api/v1/session").await;
                assert_eq!(me.json()["data"], registered.json()["data"]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_unknown_login_and_a_wrong_password_are_one_answer() {
    for face in INTERFACES {
        on_each_with(&[("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10")], async |haoma| {
            let (known, unknown) = (fresh_mobile(), fresh_mobile());
            haoma.client().register(&known).await;
            let answers = [
                (&*known, "wrong horse 7"),
                (&*known, "short"),
                (&*unknown, PASSWORD),
                ("nobody-here", PASSWORD),
                ("neither a name nor a number", PASSWORD),
                ("' or 1=1 --", PASSWORD),
                ("x", PASSWORD),
            ];
            let mut seen = Vec::new();
            for (login, password) in answers {
                let answer = face.sign_in(&haoma.client(), login, password).await;
                face.assert_refused(&answer, (401, "4102"), "error-wrong-login", &[]);
                let (mut headers, body) = answer.without_request_id();
                // A page shows what was typed, and differs by its length alone.
                headers.remove("content-length");
                let typed = login.replace('\'', "&#39;");
                let body = body.replace(&format!("value=\"{typed}\""), "value=\"\"");
                assert!(answer.cookies().is_empty(), "{answer:?}");
                seen.push((headers, body));
            }
            for pair in seen.windows(2) {
                assert_eq!(pair[0], pair[1], "{face:?}");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_locked_account_is_told_only_to_whoever_has_its_password() {
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        haoma.client().register(&mobile).await;
        let who = haoma.client();
        Interface::Json
            .assert_success(&Interface::Json.sign_in(&who, &mobile, PASSWORD).await, 200);
        lock(haoma, &mobile).await;
        for face in INTERFACES {
            let wrong = face.sign_in(&haoma.client(), &mobile, "wrong horse 7").await;
            let right = face.sign_in(&haoma.client(), &mobile, PASSWORD).await;

            face.assert_refused(&wrong, (401, "4102"), "error-wrong-login", &[]);
            face.assert_refused(&right, (403, "4104"), "error-account-locked", &[]);
            assert!(right.cookies().is_empty());
        }
        assert!(!who.is_signed_in().await, "the sessions end with it");
    })
    .await;
}

async fn lock(haoma: &TestApp, mobile: &str) {
    let statement = format!("UPDATE users SET status = 'locked' WHERE mobile = '{mobile}'");
    let locked =
        haoma.state.db.write(async move |it| Ok(diesel::sql_query(&statement).execute(it).await?));
    assert_eq!(locked.await.expect("answers"), 1);
}

#[tokio::test]
async fn a_page_goes_on_to_where_the_person_was_and_to_no_other_site() {
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        haoma.client().register(&mobile).await;
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
            let answer = haoma.client().post_form("/login", &fields).await;
            assert_eq!(answer.status.as_u16(), 303, "{answer:?}");
            let location = answer.header("location");
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
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        haoma.client().register(&mobile).await;
        let who = haoma.client();
        let sent = who.get("/account?tab=2").await;
        assert_eq!(
            (sent.status.as_u16(), sent.header("location")),
            (303, "/login?next=%2Faccount%3Ftab%3D2")
        );
        let form = who.get(sent.header("location")).await;
        let next = form.value_after("name=\"next\" value=\"");

        let fields = [("login", mobile.as_str()), ("password", PASSWORD), ("next", &next)];
        let done = who.post_form("/login", &fields).await;

        assert_eq!(done.header("location"), "/account?tab=2");
        assert_eq!(who.get("/").await.header("location"), "/account");
        assert_eq!(haoma.client().get("/").await.header("location"), "/login");
    })
    .await;
}

#[tokio::test]
async fn a_hash_of_another_cost_is_renewed_at_the_next_sign_in() {
    on_each_with(&[("PASSWORD_ITERATIONS", "1500")], async |haoma| {
        let mobile = fresh_mobile();
        let password = Password::typed(PASSWORD).expect("a password");
        let cheap = PasswordHash::make(&password, 1000).to_stored();
        registered_with(&haoma.state.db, &mobile, &format!("cheap-{mobile}"), &cheap).await;

        Interface::Json.assert_success(
            &Interface::Json.sign_in(&haoma.client(), &mobile, PASSWORD).await,
            200,
        );

        assert!(stored_hash(haoma, &mobile).await.contains("i=1500,"));
    })
    .await;
}
