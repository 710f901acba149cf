//! Guessing a password: a captcha after a few failures, a harder one after many, and no lock-out.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with, on_shared_backends},
    client::{TestClient, TestResponse},
    interface::interfaces,
    logs,
};

async fn try_in(client: &TestClient<'_>, login: &str, password: &str) -> TestResponse {
    client.post_json("/api/v1/session", &json!({ "login": login, "password": password })).await
}

/// Signs in with a solved captcha.
async fn try_solved(client: &TestClient<'_>, login: &str, password: &str) -> TestResponse {
    let (captcha_id, captcha) = client.solve_captcha().await;
    let body = json!({
        "login": login, "password": password, "captcha_id": captcha_id, "captcha": captcha,
    });
    client.post_json("/api/v1/session", &body).await
}

fn captcha_required(response: &TestResponse) -> bool {
    response.json()["data"]["captcha_required"] == Value::Bool(true)
}

#[tokio::test]
async fn after_three_failures_a_captcha_is_required_for_known_and_unknown_logins() {
    on_each(async |app| {
        let known = fresh_mobile();
        app.client().register(&known).await;
        for login in [known.as_str(), &fresh_mobile()] {
            let client = app.client();
            let tries = [
                try_in(&client, login, "not it at all").await,
                try_in(&client, login, "not it at all").await,
                try_in(&client, login, "not it at all").await,
                try_in(&client, login, PASSWORD).await,
            ];

            let asked: Vec<_> = tries
                .iter()
                .map(|response| (response.status.as_u16(), captcha_required(response)))
                .collect();
            assert_eq!(asked, [(401, false), (401, false), (401, true), (400, true)], "{login}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_solved_captcha_lets_the_right_password_in_and_forgets_the_failures() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        for _ in 0..3 {
            try_in(&client, &mobile, "not it at all").await;
        }

        let entered = try_solved(&client, &mobile, PASSWORD).await;
        let next = try_in(&client, &mobile, "not it at all").await;

        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
        assert!(!captcha_required(&next), "it counts from one again");
    })
    .await;
}

#[tokio::test]
async fn the_page_shows_the_captcha_when_it_is_needed() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let form = [("login", mobile.as_str()), ("password", "not it at all")];
        let first = client.post_form("/login", &form).await;
        client.post_form("/login", &form).await;
        let third = client.post_form("/login", &form).await;
        let (id, answer) = client.solve_captcha().await;

        let form = [
            ("login", mobile.as_str()),
            ("password", PASSWORD),
            ("captcha_id", &id),
            ("captcha", &answer),
        ];
        let entered = client.post_form("/login", &form).await;

        let shown = "id=\"sheet\" aria-labelledby=\"sheet-title\" open>";
        assert!(!first.body.contains(shown));
        assert!(third.body.contains(shown));
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{entered:?}");
    })
    .await;
}

#[tokio::test]
async fn of_a_hundred_wrong_passwords_at_once_ten_are_compared() {
    let settings =
        [("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10"), ("SIGN_IN_FAILURES_PER_ADDRESS", "1000000")];
    on_each_with(&settings, async |app: &TestApp| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let stranger = app.client();
        let guess = || try_in(&stranger, &mobile, "not it at all");

        let responses = join_all((0..100).map(|_| guess())).await;

        let looked_at = responses.iter().filter(|response| response.errno() == "4102").count();
        assert_eq!(looked_at, 10);
        let refused = try_solved(&app.client(), &mobile, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "an easy picture is no longer enough");
        assert_ne!(refused.header("retry-after"), "");
        assert_eq!(client.get("/api/v1/session").await.status, StatusCode::OK, "and lives on");
    })
    .await;
}

