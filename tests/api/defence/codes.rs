//! Who may try a code: strangers use up tries of their own, and never those of the owner.

use std::time::Duration;

use diesel::sql_query;
use futures_util::future::join_all;
use haoma::stores::db::RunQueryDsl as _;
use reqwest::StatusCode;
use serde_json::json;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with, on_shared_backends},
    client::TestResponse,
    sms_codes::other_than,
};

use super::people::{BEHIND_A_PROXY, HOME, ask_from, owner, post_from, sign_out, type_from};

/// The windows of the number's messages are no part of these tests.
const MANY_MESSAGES: [(&str, &str); 3] =
    [BEHIND_A_PROXY, ("SMS_PER_MOBILE_HOUR", "100"), ("SMS_PER_MOBILE_DAY", "100")];

/// No code lives longer, so that the next one has tries of its own.
const LIFE_OF_CODE: Duration = Duration::from_mins(10);

#[track_caller]
fn assert_signed_in(response: &TestResponse) {
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
}

/// How many of these answers tell that a code was compared.
fn compared(responses: &[TestResponse]) -> usize {
    responses.iter().filter(|response| response.errno() == "4004").count()
}

/// Strangers at as many addresses, without cookies, who each type a wrong code once.
async fn wrong_codes(app: &TestApp, mobile: &str, number: usize) -> Vec<TestResponse> {
    let wrong = other_than(&app.gateway.code_for(mobile));
    let clients: Vec<_> = (0..number).map(|_| app.client()).collect();
    let tries = clients.iter().enumerate().map(async |(index, client)| {
        let address = format!("198.51.{}.{}", 100 + index / 200, index % 200);
        type_from(client, &address, mobile, &wrong).await
    });
    join_all(tries).await
}

/// LOCK-1: strangers type wrong codes while the owner's one lives.
#[tokio::test]
async fn wrong_codes_of_strangers_leave_the_code_to_the_browser_that_asked_for_it() {
    on_each_with(&MANY_MESSAGES, async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        app.skip_resend_wait().await;
        // A new browser, of which nothing is known but that it has asked.
        let client = app.client();
        assert_eq!(ask_from(&client, HOME, &mobile, "login").await.status, StatusCode::OK);
        let code = app.gateway.code_for(&mobile);

        let strangers = wrong_codes(app, &mobile, 100).await;

        assert_eq!(compared(&strangers), 5);
        let elsewhere = type_from(&app.client(), "198.51.100.250", &mobile, &code).await;
        assert_eq!(elsewhere.errno(), "4002", "others have none left: {elsewhere:?}");
        assert_signed_in(&type_from(&client, HOME, &mobile, &code).await);
    })
    .await;
}

/// LOCK-1/2: ten wrong codes of strangers in a day.
#[tokio::test]
async fn a_known_browser_signs_in_by_code_when_strangers_have_used_up_their_day() {
    on_each_with(&MANY_MESSAGES, async |app| {
        let (client, mobile) = owner(app).await;
        for _ in 0..2 {
            assert_eq!(ask_from(&client, HOME, &mobile, "login").await.status, StatusCode::OK);
            let strangers = wrong_codes(app, &mobile, 20).await;
            assert_eq!(compared(&strangers), 5);
            app.advance(LIFE_OF_CODE).await;
        }
        assert_eq!(ask_from(&client, HOME, &mobile, "login").await.status, StatusCode::OK);
        let refused = wrong_codes(app, &mobile, 1).await;
        assert_ne!(refused[0].errno(), "4002", "their day is used up: {refused:?}");
        assert_eq!(compared(&refused), 0);

        // It had three wrong tries of its own, too.
        let code = app.gateway.code_for(&mobile);
        for tries_left in [4, 3, 2] {
            let wrong = type_from(&client, HOME, &mobile, &other_than(&code)).await;
            assert_eq!(wrong.json()["data"]["tries_left"], tries_left, "{wrong:?}");
        }
        assert_signed_in(&type_from(&client, HOME, &mobile, &code).await);
    })
    .await;
}

