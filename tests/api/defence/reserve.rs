//! The last reserve of a number: for a price it is open to an owner on a new device while strangers use up all else.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use test_support::{
    app::{TestApp, fresh_mobile, on_each_backends, on_each_with, on_shared_backends},
    client::{TestClient, TestResponse},
    databases::redis_query,
    proof_of_work::{sealed, solve},
    sms_codes::other_than,
};

use super::people::{BEHIND_A_PROXY, HOME, ask_from, harder_captcha, owner, post_from, type_from};

/// Proofs of work that take no time.
const QUICK: [(&str, &str); 3] =
    [BEHIND_A_PROXY, ("POW_COMPLEXITY", "1000"), ("SMS_PER_MOBILE_HOUR", "100")];

/// What pays for the reserve: six letters and a proof of work of this cost.
async fn payment(app: &TestApp, cost: u32) -> Value {
    let (captcha_id, captcha) = harder_captcha(app).await;
    let challenge = serde_json::to_value(app.state.pow_challenges.issue(cost)).expect("JSON");
    let proof_of_work = sealed(&solve(&challenge));
    json!({ "captcha_id": captcha_id, "captcha": captcha, "proof_of_work": proof_of_work })
}

fn with(mut body: Value, more: &Value) -> Value {
    let more = more.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(more);
    body
}

async fn ask_paying(
    client: &TestClient<'_>,
    mobile: &str,
    purpose: &str,
    payment: &Value,
) -> TestResponse {
    let body = with(json!({ "mobile": mobile, "purpose": purpose }), payment);
    let response = post_from(client, HOME, "/api/v1/sms-codes", &body).await;
    client.app.wait_for_background_tasks().await;
    response
}

/// Tells what is wanted, and when it would do to wait.
#[track_caller]
fn assert_price(response: &TestResponse) {
    assert_eq!(
        (response.status.as_u16(), response.errno().as_str()),
        (400, "4103"),
        "{response:?}"
    );
    let data = &response.json()["data"];
    assert_eq!(data["harder_captcha_required"], true, "{response:?}");
    assert_eq!(data["proof_of_work_required"], true, "{response:?}");
    assert_eq!(data["cost"], 16, "{response:?}");
    assert!(response.header("retry-after").parse::<u64>().expect("seconds") > 0);
}

async fn use_up_messages(app: &TestApp, mobile: &str, purpose: &str, already: usize) {
    for number in already..10 {
        let address = format!("198.51.100.{number}");
        let asked = ask_from(&app.client(), &address, mobile, purpose).await;
        assert_eq!(asked.status, StatusCode::OK, "{number}: {asked:?}");
        app.skip_resend_wait().await;
    }
}

/// LOCK-3, on a new device.
#[tokio::test]
async fn a_new_browser_gets_three_messages_for_the_price_when_strangers_have_used_up_the_ten() {
    on_each_with(&QUICK, async |app| {
        let (_, mobile) = owner(app).await;
        use_up_messages(app, &mobile, "login", 1).await;
        let client = app.client();
        assert_price(&ask_from(&client, HOME, &mobile, "login").await);

        for purpose in ["login", "reset", "login"] {
            let paid = ask_paying(&client, &mobile, purpose, &payment(app, 16).await).await;
            assert_eq!(paid.status, StatusCode::OK, "{paid:?}");
            let at_once = ask_paying(&client, &mobile, purpose, &payment(app, 16).await).await;
            assert_eq!(at_once.status, StatusCode::TOO_MANY_REQUESTS, "a minute: {at_once:?}");
            app.skip_resend_wait().await;
        }

        let code = app.gateway.code_for(&mobile);
        let fourth = ask_paying(&client, &mobile, "login", &payment(app, 16).await).await;
        assert_eq!(fourth.status, StatusCode::TOO_MANY_REQUESTS, "{fourth:?}");
        assert_eq!(app.gateway.count_for(&mobile), 13);
        assert_eq!(type_from(&client, HOME, &mobile, &code).await.status, StatusCode::OK);
    })
    .await;
}

