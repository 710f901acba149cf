//! The proof of work as a price: its cost is signed, and front-ends that compute the older form go on.

use std::time::Duration;

use haoma::{
    domain::proof_of_work::ProofOfWork,
    errors::{Error, ProofProblem},
};
use serde_json::{Value, json};
use test_support::{
    app::{TestApp, fresh_mobile, on_each, on_each_with},
    client::{TestClient, TestResponse},
    interface::{Action, Interface},
    proof_of_work::{sealed, solve, solve_older},
};

const ALWAYS: [(&str, &str); 2] = [("POW", "always"), ("POW_COMPLEXITY", "10000")];

async fn challenge(client: &TestClient<'_>) -> Value {
    client.get("/api/v1/proof-of-work").await.json()["data"].clone()
}

async fn send_with(client: &TestClient<'_>, proof: &Value) -> TestResponse {
    let (mobile, (id, answer)) = (fresh_mobile(), client.solve_captcha().await);
    let proof = sealed(proof);
    let fields = [
        ("mobile", mobile.as_str()),
        ("captcha_id", &id),
        ("captcha", &answer),
        ("proof_of_work", &proof),
    ];
    Interface::Json.perform(client, Action::Send, &fields).await
}

async fn consume(app: &TestApp, proof: &Value, at_least_cost: u32) -> Result<(), ProofProblem> {
    let proof = ProofOfWork::parse(&sealed(proof)).expect("a proof");
    match app.state.pow_challenges.consume(&proof, at_least_cost).await {
        Ok(()) => Ok(()),
        Err(Error::PriceRequired(price)) => Err(price.required_proof().expect("a proof").problem),
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_challenge_is_altchas_newer_form_at_the_usual_cost() {
    on_each(async |app| {
        let challenge = challenge(&app.client()).await;

        let parameters = &challenge["parameters"];
        assert_eq!(parameters["algorithm"], "PBKDF2/SHA-256");
        assert_eq!(
            (&parameters["keyLength"], &parameters["data"]["cost"]),
            (&json!(32), &json!(1))
        );
        assert_eq!(parameters["keyPrefix"].as_str().map(str::len), Some(32));
    })
    .await;
}

#[tokio::test]
async fn both_forms_of_an_answer_are_taken_once() {
    on_each_with(&ALWAYS, async |app| {
        let client = app.client();
        let challenge = challenge(&client).await;
        for proof in [solve(&challenge), solve_older(&challenge)] {
            let first = send_with(&client, &proof).await;
            let second = send_with(&client, &proof).await;

            Interface::Json.assert_success(&first, 200);
            Interface::Json.assert_refused(&second, (400, "4103"), "error-proof-used", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_cost_too_little_is_refused_and_not_used_up() {
    on_each_with(&ALWAYS, async |app| {
        let usual = json!(app.state.pow_challenges.issue(1));
        let double = json!(app.state.pow_challenges.issue(2));
        for proof in [solve(&usual), solve_older(&usual)] {
            assert_eq!(consume(app, &proof, 2).await, Err(ProofProblem::Insufficient));
            assert_eq!(consume(app, &proof, 1).await, Ok(()));
        }
        let proof = solve(&double);
        assert_eq!(consume(app, &proof, 2).await, Ok(()));
        assert_eq!(consume(app, &proof, 1).await, Err(ProofProblem::Used));
        assert_eq!(double.get("challenge"), None, "the older form has the usual cost only");
    })
    .await;
}

#[tokio::test]
async fn a_costly_challenge_leaves_time_to_solve_it() {
    on_each_with(&[("POW_COMPLEXITY", "2000")], async |app| {
        let proof = solve(&json!(app.state.pow_challenges.issue(64)));

        app.advance(Duration::from_mins(10)).await;

        assert_eq!(consume(app, &proof, 64).await, Ok(()));
    })
    .await;
}
