//! Beyond its quota an address pays, and only at ten times the quota it is refused.

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::{TestClient, TestResponse},
    proof_of_work::{sealed, solve},
};

use super::addresses::{assert_priced, assert_sent, code_request, from};

const HERE: &str = "203.0.113.7";
const CHEAP: (&str, &str) = ("POW_COMPLEXITY", "1000");
const BEHIND_PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

/// Computes a proof of work for a client at an address.
async fn proof(client: &TestClient<'_>, query: &str) -> String {
    let task = from(client, HERE, &format!("/api/v1/proof-of-work{query}"), None).await;
    assert_eq!(task.status.as_u16(), 200, "{task:?}");
    sealed(&solve(&task.json()["data"]))
}

/// Posts a body, and pays as often as it is asked to.
async fn post_and_pay(client: &TestClient<'_>, path: &str, mut body: Value) -> TestResponse {
    loop {
        let response = from(client, HERE, path, Some(&body)).await;
        if response.status.as_u16() != 400 {
            return response;
        }
        let cost = response.json()["data"]["cost"].as_u64().expect("a price");
        body["proof_of_work"] = proof(client, &format!("?cost={cost}")).await.into();
    }
}

fn picture_with(id: &str, proof: &str) -> String {
    let query = test_support::client::form_of(&[("proof_of_work", proof)]);
    format!("/api/v1/captchas/{id}?{query}")
}

/// Gets a picture, and pays as often as it is asked to.
async fn picture_and_pay(client: &TestClient<'_>, id: &str) -> TestResponse {
    let mut path = format!("/api/v1/captchas/{id}");
    loop {
        let response = from(client, HERE, &path, None).await;
        if response.status.as_u16() != 400 {
            return response;
        }
        let cost = response.json()["data"]["cost"].as_u64().expect("a price");
        path = picture_with(id, &proof(client, &format!("?cost={cost}")).await);
    }
}

#[tokio::test]
async fn the_price_doubles_with_each_quota_and_at_ten_quotas_stands_a_wall() {
    let settings = [BEHIND_PROXY, CHEAP, ("SMS_PER_ADDRESS_10_MINUTES", "1")];
    on_each_with(&settings, async |app| {
        let client = app.client();
        let send = async |proof: Option<String>| {
            let mut body = code_request(app, &fresh_mobile(), "register").await;
            if let Some(proof) = proof {
                body["proof_of_work"] = proof.into();
            }
            from(&client, HERE, "/api/v1/sms-codes", Some(&body)).await
        };
        assert_sent(&send(None).await);
        for quota in 1..10 {
            assert_priced(&send(None).await, 1 << quota);
            assert_sent(&send(Some(proof(&client, "").await)).await);
        }

        let refused = send(Some(proof(&client, "").await)).await;

        assert_eq!((refused.status.as_u16(), &*refused.errno()), (429, "4201"), "{refused:?}");
        assert_eq!(refused.json()["error"], "too-often-address");
        assert_eq!(app.gateway.messages().len(), 10);
    })
    .await;
}

#[tokio::test]
async fn the_captcha_of_a_request_that_has_to_pay_stays_good_and_a_cheaper_proof_is_none() {
    let settings = [BEHIND_PROXY, CHEAP, ("SMS_PER_ADDRESS_10_MINUTES", "1")];
    on_each_with(&settings, async |app| {
        let client = app.client();
        let first = code_request(app, &fresh_mobile(), "register").await;
        // Somebody at another address pays the usual price only.
        let task = client.get("/api/v1/proof-of-work").await;
        let cheap = sealed(&solve(&task.json()["data"]));
        assert_sent(&from(&client, HERE, "/api/v1/sms-codes", Some(&first)).await);
        let mut body = code_request(app, &fresh_mobile(), "register").await;

        assert_priced(&from(&client, HERE, "/api/v1/sms-codes", Some(&body)).await, 2);
        body["proof_of_work"] = cheap.into();
        assert_priced(&from(&client, HERE, "/api/v1/sms-codes", Some(&body)).await, 2);
        body["proof_of_work"] = proof(&client, "?cost=2").await.into();
        assert_sent(&from(&client, HERE, "/api/v1/sms-codes", Some(&body)).await);
    })
    .await;
}

/// One picture at the price of one proof, however many ask at once.
#[tokio::test]
async fn of_a_hundred_pictures_as_many_are_free_as_the_quota_says() {
    let settings = [BEHIND_PROXY, CHEAP, ("CAPTCHAS_PER_ADDRESS_MINUTE", "4")];
    on_each_with(&settings, async |app| {
        let client = app.client();
        let pictures = (0..100).map(async |number| {
            from(&client, HERE, &format!("/api/v1/captchas/{number}"), None).await
        });
        let pictures = join_all(pictures).await;

        let free = pictures.iter().filter(|picture| picture.status.as_u16() == 200).count();
        assert_eq!(free, 4);
        for priced in pictures.iter().filter(|picture| picture.status.as_u16() != 200) {
            assert_priced(priced, 2);
        }
        let paid = proof(&client, "").await;
        assert_sent(&from(&client, HERE, &picture_with("a", &paid), None).await);
        let again = from(&client, HERE, &picture_with("b", &paid), None).await;
        assert_eq!(again.json()["error"], "proof-used", "{again:?}");
        // A harder picture is its own price, until the wall.
        let harder = async || from(&client, HERE, "/api/v1/captchas/c?harder=on", None).await;
        for _ in 0..40 {
            assert_sent(&harder().await);
        }
        assert_priced(&harder().await, 2);
        let paid = proof(&client, "").await;
        assert_sent(&from(&client, HERE, &picture_with("d", &paid), None).await);
    })
    .await;
}

