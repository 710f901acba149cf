//! A restart, and two instances on the same stores.

use std::time::Duration;

use test_support::{
    app::{PASSWORD, fresh_mobile, on_each_backends, on_each_with, on_shared_backends},
    interface::{Interface, interfaces},
    sms_codes::other_than,
};

#[tokio::test]
async fn sessions_and_accounts_survive_a_restart() {
    on_each_backends(async |backends| {
        let first = backends.open(&[]).await;
        let mobile = fresh_mobile();
        let client = first.client().signed_in(&mobile).await;
        let jar = client.cookie_jar();
        let me = client.get("/api/v1/session").await.body;
        first.stop().await;

        let second = backends.open(&[]).await;
        let client = second.client();
        client.set_cookies(jar);

        assert_eq!(client.get("/api/v1/session").await.body, me, "{}", backends.name);
        let again = Interface::Json.sign_in(&second.client(), &mobile, PASSWORD).await;
        Interface::Json.assert_success(&again, 200);
        Interface::Json.assert_success(&Interface::Json.sign_out(&client).await, 200);
        second.stop().await;
    })
    .await;
}

#[tokio::test]
async fn another_secret_key_accepts_no_cookie_and_no_code() {
    on_shared_backends(async |backends| {
        let first = backends.open(&[]).await;
        let client = first.client().signed_in(&fresh_mobile()).await;
        let mobile = fresh_mobile();
        client.request_code(&mobile).await;
        let (jar, code) = (client.cookie_jar(), first.gateway.code_for(&mobile));
        let second =
            backends.open(&[("SECRET_KEY", "another key, as long as the first one")]).await;
        let stranger = second.client();
        stranger.set_cookies(jar);

        assert!(!stranger.is_signed_in().await);
        let wrong = Interface::Json.register(&second.client(), &mobile, &code, PASSWORD).await;
        Interface::Json.assert_refused(
            &wrong,
            (422, "4004"),
            "error-sms-code-wrong",
            &[("tries", 4)],
        );
        first.stop().await;
        second.stop().await;
    })
    .await;
}

#[tokio::test]
async fn two_instances_share_captchas_codes_limits_and_sessions() {
    on_shared_backends(async |backends| {
        let (one, two) = (backends.open(&[]).await, backends.open(&[]).await);
        for interface in interfaces() {
            let mobile = fresh_mobile();
            // One instance draws the captcha, and the other checks the answer.
            let (id, answer) = one.client().solve_captcha().await;
            let sent = interface.request_code_with(&two.client(), &mobile, (&id, &answer)).await;
            interface.assert_success(&sent, 200);
            let again = interface.request_code(&one.client(), &mobile).await;
            assert_eq!(again.status.as_u16(), interface.status(429), "{again:?}");
            let code = two.gateway.code_for(&mobile);
            let wrong_code = other_than(&code);
            for (instance, tries) in [(&one, 4), (&two, 3)] {
                let wrong =
                    interface.register(&instance.client(), &mobile, &wrong_code, PASSWORD).await;
                let numbers = [("tries", tries)];
                interface.assert_refused(&wrong, (422, "4004"), "error-sms-code-wrong", &numbers);
            }
            let here = one.client();
            interface
                .assert_success(&interface.register(&here, &mobile, &code, PASSWORD).await, 201);
            let there = two.client();
            there.set_cookies(here.cookie_jar());
            assert!(there.is_signed_in().await);

            interface.assert_success(&interface.sign_out(&there).await, 200);

            assert!(!here.is_signed_in().await, "signed out there is signed out here");
        }
        one.stop().await;
        two.stop().await;
    })
    .await;
}

/// R83, R87: a session that one instance ends is refused by it at once and by every other instance within a second,
/// however often it is used meanwhile.
#[tokio::test]
async fn a_cached_session_ends_here_at_once_and_on_other_instances_within_a_second() {
    on_shared_backends(async |backends| {
        let settings = [("SESSION_CACHE_MILLISECONDS", "1000")];
        let (one, two) = (backends.open(&settings).await, backends.open(&settings).await);
        for interface in interfaces() {
            let mobile = fresh_mobile();
            let here = one.client().signed_in(&mobile).await;
            let there = two.client();
            there.set_cookies(here.cookie_jar());
            let stolen = one.client();
            stolen.set_cookies(here.cookie_jar());
            assert!(here.is_signed_in().await && there.is_signed_in().await);

            interface.assert_success(&interface.sign_out(&here).await, 200);

            assert!(!stolen.is_signed_in().await, "ended here");
            // Using the session meanwhile does not extend that time.
            for _ in 0..4 {
                there.is_signed_in().await;
                backends.clock.advance(Duration::from_millis(250)).await;
            }
            assert!(!there.is_signed_in().await, "ended there");
        }
        one.stop().await;
        two.stop().await;
    })
    .await;
}

/// Changes of the account show at once.
#[tokio::test]
async fn a_cached_session_shows_changes_of_the_account() {
    on_each_with(&[("SESSION_CACHE_MILLISECONDS", "1000")], async |app| {
        let (client, mobile) = (app.client().signed_in(&fresh_mobile()).await, fresh_mobile());
        assert!(client.is_signed_in().await);
        let name = format!("new-{mobile}");
        let request = client.request(reqwest::Method::PATCH, "/api/v1/user");
        let body = serde_json::json!({ "name": name }).to_string();
        let request = request.header("content-type", "application/json").body(body);
        Interface::Json.assert_success(&client.send(request).await, 200);

        let me = client.get("/api/v1/session").await;

        assert_eq!(me.json()["data"]["name"], name.as_str());
        let again = app.client();
        again.set_cookies(client.cookie_jar());
        Interface::Json.assert_success(&client.delete("/api/v1/session").await, 200);
        assert!(!again.is_signed_in().await);
    })
    .await;
}
