//! Guessing a password: a captcha after a few failures, waiting after many, and no lock-out.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    haoma::{Haoma, PASSWORD, fresh_mobile, on_each, on_each_with},
    visitor::{Answer, Visitor},
};

async fn try_in(person: &Visitor<'_>, login: &str, password: &str) -> Answer {
    person.post_json("/api/v1/session", &json!({ "login": login, "password": password })).await
}

/// An attempt with a solved captcha.
async fn try_solved(person: &Visitor<'_>, login: &str, password: &str) -> Answer {
    let (captcha_id, captcha) = person.solve().await;
    let body = json!({
        "login": login, "password": password, "captcha_id": captcha_id, "captcha": captcha,
    });
    person.post_json("/api/v1/session", &body).await
}

fn captcha_required(answer: &Answer) -> bool {
    answer.json()["data"]["captcha_required"] == Value::Bool(true)
}

#[tokio::test]
async fn after_three_failures_a_captcha_is_asked_for_known_or_not() {
    on_each(async |haoma| {
        let known = fresh_mobile();
        haoma.visitor().register(&known).await;
        for login in [known.as_str(), &fresh_mobile()] {
            let person = haoma.visitor();
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
        let (person, mobile) = (haoma.visitor(), fresh_mobile());
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
        let (person, mobile) = (haoma.visitor(), fresh_mobile());
        person.register(&mobile).await;
        let form = [("login", mobile.as_str()), ("password", "not it at all")];
        let first = person.post_form("/login", &form).await;
        person.post_form("/login", &form).await;
        let third = person.post_form("/login", &form).await;
        let (id, answer) = person.solve().await;

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
    on_each_with(&settings, async |haoma: &Haoma| {
        let (person, mobile) = (haoma.visitor(), fresh_mobile());
        person.register(&mobile).await;
        let guess = || try_in(&person, &mobile, "not it at all");

        let answers = futures_util::future::join_all((0..100).map(|_| guess())).await;

        let looked_at = answers.iter().filter(|it| it.errno() == "4102").count();
        assert_eq!(looked_at, 10);
        let refused = try_solved(&haoma.visitor(), &mobile, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "even the right one waits");
        assert_ne!(refused.header("retry-after"), "");
        assert_eq!(person.get("/api/v1/session").await.status, StatusCode::OK, "and lives on");
    })
    .await;
}
