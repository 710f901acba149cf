//! Guessing a password: a captcha after a few failures, waiting after many, and no lock-out.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with, on_shared_backends},
    client::{TestClient, TestResponse},
    interface::INTERFACES,
    logs,
};

async fn try_in(person: &TestClient<'_>, login: &str, password: &str) -> TestResponse {
    person.post_json("/api/v1/session", &json!({ "login": login, "password": password })).await
}

/// An attempt with a solved captcha.
async fn try_solved(person: &TestClient<'_>, login: &str, password: &str) -> TestResponse {
    let (captcha_id, captcha) = person.solve_captcha().await;
    let body = json!({
        "login": login, "password": password, "captcha_id": captcha_id, "captcha": captcha,
    });
    person.post_json("/api/v1/session", &body).await
}

fn captcha_required(answer: &TestResponse) -> bool {
    answer.json()["data"]["captcha_required"] == Value::Bool(true)
}

#[tokio::test]
async fn after_three_failures_a_captcha_is_asked_for_known_or_not() {
    on_each(async |haoma| {
        let known = fresh_mobile();
        haoma.client().register(&known).await;
        for login in [known.as_str(), &fresh_mobile()] {
            let person = haoma.client();
            let tries = [
                try_in(&person, login, "not it at all").await,
                try_in(&person, login, "not it at all").await,
                try_in(&person, login, "not it at all").await,
                try_in(&person, login, PASSWORD).await,
            ];

            let asked: Vec<_> =
                tries.iter().map(|it| (it.status.as_u16(), captcha_required(it))).collect();
            assert_eq!(asked, [(401, false), (401, false), (401, true), (400, true)], "{login}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_solved_captcha_lets_the_right_password_in_and_forgets_the_failures() {
    on_each(async |haoma| {
        let (person, mobile) = (haoma.client(), fresh_mobile());
        person.register(&mobile).await;
        for _ in 0..3 {
            try_in(&person, &mobile, "not it at all").await;
        }

        let entered = try_solved(&person, &mobile, PASSWORD).await;
        let next = try_in(&person, &mobile, "not it at all").await;

        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
        assert!(!captcha_required(&next), "it counts from one again");
    })
    .await;
}

#[tokio::test]
async fn the_page_shows_the_captcha_when_it_is_needed() {
    on_each(async |haoma| {
        let (person, mobile) = (haoma.client(), fresh_mobile());
        person.register(&mobile).await;
        let form = [("login", mobile.as_str()), ("password", "not it at all")];
        let first = person.post_form("/login", &form).await;
        person.post_form("/login", &form).await;
        let third = person.post_form("/login", &form).await;
        let (id, answer) = person.solve_captcha().await;

        let form = [
            ("login", mobile.as_str()),
            ("password", PASSWORD),
            ("captcha_id", &id),
            ("captcha", &answer),
        ];
        let entered = person.post_form("/login", &form).await;

        assert!(!first.body.contains("name=\"captcha\""));
        assert!(third.body.contains("name=\"captcha\""));
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{entered:?}");
    })
    .await;
}

#[tokio::test]
async fn of_a_hundred_guesses_at_once_ten_are_looked_at() {
    let settings =
        [("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10"), ("SIGN_IN_FAILURES_PER_ADDRESS", "1000000")];
    on_each_with(&settings, async |haoma: &TestApp| {
        let (person, mobile) = (haoma.client(), fresh_mobile());
        person.register(&mobile).await;
        let guess = || try_in(&person, &mobile, "not it at all");

        let answers = join_all((0..100).map(|_| guess())).await;

        let looked_at = answers.iter().filter(|it| it.errno() == "4102").count();
        assert_eq!(looked_at, 10);
        let refused = try_solved(&haoma.client(), &mobile, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "even the right one waits");
        assert_ne!(refused.header("retry-after"), "");
        assert_eq!(person.get("/api/v1/session").await.status, StatusCode::OK, "and lives on");
    })
    .await;
}

/// An attempt that is still being checked is no failure, so it asks nobody for a captcha.
#[tokio::test]
async fn right_passwords_at_once_are_asked_for_no_captcha() {
    // Dear enough that several are being checked at a time.
    on_each_with(&[("PASSWORD_ITERATIONS", "20000")], async |haoma| {
        for face in INTERFACES {
            let (person, mobile) = (haoma.client(), fresh_mobile());
            person.register(&mobile).await;
            for failed in [0, 2] {
                for _ in 0..failed {
                    face.sign_in(&person, &mobile, "not it at all").await;
                }
                let people: Vec<_> = (0..8).map(|_| haoma.client()).collect();

                let entries = people.iter().map(|it| face.sign_in(it, &mobile, PASSWORD));
                let answers = join_all(entries).await;

                for answer in &answers {
                    face.assert_success(answer, 200);
                }
            }
        }
    })
    .await;
}

/// Wrong ones at once are looked at as often as the windows of the account allow, and then a captcha is due.
#[tokio::test]
async fn wrong_passwords_at_once_count_as_failures_as_soon_as_each_is_known() {
    on_each_with(&[("SIGN_IN_FAILURES", "6")], async |haoma| {
        let (person, mobile) = (haoma.client(), fresh_mobile());
        person.register(&mobile).await;
        let guess = || try_in(&person, &mobile, "not it at all");

        let answers = join_all((0..5).map(|_| guess())).await;
        let next = try_in(&person, &mobile, PASSWORD).await;

        assert!(answers.iter().all(|it| ["4102", "4103"].contains(&it.errno().as_str())));
        assert_eq!((next.status.as_u16(), captcha_required(&next)), (400, true), "{next:?}");
        let entered = try_solved(&person, &mobile, PASSWORD).await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    })
    .await;
}

/// R45: one password tried on many accounts.
#[tokio::test]
async fn an_address_from_which_many_accounts_fail_may_fail_a_quarter_as_often() {
    let settings = [
        ("SIGN_IN_FAILURES_PER_ADDRESS", "100"),
        ("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ];
    on_each_with(&settings, async |haoma: &TestApp| {
        let turn = logs::capture().await;
        let fail = async |address: &str| {
            let person = haoma.client();
            let request = person.request(Method::POST, "/api/v1/session");
            let body = json!({ "login": fresh_mobile(), "password": "not it at all" });
            let request = request.header("x-forwarded-for", address).json(&body);
            let answer = person.send(request).await;
            haoma.wait_for_background_tasks().await;
            answer.status.as_u16()
        };
        for _ in 0..14 {
            assert_eq!(fail("203.0.113.1").await, 401);
        }
        for _ in 0..11 {
            assert_eq!(fail("203.0.113.1").await, 401);
        }

        let (here, there) = (fail("203.0.113.1").await, fail("203.0.113.2").await);

        let lines = logs::captured(turn);
        assert_eq!((here, there), (429, 401));
        let told = "event=password_spraying network=203.0.113.1 accounts=15";
        assert_eq!(lines.iter().filter(|it| it.contains(told)).count(), 1);
    })
    .await;
}

/// R19, R35, R39, R140: over two instances, and for codes as for passwords.
#[tokio::test]
async fn two_instances_look_at_no_more_guesses_than_one() {
    on_shared_backends(async |home| {
        let settings = [("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10"), ("SMS_CODE_TRIES", "10")];
        let (one, two) = (home.open(&settings).await, home.open(&settings).await);
        let mobile = fresh_mobile();
        one.client().register(&mobile).await;
        let fresh = fresh_mobile();
        one.client().request_code(&fresh).await;
        let wrong = test_support::sms_codes::other_than(&one.gateway.code_for(&fresh));
        let people = [one.client(), two.client()];
        let (mobile, fresh, wrong) = (mobile.as_str(), fresh.as_str(), wrong.as_str());

        let passwords =
            join_all((0..100).map(|it| try_in(&people[it % 2], mobile, "not it"))).await;
        let body = json!({ "mobile": fresh, "sms_code": wrong, "password": PASSWORD });
        let codes = (0..100).map(|it| people[it % 2].post_json("/api/v1/users", &body));
        let codes = join_all(codes).await;

        let looked_at = |answers: &[TestResponse], errno: &str| {
            answers.iter().filter(|it| it.errno() == errno).count()
        };
        assert_eq!(looked_at(&passwords, "4102"), 10);
        assert_eq!(looked_at(&passwords, "4201"), 90);
        assert_eq!(looked_at(&codes, "4004"), 10);
        one.stop().await;
        two.stop().await;
    })
    .await;
}