#[tokio::test]
async fn a_form_over_the_quota_asks_for_a_harder_picture_and_forgets_nothing() {
    let settings = [
        BEHIND_PROXY,
        ("SMS_PER_ADDRESS_10_MINUTES", "1"),
        ("REGISTRATIONS_PER_ADDRESS_HOUR", "1"),
    ];
    on_each_with(&settings, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let post = async |fields: &[(&str, &str)]| {
            let request = client.request(reqwest::Method::POST, "/register");
            let request = request.header("x-forwarded-for", HERE);
            let request = request.header("content-type", test_support::client::FORM);
            client.send(request.body(test_support::client::form_of(fields))).await
        };
        let other = code_request(app, &fresh_mobile(), "register").await;
        assert_sent(&from(&app.client(), HERE, "/api/v1/sms-codes", Some(&other)).await);
        let (id, answer) = app.captcha_without_picture().await;
        let step = ("step", "send");

        let page =
            post(&[("mobile", &mobile), ("captcha_id", &id), ("captcha", &answer), step]).await;

        assert_eq!(page.status.as_u16(), 400, "{page:?}");
        assert!(page.body.contains("?harder=on") && page.body.contains("data-cost=\"2\""));
        assert!(page.body.contains(&format!("value=\"{mobile}\"")), "the number is still there");
        let id = page.value_after("name=\"captcha_id\" value=\"");
        assert_sent(&from(&client, HERE, &format!("/api/v1/captchas/{id}?harder=on"), None).await);
        let answer = app.answer_of(&id).await.expect("an answer");
        let sent =
            post(&[("mobile", &mobile), ("captcha_id", &id), ("captcha", &answer), step]).await;
        assert_eq!(sent.status.as_u16(), 303, "{sent:?}");
    })
    .await;
}

#[tokio::test]
async fn registrations_and_tries_of_codes_have_their_price_too() {
    let settings = [
        BEHIND_PROXY,
        CHEAP,
        ("REGISTRATIONS_PER_ADDRESS_HOUR", "1"),
        ("SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES", "3"),
    ];
    on_each_with(&settings, async |app| {
        let registration = async || {
            let mobile = fresh_mobile();
            let body = code_request(app, &mobile, "register").await;
            assert_sent(
                &from(&app.client(), "198.51.100.1", "/api/v1/sms-codes", Some(&body)).await,
            );
            let code = app.gateway.code_for(&mobile);
            json!({ "mobile": mobile, "sms_code": code, "password": PASSWORD })
        };
        let client = app.client();
        let first = from(&client, HERE, "/api/v1/users", Some(&registration().await)).await;
        assert_eq!(first.status.as_u16(), 201, "{first:?}");
        let stranger = app.client();
        let mut second = registration().await;
        assert_priced(&from(&stranger, HERE, "/api/v1/users", Some(&second)).await, 2);
        second["proof_of_work"] = proof(&stranger, "").await.into();
        let made = from(&stranger, HERE, "/api/v1/users", Some(&second)).await;
        assert_eq!(made.status.as_u16(), 201, "{made:?}");

        let stranger = app.client();
        let guess = json!({ "mobile": fresh_mobile(), "sms_code": "123456" });
        let mut priced = None;
        for _ in 0..4 {
            let answer = from(&stranger, HERE, "/api/v1/session", Some(&guess)).await;
            if answer.status.as_u16() == 400 {
                priced = Some(answer);
                break;
            }
            assert_eq!(answer.status.as_u16(), 422, "{answer:?}");
        }
        assert_priced(&priced.expect("a price"), 2);
        let paid = post_and_pay(&stranger, "/api/v1/session", guess).await;
        assert_eq!(paid.status.as_u16(), 422, "the try itself is made: {paid:?}");
    })
    .await;
}

/// NAT-5, with the defaults of everything that counts addresses.
#[tokio::test]
async fn forty_people_behind_one_address_register_within_a_minute() {
    let settings = [
        BEHIND_PROXY,
        CHEAP,
        ("SMS_PER_MINUTE", "1000"),
        ("CAPTCHAS_PER_ADDRESS_MINUTE", "10"),
        ("CAPTCHAS_PER_ADDRESS_HOUR", "60"),
        ("SMS_PER_ADDRESS_10_MINUTES", "10"),
        ("SMS_PER_ADDRESS_HOUR", "30"),
        ("SMS_PER_ADDRESS_DAY", "100"),
        ("SMS_PER_SUBNET_10_MINUTES", "50"),
        ("SMS_PER_SUBNET_HOUR", "200"),
        ("SMS_PER_SUBNET_DAY", "500"),
        ("SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES", "30"),
        ("REGISTRATIONS_PER_ADDRESS_HOUR", "30"),
        ("REGISTRATIONS_PER_ADDRESS_DAY", "100"),
    ];
    on_each_with(&settings, async |app| {
        let people = (0..40).map(|number| register_one(app, number));
        for registered in join_all(people).await {
            assert_eq!(registered.status.as_u16(), 201, "{registered:?}");
        }
    })
    .await;
}

async fn register_one(app: &TestApp, number: usize) -> TestResponse {
    let client = app.client();
    // Their numbers begin differently.
    let mobile = format!("137{number:02}{}", &fresh_mobile()[5..]);
    let id = uuid::Uuid::new_v4().to_string();
    assert_sent(&picture_and_pay(&client, &id).await);
    let answer = app.answer_of(&id).await.expect("an answer");
    let body = json!({
        "mobile": mobile, "purpose": "register", "captcha_id": id, "captcha": answer,
    });
    assert_sent(&post_and_pay(&client, "/api/v1/sms-codes", body).await);
    let code = app.gateway.code_for(&mobile);
    let body = json!({ "mobile": mobile, "sms_code": code, "password": PASSWORD });
    post_and_pay(&client, "/api/v1/users", body).await
}