/// R43: after a restart without Redis, or when Redis has lost its data, only the SMS log knows that the number is used up.
#[tokio::test]
async fn the_reserve_is_open_when_the_kv_store_has_lost_what_was_sent() {
    on_each_backends(async |backends| {
        let app = backends.open(&QUICK).await;
        let (_, known) = owner(&app).await;
        use_up_messages(&app, &known, "login", 1).await;
        let unknown = fresh_mobile();
        use_up_messages(&app, &unknown, "register", 0).await;
        if let Some(url) = app.redis.as_deref() {
            redis_query::<()>(url, &["FLUSHDB"]).await;
        }
        // With a memory of its own.
        let other = backends.open(&QUICK).await;
        let client = other.client();

        // Who waits for the message learns it at once.
        assert_price(&ask_from(&client, HOME, &unknown, "register").await);
        let paid = ask_paying(&client, &unknown, "register", &payment(&other, 16).await).await;
        assert_eq!(paid.status, StatusCode::OK, "{paid:?}");
        // A sign-in is answered before the log is asked, and learns it with the next request.
        assert_eq!(ask_from(&client, HOME, &known, "login").await.status, StatusCode::OK);
        other.skip_resend_wait().await;
        assert_price(&ask_from(&client, HOME, &known, "login").await);
        let paid = ask_paying(&client, &known, "login", &payment(&other, 16).await).await;
        assert_eq!(paid.status, StatusCode::OK, "{paid:?}");

        let sent = [&unknown, &known].map(|mobile| other.gateway.count_for(mobile));
        assert_eq!(sent, [1, 1]);
        app.stop().await;
        other.stop().await;
    })
    .await;
}

/// Known and unknown numbers are alike, also when they are used up and paid for.
#[tokio::test]
async fn the_reserve_tells_nothing_of_who_has_an_account() {
    on_each_with(&QUICK, async |app| {
        let (_, known) = owner(app).await;
        app.advance(Duration::from_hours(25)).await;
        let unknown = fresh_mobile();
        let mut answers = Vec::new();
        for mobile in [&known, &unknown] {
            use_up_messages(app, mobile, "reset", 0).await;
            let asked = ask_from(&app.client(), HOME, mobile, "reset").await;
            let paid = ask_paying(&app.client(), mobile, "reset", &payment(app, 16).await).await;
            answers
                .push([asked, paid].map(|answer| (answer.status, answer.json()["data"].clone())));
        }

        assert_eq!(answers[0], answers[1]);
    })
    .await;
}

/// A part of the price is not the price, and the harder captcha stays good when only the proof is too cheap.
#[tokio::test]
async fn a_part_of_the_price_opens_nothing_and_the_harder_captcha_can_be_used_again() {
    on_each_with(&QUICK, async |app| {
        let (_, mobile) = owner(app).await;
        use_up_messages(app, &mobile, "login", 1).await;
        let client = app.client();
        let (captcha_id, captcha) = app.captcha_without_picture().await;
        let usual = json!({ "captcha_id": captcha_id, "captcha": captcha });
        assert_price(
            &ask_paying(&client, &mobile, "login", &with(payment(app, 16).await, &usual)).await,
        );
        let cheap = payment(app, 15).await;
        assert_price(&ask_paying(&client, &mobile, "login", &cheap).await);
        let mut without_proof = cheap.clone();
        without_proof.as_object_mut().expect("an object").remove("proof_of_work");
        assert_price(&ask_paying(&client, &mobile, "login", &without_proof).await);

        let proof = payment(app, 16).await["proof_of_work"].clone();
        let paid = with(cheap, &json!({ "proof_of_work": proof }));
        let paid = ask_paying(&client, &mobile, "login", &paid).await;

        assert_eq!(paid.status, StatusCode::OK, "{paid:?}");
    })
    .await;
}

