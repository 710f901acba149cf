//! Proof of work beside the captcha, and the harder captcha that replaces it.

use chrono::{DateTime, Duration, Utc};
use futures_util::future::join_all;
use haoma::domain::{keys::SecretKey, proof_of_work::Challenge};
use serde_json::{Value, json};
use test_support::{
    app::{KEY, PASSWORD, TestApp, fresh_mobile, on_each_with, on_shared_backends},
    client::{TestClient, TestResponse},
    interface::{Action, Interface, own_interfaces},
    proof_of_work::{sealed, solve},
};

const ALWAYS: [(&str, &str); 2] = [("POW", "always"), ("POW_COMPLEXITY", "1000")];

async fn question(client: &TestClient<'_>) -> Value {
    let asked = client.get("/api/v1/proof-of-work").await;
    assert_eq!((asked.status.as_u16(), asked.header("cache-control")), (200, "no-store"));
    asked.json()["data"].clone()
}

async fn proof(client: &TestClient<'_>) -> String {
    sealed(&solve(&question(client).await))
}

/// A question under the key of the tests, that ends then.
fn question_until(ends_at: DateTime<Utc>) -> Value {
    let key = SecretKey::new(KEY.as_bytes().to_vec()).derive("proof of work");
    json!(Challenge::new(&key, 1000, 1, ends_at))
}

async fn sends(
    interface: Interface,
    client: &TestClient<'_>,
    mobile: &str,
    proof: &str,
) -> TestResponse {
    let picture = client.solve_captcha().await;
    sends_with(interface, client, mobile, &picture, proof).await
}

async fn sends_with(
    interface: Interface,
    client: &TestClient<'_>,
    mobile: &str,
    (id, answer): &(String, String),
    proof: &str,
) -> TestResponse {
    let fields =
        [("mobile", mobile), ("captcha_id", id), ("captcha", answer), ("proof_of_work", proof)];
    interface.perform(client, Action::Send, &fields).await
}

/// Looks at a harder picture and reads it.
async fn solve_harder(app: &TestApp, client: &TestClient<'_>) -> (String, String) {
    let id = uuid::Uuid::new_v4().to_string();
    let picture = client.get(&format!("/api/v1/captchas/{id}?harder=on")).await;
    assert_eq!(picture.status.as_u16(), 200);
    let answer = app.answer_of(&id).await.expect("an answer");
    assert_eq!(answer.len(), 6, "{answer}");
    (id, answer)
}

#[tokio::test]
async fn without_a_proof_of_work_no_message_is_sent_and_the_captcha_stays_valid() {
    on_each_with(&ALWAYS, async |app| {
        for interface in own_interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let picture = client.solve_captcha().await;

            let refused = sends_with(interface, &client, &mobile, &picture, "").await;
            let texted = app.gateway.count_for(&mobile);
            let proof = proof(&client).await;
            let done = sends_with(interface, &client, &mobile, &picture, &proof).await;

            interface.assert_refused(&refused, (400, "4103"), "error-proof-missing", &[]);
            match interface {
                Interface::Json | Interface::Ihome | Interface::Passport => {
                    assert_eq!(refused.json()["data"]["proof_of_work_required"], true);
                }
                Interface::Page => assert!(refused.body.contains("?harder=on"), "{refused:?}"),
            }
            assert_eq!(texted, 0);
            interface.assert_success(&done, 200);
            let code = app.gateway.code_for(&mobile);
            interface
                .assert_success(&interface.register(&client, &mobile, &code, PASSWORD).await, 201);
        }
    })
    .await;
}

#[tokio::test]
async fn a_wrong_foreign_or_expired_proof_of_work_is_refused() {
    on_each_with(&ALWAYS, async |app| {
        let client = app.client();
        let foreign = {
            let key = SecretKey::new(vec![7; 32]).derive("proof of work");
            solve(&json!(Challenge::new(&key, 1000, 1, Utc::now() + Duration::minutes(1))))
        };
        let expired = solve(&question_until(Utc::now() - Duration::seconds(1)));
        let changed = |value: &Value, place: &str, new: Value| {
            let mut value = value.clone();
            *value.pointer_mut(place).expect("a member") = new;
            value
        };
        let later = |value: &Value| {
            let end = (Utc::now() + Duration::days(1)).timestamp();
            changed(value, "/challenge/parameters/expiresAt", json!(end))
        };
        let right = solve(&question(&client).await);
        let cases = [
            (changed(&right, "/solution/counter", json!(4_000_000_000_u32)), "error-proof-wrong"),
            (changed(&right, "/challenge/parameters/data/cost", json!(2)), "error-proof-wrong"),
            (later(&right), "error-proof-wrong"),
            (later(&expired), "error-proof-wrong"),
            (foreign, "error-proof-wrong"),
            (expired, "error-proof-expired"),
        ];
        for interface in own_interfaces() {
            let mobile = fresh_mobile();
            for (proof, key) in &cases {
                let refused = sends(interface, &client, &mobile, &sealed(proof)).await;
                interface.assert_refused(&refused, (400, "4103"), key, &[]);
            }
            for garbage in ["x", "e30=", "🙂"] {
                let refused = sends(interface, &client, &mobile, garbage).await;
                assert_eq!(refused.status.as_u16(), 400, "{refused:?}");
            }
            assert_eq!(app.gateway.count_for(&mobile), 0);
        }
        // None of it has used up the right one.
        let done = sends(Interface::Json, &client, &fresh_mobile(), &sealed(&right)).await;
        Interface::Json.assert_success(&done, 200);
    })
    .await;
}

