//! The SMS code: bound to its number, used once, invalid after five wrong tries.

use test_support::{
    app::{PASSWORD, fresh_mobile, on_each, on_each_with},
    databases::redis_query,
    interface::interfaces,
    sms_codes::other_than,
};

#[tokio::test]
async fn five_wrong_tries_invalidate_a_code() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let code = app.gateway.code_for(&mobile);
            for left in (0..5).rev() {
                let wrong =
                    interface.register(&client, &mobile, &other_than(&code), PASSWORD).await;
                interface.assert_refused(
                    &wrong,
                    (422, "4004"),
                    "error-sms-code-wrong",
                    &[("tries", left)],
                );
                if interface == test_support::interface::Interface::Json {
                    assert_eq!(wrong.json()["data"]["tries_left"], left);
                }
            }

            let right = interface.register(&client, &mobile, &code, PASSWORD).await;

            interface.assert_refused(&right, (422, "4002"), "error-sms-code-gone", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn the_fifth_try_may_be_right() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let code = app.gateway.code_for(&mobile);
            for _ in 0..4 {
                interface.register(&client, &mobile, &other_than(&code), PASSWORD).await;
            }

            interface
                .assert_success(&interface.register(&client, &mobile, &code, PASSWORD).await, 201);
        }
    })
    .await;
}

#[tokio::test]
async fn a_resend_restores_no_tries() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let code = app.gateway.code_for(&mobile);
            for _ in 0..3 {
                interface.register(&client, &mobile, &other_than(&code), PASSWORD).await;
            }
            app.skip_resend_wait().await;
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);

            let wrong = interface.register(&client, &mobile, &other_than(&code), PASSWORD).await;

            interface.assert_refused(
                &wrong,
                (422, "4004"),
                "error-sms-code-wrong",
                &[("tries", 1)],
            );
        }
    })
    .await;
}

#[tokio::test]
async fn ten_wrong_tries_in_a_day_block_a_number_over_all_its_codes() {
    on_each_with(&[("SMS_CODE_TRIES_PER_MOBILE_DAY", "7")], async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            for tries in [5, 2] {
                interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
                let code = app.gateway.code_for(&mobile);
                for _ in 0..tries {
                    let wrong =
                        interface.register(&client, &mobile, &other_than(&code), PASSWORD).await;
                    assert_eq!(wrong.status.as_u16(), interface.status(422), "{wrong:?}");
                }
                app.skip_resend_wait().await;
            }

            let code = app.gateway.code_for(&mobile);
            let right = interface.register(&client, &mobile, &code, PASSWORD).await;

            assert_ne!(right.header("retry-after"), "", "waiting would do too");
            interface.assert_refused(&right, (400, "4103"), "error-harder-captcha-needed", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn the_code_of_another_number_is_wrong_and_not_consumed() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mine, theirs) = (app.client(), fresh_mobile(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mine).await, 200);
            interface.assert_success(&interface.request_code(&client, &theirs).await, 200);
            let (my_code, their_code) =
                (app.gateway.code_for(&mine), app.gateway.code_for(&theirs));
            assert_ne!(my_code, their_code, "once in a million runs: run it again");

            let wrong = interface.register(&client, &mine, &their_code, PASSWORD).await;

            interface.assert_refused(
                &wrong,
                (422, "4004"),
                "error-sms-code-wrong",
                &[("tries", 4)],
            );
            interface.assert_success(
                &interface.register(&client, &theirs, &their_code, PASSWORD).await,
                201,
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_number_that_never_asked_has_no_code() {
    on_each(async |app| {
        for interface in interfaces() {
            let refused =
                interface.register(&app.client(), &fresh_mobile(), "123456", PASSWORD).await;
            interface.assert_refused(&refused, (422, "4002"), "error-sms-code-gone", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_is_accepted_once() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let code = app.gateway.code_for(&mobile);
            interface
                .assert_success(&interface.register(&client, &mobile, &code, PASSWORD).await, 201);

            let again = interface.register(&app.client(), &mobile, &code, PASSWORD).await;

            interface.assert_refused(&again, (422, "4002"), "error-sms-code-gone", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn codes_are_stored_as_hashes() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.request_code(&mobile).await;
        let code = app.gateway.code_for(&mobile);
        let Some(url) = app.redis.as_deref() else { return };

        let key = format!("haoma:sms:{{{mobile}}}:register");
        let held: Vec<String> = redis_query(url, &["HGETALL", &key]).await;
        let keys: Vec<String> = redis_query(url, &["KEYS", "*"]).await;

        assert!(held.contains(&"tries".to_owned()), "{held:?}");
        assert!(held.iter().chain(&keys).all(|value| *value != code), "{held:?} {keys:?}");
        assert!(keys.iter().all(|key| key.starts_with("haoma:")), "{keys:?}");
    })
    .await;
}