#[tokio::test]
async fn a_known_browser_resets_the_password_when_strangers_have_used_up_their_day() {
    on_each_with(&MANY_MESSAGES, async |app| {
        let (client, mobile) = owner(app).await;
        for _ in 0..2 {
            ask_from(&client, HOME, &mobile, "login").await;
            assert_eq!(compared(&wrong_codes(app, &mobile, 20).await), 5);
            app.advance(LIFE_OF_CODE).await;
        }
        ask_from(&client, HOME, &mobile, "reset").await;

        let sms_code = app.gateway.code_for(&mobile);
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": "a new one 9" });
        let reset = post_from(&client, HOME, "/api/v1/password-resets", &body).await;

        assert_eq!(reset.status, StatusCode::OK, "{reset:?}");
    })
    .await;
}

/// A stranger who asks for a code for somebody's number gets tries of his own, and closes those of nobody.
#[tokio::test]
async fn a_stranger_who_asks_for_a_code_takes_no_tries_from_the_owner() {
    on_each_with(&MANY_MESSAGES, async |app| {
        let (owner, stranger, mobile) = (app.client(), app.client(), fresh_mobile());
        assert_eq!(ask_from(&owner, HOME, &mobile, "register").await.status, StatusCode::OK);
        app.skip_resend_wait().await;
        let asked = ask_from(&stranger, "198.51.100.1", &mobile, "register").await;
        assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
        let code = app.gateway.code_for(&mobile);
        let body = |sms_code: &str| json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });
        for _ in 0..5 {
            let wrong = body(&other_than(&code));
            let wrong = post_from(&stranger, "198.51.100.1", "/api/v1/users", &wrong).await;
            assert_eq!(wrong.errno(), "4004", "{wrong:?}");
        }
        let none_left = post_from(&stranger, "198.51.100.1", "/api/v1/users", &body(&code)).await;
        assert_eq!(none_left.errno(), "4002", "{none_left:?}");

        let registered = post_from(&owner, HOME, "/api/v1/users", &body(&code)).await;

        assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
    })
    .await;
}

#[tokio::test]
async fn a_code_asked_for_by_wlan_is_taken_by_mobile_network_with_and_without_cookies() {
    on_each_with(&MANY_MESSAGES, async |app| {
        for keeps_cookies in [true, false] {
            let (client, mobile) = owner(app).await;
            assert_eq!(ask_from(&client, HOME, &mobile, "login").await.status, StatusCode::OK);
            let code = app.gateway.code_for(&mobile);
            let other = app.client();
            let client = if keeps_cookies { &client } else { &other };

            assert_signed_in(&type_from(client, "100.64.7.7", &mobile, &code).await);
        }
    })
    .await;
}

/// A program without cookies is told by its address.
#[tokio::test]
async fn a_program_without_cookies_keeps_its_tries_while_strangers_guess() {
    on_each_with(&MANY_MESSAGES, async |app| {
        let (_, mobile) = owner(app).await;
        assert_eq!(ask_from(&app.client(), HOME, &mobile, "login").await.status, StatusCode::OK);
        assert_eq!(compared(&wrong_codes(app, &mobile, 20).await), 5);

        let code = app.gateway.code_for(&mobile);
        let wrong = type_from(&app.client(), HOME, &mobile, &other_than(&code)).await;
        assert_eq!(wrong.json()["data"]["tries_left"], 4, "{wrong:?}");

        assert_signed_in(&type_from(&app.client(), HOME, &mobile, &code).await);
    })
    .await;
}

#[tokio::test]
async fn a_known_browser_has_ten_wrong_codes_a_day_and_another_one_its_own() {
    on_each_with(&MANY_MESSAGES, async |app| {
        let (one, mobile) = owner(app).await;
        let other = app.client();
        ask_from(&other, HOME, &mobile, "login").await;
        assert_signed_in(&type_from(&other, HOME, &mobile, &app.gateway.code_for(&mobile)).await);
        sign_out(&other);
        app.skip_resend_wait().await;
        for _ in 0..2 {
            ask_from(&one, HOME, &mobile, "login").await;
            let wrong = other_than(&app.gateway.code_for(&mobile));
            for _ in 0..5 {
                assert_eq!(type_from(&one, HOME, &mobile, &wrong).await.errno(), "4004");
            }
            app.skip_resend_wait().await;
        }
        ask_from(&one, HOME, &mobile, "login").await;
        let code = app.gateway.code_for(&mobile);

        let eleventh = type_from(&one, HOME, &mobile, &code).await;

        assert!(!eleventh.status.is_success(), "{eleventh:?}");
        assert_signed_in(&type_from(&other, HOME, &mobile, &code).await);
    })
    .await;
}