/// R39, R145.
#[tokio::test]
async fn of_a_hundred_requests_with_one_proof_of_work_one_gets_through() {
    on_each_with(&ALWAYS, async |app| {
        for interface in own_interfaces() {
            let client = app.client();
            let proof = proof(&client).await;
            let mut clients = Vec::new();
            for _ in 0..100 {
                clients.push((fresh_mobile(), client.solve_captcha().await));
            }
            let before = app.gateway.messages().len();

            let send = async |sent: &(String, (String, String))| {
                sends_with(interface, &client, &sent.0, &sent.1, &proof).await
            };
            let responses = join_all(clients.iter().map(send)).await;

            assert_eq!(app.gateway.messages().len() - before, 1);
            let refused: Vec<_> =
                responses.iter().filter(|response| response.status.as_u16() == 400).collect();
            assert_eq!(refused.len(), 99);
            for response in refused {
                interface.assert_refused(response, (400, "4103"), "error-proof-used", &[]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_proof_of_work_used_at_one_instance_is_refused_at_the_other() {
    on_shared_backends(async |backends| {
        let (first, second) = (backends.open(&ALWAYS).await, backends.open(&ALWAYS).await);
        let proof = proof(&first.client()).await;

        let here = sends(Interface::Json, &first.client(), &fresh_mobile(), &proof).await;
        let there = sends(Interface::Json, &second.client(), &fresh_mobile(), &proof).await;

        Interface::Json.assert_success(&here, 200);
        Interface::Json.assert_refused(&there, (400, "4103"), "error-proof-used", &[]);
        first.stop().await;
        second.stop().await;
    })
    .await;
}

#[tokio::test]
async fn every_guess_at_a_captcha_costs_a_proof_of_work() {
    on_each_with(&ALWAYS, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let (proof, (id, _)) = (proof(&client).await, client.solve_captcha().await);

        let guess = (id, "zzzz".to_owned());
        let wrong = sends_with(Interface::Json, &client, &mobile, &guess, &proof).await;
        let again = sends(Interface::Json, &client, &mobile, &proof).await;

        Interface::Json.assert_refused(&wrong, (422, "4004"), "error-captcha-wrong", &[]);
        Interface::Json.assert_refused(&again, (400, "4103"), "error-proof-used", &[]);
    })
    .await;
}

#[tokio::test]
async fn a_harder_captcha_replaces_the_proof_of_work_and_six_letters_alone_do_not() {
    on_each_with(&ALWAYS, async |app| {
        for interface in own_interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let easy = client.solve_captcha().await;
            let stretched = (easy.0, format!("{}aa", easy.1));
            let harder = solve_harder(app, &client).await;

            let wrong = sends_with(interface, &client, &mobile, &stretched, "").await;
            let done = sends_with(interface, &client, &mobile, &harder, "").await;

            interface.assert_refused(&wrong, (422, "4004"), "error-captcha-wrong", &[]);
            interface.assert_success(&done, 200);
            assert_eq!(app.gateway.count_for(&mobile), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn forms_show_harder_captchas_only_when_a_proof_of_work_is_required() {
    for (demand, is_harder) in [("always", true), ("auto", false), ("off", false)] {
        on_each_with(&[("POW", demand)], async |app| {
            let client = app.client();
            for path in ["/register", "/login", "/reset-password"] {
                let page = client.get(path).await;
                assert_eq!(page.body.contains("?harder=on"), is_harder, "{demand} {path}");
                assert_eq!(page.body.contains("data-proof=\"wanted\""), is_harder);
            }
            assert!(
                !client.get("/login?by=password").await.body.contains("?harder=on"),
                "no code is sent there"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn a_proof_of_work_that_is_not_required_is_not_checked() {
    for demand in ["auto", "off"] {
        on_each_with(&[("POW", demand)], async |app| {
            for interface in own_interfaces() {
                let client = app.client();
                let expired = sealed(&solve(&question_until(Utc::now() - Duration::seconds(1))));
                for proof in ["", &expired] {
                    interface.assert_success(
                        &sends(interface, &client, &fresh_mobile(), proof).await,
                        200,
                    );
                }
            }
        })
        .await;
    }
}