/// Strangers use up their ten wrong codes of the day.
async fn use_up_tries(app: &TestApp, client: &TestClient<'_>, mobile: &str) {
    for round in 0..2 {
        assert_eq!(ask_from(client, HOME, mobile, "login").await.status, StatusCode::OK);
        let wrong = other_than(&app.gateway.code_for(mobile));
        for number in 0..5 {
            let address = format!("198.51.100.{}", 10 * round + number);
            assert_eq!(type_from(&app.client(), &address, mobile, &wrong).await.errno(), "4004");
        }
        // The next code has tries of its own.
        app.advance(Duration::from_mins(10)).await;
    }
}

/// LOCK-1/2, on a new device.
#[tokio::test]
async fn a_new_browser_has_five_tries_for_the_price_when_strangers_have_used_up_their_ten() {
    on_each_with(&QUICK, async |app| {
        let (_, mobile) = owner(app).await;
        let client = app.client();
        use_up_tries(app, &client, &mobile).await;
        assert_eq!(ask_from(&client, HOME, &mobile, "login").await.status, StatusCode::OK);
        let code = app.gateway.code_for(&mobile);
        let enter = async |sms_code: &str, payment: &Value| {
            let body = with(json!({ "mobile": mobile, "sms_code": sms_code }), payment);
            post_from(&client, HOME, "/api/v1/session", &body).await
        };
        assert_price(&enter(&code, &json!({})).await);
        assert_price(&enter(&code, &payment(app, 15).await).await);
        for _ in 0..4 {
            let wrong = enter(&other_than(&code), &payment(app, 16).await).await;
            assert_eq!(wrong.errno(), "4004", "{wrong:?}");
        }

        let entered = enter(&code, &payment(app, 16).await).await;

        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    })
    .await;
}

/// However many pay at once, on two instances: with the ten of strangers that is fifteen guesses a day.
#[tokio::test]
async fn the_reserve_has_five_wrong_tries_and_three_messages_however_many_pay_at_once() {
    on_shared_backends(async |backends| {
        let (one, two) = (backends.open(&QUICK).await, backends.open(&QUICK).await);
        let (_, mobile) = owner(&one).await;
        let askers = [one.client(), two.client()];
        use_up_tries(&one, &askers[0], &mobile).await;
        assert_eq!(ask_from(&askers[0], HOME, &mobile, "login").await.status, StatusCode::OK);
        let wrong = other_than(&one.gateway.code_for(&mobile));
        let mut payments = Vec::new();
        for _ in 0..30 {
            payments.push(payment(&one, 16).await);
        }
        let clients: Vec<_> = (0..30).map(|index| [&one, &two][index % 2].client()).collect();
        let tries = payments.iter().zip(&clients).map(async |(payment, client)| {
            let body = with(json!({ "mobile": mobile, "sms_code": wrong }), payment);
            post_from(client, "198.51.100.77", "/api/v1/session", &body).await
        });
        let tries = join_all(tries).await;
        let compared = tries.iter().filter(|answer| answer.errno() == "4004").count();
        assert_eq!(compared, 5);

        one.skip_resend_wait().await;
        let sent_before = one.gateway.count_for(&mobile) + two.gateway.count_for(&mobile);
        use_up_messages(&one, &mobile, "login", sent_before).await;
        for _ in 0..5 {
            let mut payments = Vec::new();
            for _ in 0..10 {
                payments.push(payment(&one, 16).await);
            }
            let asked = payments.iter().enumerate().map(async |(index, payment)| {
                ask_paying(&askers[index % 2], &mobile, "login", payment).await
            });
            let asked = join_all(asked).await;
            assert!(asked.iter().filter(|answer| answer.status.is_success()).count() <= 1);
            one.skip_resend_wait().await;
        }
        let sent = one.gateway.count_for(&mobile) + two.gateway.count_for(&mobile);
        assert_eq!(sent, 13);
        one.stop().await;
        two.stop().await;
    })
    .await;
}