/// Strangers who own many addresses and browsers, on two instances.
#[tokio::test]
async fn strangers_make_at_most_thirty_guesses_at_a_number_in_a_day() {
    on_shared_backends(async |backends| {
        let settings = [&MANY_MESSAGES[..], &[("SMS_VERIFIED_PERCENT", "0")]].concat();
        let (one, two) = (backends.open(&settings).await, backends.open(&settings).await);
        let mobile = fresh_mobile();
        one.client().register(&mobile).await;
        let apps = [&one, &two];
        // Half of them have a device id of their own, fresh ones and forged ones.
        let clients: Vec<_> = (0..100).map(|index| apps[index % 2].client()).collect();
        for (index, client) in clients.iter().enumerate().filter(|(index, _)| index % 2 == 0) {
            if index % 4 == 0 {
                let address = format!("198.51.100.{index}");
                let asked = ask_from(client, &address, &fresh_mobile(), "register").await;
                assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
            } else {
                client.set_cookies([("haoma_device".to_owned(), "A".repeat(43))].into());
            }
        }
        let mut guesses = 0;
        for round in 0..6 {
            one.skip_resend_wait().await;
            let from = &clients[round * 7];
            let asked = ask_from(from, "198.51.100.7", &mobile, "login").await;
            assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
            two.wait_for_background_tasks().await;
            let code = one.gateway.last_code_for(&mobile).into_iter();
            let wrong =
                other_than(&code.chain(two.gateway.last_code_for(&mobile)).next().expect("a code"));
            let wrong = other_than(&wrong);
            let tries = clients.iter().enumerate().map(async |(index, client)| {
                type_from(client, &format!("198.51.100.{index}"), &mobile, &wrong).await
            });
            guesses += compared(&join_all(tries).await);
        }

        assert_eq!(guesses, 10);
        one.stop().await;
        two.stop().await;
    })
    .await;
}

/// NAT-3: what ends well takes no place from the neighbours.
#[tokio::test]
async fn right_codes_count_nowhere_for_their_address() {
    let settings = [&MANY_MESSAGES[..], &[("SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES", "2")]].concat();
    on_each_with(&settings, async |app| {
        for _ in 0..6 {
            let (client, mobile) = (app.client(), fresh_mobile());
            ask_from(&client, HOME, &mobile, "register").await;
            let sms_code = app.gateway.code_for(&mobile);
            let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });

            let registered = post_from(&client, HOME, "/api/v1/users", &body).await;

            assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
        }
    })
    .await;
}

/// Ninety wrong codes of strangers in a row.
#[tokio::test]
async fn a_known_browser_signs_in_by_code_after_ninety_wrong_ones_of_strangers() {
    on_each_with(&MANY_MESSAGES, async |app| {
        for purpose in ["login", "reset"] {
            let (client, mobile) = owner(app).await;
            fail_often(app, &mobile).await;
            let stranger = app.client();
            ask_from(&stranger, "198.51.100.1", &mobile, "login").await;
            let code = app.gateway.code_for(&mobile);
            let closed = type_from(&stranger, "198.51.100.1", &mobile, &code).await;
            // A right code is never called wrong.
            assert_eq!((closed.status.as_u16(), closed.errno().as_str()), (403, "4104"));
            app.skip_resend_wait().await;

            ask_from(&client, HOME, &mobile, purpose).await;
            let sms_code = app.gateway.code_for(&mobile);
            let response = if purpose == "login" {
                type_from(&client, HOME, &mobile, &sms_code).await
            } else {
                let body =
                    json!({ "mobile": mobile, "sms_code": sms_code, "password": "a new one 9" });
                post_from(&client, HOME, "/api/v1/password-resets", &body).await
            };

            assert_signed_in(&response);
        }
    })
    .await;
}

async fn fail_often(app: &TestApp, mobile: &str) {
    let update = format!("UPDATE users SET code_failures = 90 WHERE mobile = '{mobile}'");
    let done = app
        .state
        .db
        .write(async move |connection| Ok(sql_query(&update).execute(connection).await?))
        .await;
    assert_eq!(done.expect("answers"), 1);
}