/// A password that is still being checked is no failure, so it makes no other request need a captcha.
#[tokio::test]
async fn parallel_right_passwords_need_no_captcha() {
    // A hash is slow enough that several are computed at a time.
    on_each_with(&[("PASSWORD_ITERATIONS", "20000")], async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            client.register(&mobile).await;
            for failed in [0, 2] {
                for _ in 0..failed {
                    interface.sign_in(&client, &mobile, "not it at all").await;
                }
                let clients: Vec<_> = (0..8).map(|_| app.client()).collect();

                let entries =
                    clients.iter().map(|client| interface.sign_in(client, &mobile, PASSWORD));
                let responses = join_all(entries).await;

                for response in &responses {
                    interface.assert_success(response, 200);
                }
            }
        }
    })
    .await;
}

/// Concurrent wrong passwords are compared as often as the account's limit allows, and then a captcha is required.
#[tokio::test]
async fn parallel_wrong_passwords_count_as_failures_as_each_is_known() {
    on_each_with(&[("SIGN_IN_FAILURES", "6")], async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let guess = || try_in(&client, &mobile, "not it at all");

        let responses = join_all((0..5).map(|_| guess())).await;
        let next = try_in(&client, &mobile, PASSWORD).await;

        assert!(
            responses.iter().all(|response| ["4102", "4103"].contains(&response.errno().as_str()))
        );
        assert_eq!((next.status.as_u16(), captcha_required(&next)), (400, true), "{next:?}");
        let entered = try_solved(&client, &mobile, PASSWORD).await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    })
    .await;
}

/// R45: one password is tried on many accounts.
#[tokio::test]
async fn an_address_that_fails_on_many_logins_needs_a_captcha() {
    let settings = [
        ("SIGN_IN_FAILURES_PER_ADDRESS", "100"),
        ("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ];
    on_each_with(&settings, async |app: &TestApp| {
        let turn = logs::capture().await;
        let fail = async |address: &str| {
            let client = app.client();
            let request = client.request(Method::POST, "/api/v1/session");
            let body = json!({ "login": fresh_mobile(), "password": "not it at all" });
            let request = request.header("x-forwarded-for", address).json(&body);
            let response = client.send(request).await;
            app.wait_for_background_tasks().await;
            response.status.as_u16()
        };
        for _ in 0..15 {
            assert_eq!(fail("203.0.113.1").await, 401);
        }

        let (here, there) = (fail("203.0.113.1").await, fail("203.0.113.2").await);

        let lines = logs::captured(turn);
        assert_eq!((here, there), (400, 401));
        let told = "event=password_spraying network=203.0.113.1 accounts=15";
        assert_eq!(lines.iter().filter(|line| line.contains(told)).count(), 1);
    })
    .await;
}

/// R19, R35, R39, R140: over two instances, and for codes as for passwords.
#[tokio::test]
async fn two_instances_share_the_limit_of_wrong_passwords() {
    on_shared_backends(async |backends| {
        let settings = [("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10"), ("SMS_CODE_TRIES", "10")];
        let (one, two) = (backends.open(&settings).await, backends.open(&settings).await);
        let mobile = fresh_mobile();
        one.client().register(&mobile).await;
        let fresh = fresh_mobile();
        one.client().request_code(&fresh).await;
        let wrong = test_support::sms_codes::other_than(&one.gateway.code_for(&fresh));
        let clients = [one.client(), two.client()];
        let (mobile, fresh, wrong) = (mobile.as_str(), fresh.as_str(), wrong.as_str());

        let passwords =
            join_all((0..100).map(|index| try_in(&clients[index % 2], mobile, "not it"))).await;
        let body = json!({ "mobile": fresh, "sms_code": wrong, "password": PASSWORD });
        let codes = (0..100).map(|index| clients[index % 2].post_json("/api/v1/users", &body));
        let codes = join_all(codes).await;

        let looked_at = |answers: &[TestResponse], errno: &str| {
            answers.iter().filter(|answer| answer.errno() == errno).count()
        };
        assert_eq!(looked_at(&passwords, "4102"), 10);
        assert_eq!(looked_at(&passwords, "4103"), 90);
        assert_eq!(looked_at(&codes, "4004"), 10);
        one.stop().await;
        two.stop().await;
    })
    .await;
}
