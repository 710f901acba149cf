//! Guessing passwords: what it costs a stranger, and that it shuts neither the owner nor the neighbours out.

use std::{iter, time::Duration};

use futures_util::future::join_all;
use haoma::{domain::mobile::Mobile, stores::db::RunQueryDsl as _};
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    client::{TestClient, TestResponse},
    interface::{Interface, interfaces},
    proof_of_work::{sealed, solve},
    sms_codes::code,
};

const WRONG: &str = "not it at all";
/// Cheap proofs, so that a test may pay many of them.
const CHEAP: (&str, &str) = ("POW_COMPLEXITY", "1000");

/// Enters a login and password with whatever the last answer asked for.
async fn pay(client: &TestClient<'_>, login: &str, password: &str, asked: &Value) -> TestResponse {
    let mut body = json!({ "login": login, "password": password });
    if asked["captcha_required"] == true || asked["harder_captcha_required"] == true {
        let harder = if asked["harder_captcha_required"] == true { "?harder=on" } else { "" };
        let id = uuid::Uuid::new_v4().to_string();
        let picture = client.get(&format!("/api/v1/captchas/{id}{harder}")).await;
        assert_eq!(picture.status, StatusCode::OK);
        body["captcha"] = client.app.answer_of(&id).await.expect("an answer").into();
        body["captcha_id"] = id.into();
    }
    if asked["proof_of_work_required"] == true {
        let cost = asked["cost"].as_u64().and_then(|cost| u32::try_from(cost).ok());
        let challenge = client.app.state.pow_challenges.issue(cost.expect("a cost"));
        let challenge = serde_json::to_value(challenge).expect("JSON");
        body["proof_of_work"] = sealed(&solve(&challenge)).into();
    }
    client.post_json("/api/v1/session", &body).await
}

async fn enter(client: &TestClient<'_>, login: &str, password: &str) -> TestResponse {
    pay(client, login, password, &Value::Null).await
}

/// A stranger who pays whatever is asked, and guesses wrong.
async fn guess(app: &TestApp, login: &str) -> TestResponse {
    let client = app.client();
    let free = enter(&client, login, WRONG).await;
    if free.errno() != "4103" {
        return free;
    }
    pay(&client, login, WRONG, &free.json()["data"]).await
}

/// A client on the device of this one that is not signed in.
fn same_device<'a>(client: &TestClient<'a>) -> TestClient<'a> {
    let same = client.app.client();
    let jar = client.cookie_jar().into_iter();
    same.set_cookies(jar.filter(|(name, _)| name == "haoma_device").collect());
    same
}

async fn set_failures(app: &TestApp, mobile: &str, failures: u32) {
    let update =
        format!("UPDATE users SET password_failures = {failures} WHERE mobile = '{mobile}'");
    let done = app
        .state
        .db
        .write(async move |connection| Ok(diesel::sql_query(&update).execute(connection).await?));
    assert_eq!(done.await.expect("answers"), 1);
}

/// LOCK-4: ten wrong passwords of strangers used to shut the password for everybody.
#[tokio::test]
async fn a_known_device_gets_in_at_once_whatever_strangers_do() {
    on_each_with(&[CHEAP], async |app| {
        for interface in interfaces() {
            let (owner, mobile) = (app.client(), fresh_mobile());
            owner.register(&mobile).await;
            for _ in 0..12 {
                assert_eq!(guess(app, &mobile).await.errno(), "4102");
            }

            let entered = interface.sign_in(&same_device(&owner), &mobile, PASSWORD).await;

            interface.assert_success(&entered, 200);
        }
    })
    .await;
}

#[tokio::test]
async fn an_owner_on_a_new_device_gets_in_for_a_harder_picture_and_a_proof() {
    on_each_with(&[CHEAP], async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        for _ in 0..10 {
            assert_eq!(guess(app, &mobile).await.errno(), "4102");
        }
        let client = app.client();

        let asked = enter(&client, &mobile, PASSWORD).await;
        let data = asked.json()["data"].clone();
        let entered = pay(&client, &mobile, PASSWORD, &data).await;

        assert_eq!((asked.status.as_u16(), asked.errno().as_str()), (400, "4103"), "{asked:?}");
        assert_eq!(data["harder_captcha_required"], true, "{asked:?}");
        assert_eq!((&data["proof_of_work_required"], &data["cost"]), (&json!(true), &json!(1)));
        assert_ne!(asked.header("retry-after"), "", "waiting would do too");
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    })
    .await;
}

#[tokio::test]
async fn the_price_is_taken_only_as_a_whole() {
    on_each_with(&[CHEAP], async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        for _ in 0..10 {
            guess(app, &mobile).await;
        }
        let client = app.client();
        for part in [
            json!({ "captcha_required": true }),
            json!({ "harder_captcha_required": true }),
            json!({ "proof_of_work_required": true, "cost": 1 }),
            json!({ "captcha_required": true, "proof_of_work_required": true, "cost": 1 }),
        ] {
            let refused = pay(&client, &mobile, PASSWORD, &part).await;
            assert_eq!(refused.errno(), "4103", "{part}: {refused:?}");
        }
    })
    .await;
}

/// LOCK-5: after ninety the right password was called wrong.
#[tokio::test]
async fn after_ninety_failures_of_strangers_the_answer_says_what_still_works() {
    on_each_with(&[CHEAP, ("SIGN_IN_FAILURES", "100")], async |app| {
        let (owner, mobile) = (app.client(), fresh_mobile());
        owner.register(&mobile).await;
        set_failures(app, &mobile, 89).await;
        assert_eq!(guess(app, &mobile).await.errno(), "4102");
        app.wait_for_background_tasks().await;

        for interface in interfaces() {
            for password in [WRONG, PASSWORD] {
                let closed = interface.sign_in(&app.client(), &mobile, password).await;
                let key = "error-password-sign-in-closed";
                interface.assert_refused(&closed, (403, "4104"), key, &[]);
            }
        }
        let wrong = enter(&same_device(&owner), &mobile, WRONG).await;
        assert_eq!(wrong.errno(), "4102", "a known device is told the truth: {wrong:?}");
        let told = app.gateway.messages().into_iter();
        let notices = told.filter(|message| message["type"] == "sms.notice");
        assert_eq!(notices.count(), 1, "the owner is told once");

        let known = enter(&same_device(&owner), &mobile, PASSWORD).await;
        assert_eq!(known.status, StatusCode::OK, "{known:?}");
        let stranger = enter(&app.client(), &mobile, PASSWORD).await;
        assert_eq!(stranger.status, StatusCode::OK, "open again: {stranger:?}");
    })
    .await;
}

#[tokio::test]
async fn a_code_opens_the_password_again() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        set_failures(app, &mobile, 90).await;
        let (client, closed) = (app.client(), enter(&app.client(), &mobile, PASSWORD).await);
        app.skip_resend_wait().await;
        let sms_code = code(&client, &mobile, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        assert_eq!(client.post_json("/api/v1/session", &body).await.status, StatusCode::OK);

        let open = enter(&app.client(), &mobile, PASSWORD).await;

        assert_eq!(closed.errno(), "4104", "{closed:?}");
        assert_eq!(open.status, StatusCode::OK, "{open:?}");
    })
    .await;
}

/// Alike in words and status for a login that nobody has.
#[tokio::test]
async fn an_unknown_login_is_closed_after_as_many_failures() {
    on_each_with(&[CHEAP, ("SIGN_IN_FAILURES", "100")], async |app| {
        let nobody = fresh_mobile();
        for _ in 0..90 {
            assert_eq!(guess(app, &nobody).await.errno(), "4102");
        }

        let closed = enter(&app.client(), &nobody, PASSWORD).await;

        let key = "error-password-sign-in-closed";
        Interface::Json.assert_refused(&closed, (403, "4104"), key, &[]);
    })
    .await;
}

/// The other way round: a hundred at once guess no more often than ten.
#[tokio::test]
async fn of_a_hundred_guesses_at_once_ten_are_free() {
    on_each_with(&[("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10")], async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;

        let clients: Vec<_> = (0..100).map(|_| app.client()).collect();
        let answers = join_all(clients.iter().map(|client| enter(client, &mobile, WRONG))).await;

        let compared = answers.iter().filter(|answer| answer.errno() == "4102").count();
        assert_eq!(compared, 10);
        let priced = answers.iter().filter(|answer| answer.errno() == "4103").count();
        assert_eq!(priced, 90, "no bare refusal");
    })
    .await;
}

/// The other way round: strangers who pay guess ninety times, and those who are at it just then.
#[tokio::test]
async fn a_hundred_paid_guesses_at_once_stay_within_ninety_in_a_row_and_those_under_way() {
    on_each_with(&[CHEAP], async |app| {
        let (owner, mobile) = (app.client(), fresh_mobile());
        owner.register(&mobile).await;
        set_failures(app, &mobile, 80).await;
        let price = json!({
            "harder_captcha_required": true, "proof_of_work_required": true, "cost": 1,
        });

        let clients: Vec<_> = (0..100).map(|_| app.client()).collect();
        let paid = clients.iter().map(|client| pay(client, &mobile, WRONG, &price));
        let answers = join_all(paid).await;

        let compared = answers.iter().filter(|answer| answer.errno() == "4102").count();
        assert!((10..=30).contains(&compared), "{compared} were compared");
        app.wait_for_background_tasks().await;
        let closed = enter(&app.client(), &mobile, PASSWORD).await;
        assert_eq!(closed.errno(), "4104", "{closed:?}");
        let known = enter(&same_device(&owner), &mobile, PASSWORD).await;
        assert_eq!(known.status, StatusCode::OK, "{known:?}");
    })
    .await;
}

#[tokio::test]
async fn failures_of_a_known_device_are_its_own() {
    on_each_with(&[CHEAP], async |app| {
        let (owner, mobile) = (app.client(), fresh_mobile());
        owner.register(&mobile).await;
        let device = same_device(&owner);
        let mut asked = Value::Null;
        for _ in 0..10 {
            let wrong = pay(&device, &mobile, WRONG, &asked).await;
            assert_eq!(wrong.errno(), "4102", "{wrong:?}");
            asked = wrong.json()["data"].clone();
        }

        let priced = enter(&device, &mobile, PASSWORD).await;
        let stranger = enter(&app.client(), &mobile, PASSWORD).await;
        let entered = pay(&device, &mobile, PASSWORD, &priced.json()["data"]).await;

        assert_eq!(priced.json()["data"]["harder_captcha_required"], true, "{priced:?}");
        assert_eq!(stranger.status, StatusCode::OK, "strangers have not failed: {stranger:?}");
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    })
    .await;
}

/// A request from an address, as a proxy passes it on.
async fn enter_from(
    app: &TestApp,
    address: &str,
    login: &str,
    paid: Option<&Value>,
) -> TestResponse {
    let client = app.client();
    let mut body = json!({ "login": login, "password": PASSWORD });
    if let Some(asked) = paid {
        let (id, captcha) = client.solve_captcha().await;
        body["captcha_id"] = id.into();
        body["captcha"] = captcha.into();
        if asked["proof_of_work_required"] == true {
            let cost = asked["cost"].as_u64().and_then(|cost| u32::try_from(cost).ok());
            let challenge = app.state.pow_challenges.issue(cost.expect("a cost"));
            let challenge = serde_json::to_value(challenge).expect("JSON");
            body["proof_of_work"] = sealed(&solve(&challenge)).into();
        }
    }
    let request = client.request(Method::POST, "/api/v1/session");
    let request = request.header("x-forwarded-for", address);
    client.send(request.header(CONTENT_TYPE, "application/json").body(body.to_string())).await
}

/// Settings of the service as it comes, behind a proxy that tells addresses.
const BEHIND_A_PROXY: [(&str, &str); 3] =
    [("TRUSTED_PROXIES", "127.0.0.1"), ("SIGN_IN_FAILURES_PER_ADDRESS", "20"), CHEAP];

/// NAT-4: fifteen made-up logins used to refuse the neighbours for an hour.
#[tokio::test]
async fn made_up_logins_from_an_address_cost_its_neighbours_a_price_and_no_wait() {
    on_each_with(&BEHIND_A_PROXY, async |app| {
        let (here, mobile) = ("203.0.113.1", fresh_mobile());
        let owner = app.client();
        owner.register(&mobile).await;
        let mut asked: Option<Value> = None;
        for _ in 0..25 {
            let answer = enter_from(app, here, &fresh_mobile(), asked.as_ref()).await;
            app.wait_for_background_tasks().await;
            assert!(["4102", "4103"].contains(&answer.errno().as_str()), "{answer:?}");
            asked = Some(answer.json()["data"].clone());
        }

        let neighbour = enter_from(app, here, &mobile, None).await;
        let data = neighbour.json()["data"].clone();
        let paid = enter_from(app, here, &mobile, Some(&data)).await;
        let known = same_device(&owner);
        let request = known.request(Method::POST, "/api/v1/session");
        let request = request.header("x-forwarded-for", here);
        let body = json!({ "login": mobile, "password": PASSWORD }).to_string();
        let known = known.send(request.header(CONTENT_TYPE, "application/json").body(body)).await;

        assert_eq!(neighbour.errno(), "4103", "{neighbour:?}");
        assert_eq!(data["captcha_required"], true);
        assert_eq!(data["proof_of_work_required"], true);
        assert_eq!(paid.status, StatusCode::OK, "{paid:?}");
        assert_eq!(known.status, StatusCode::OK, "{known:?}");
    })
    .await;
}

#[tokio::test]
async fn failures_in_an_allowed_network_cost_its_neighbours_nothing() {
    let settings = [&BEHIND_A_PROXY[..], &[("ADDRESS_ALLOW", "203.0.113.0/24")]].concat();
    on_each_with(&settings, async |app| {
        let (here, mobile) = ("203.0.113.1", fresh_mobile());
        app.client().register(&mobile).await;
        for _ in 0..25 {
            let answer = enter_from(app, here, &fresh_mobile(), None).await;
            app.wait_for_background_tasks().await;
            assert_eq!(answer.errno(), "4102", "{answer:?}");
        }

        let neighbour = enter_from(app, here, &mobile, None).await;

        assert_eq!(neighbour.status, StatusCode::OK, "{neighbour:?}");
    })
    .await;
}

#[tokio::test]
async fn the_work_of_an_address_doubles_and_it_is_refused_at_ten_times_its_quota() {
    let settings = [
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("SIGN_IN_FAILURES_PER_ADDRESS", "3"),
        ("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10"),
        ("POW_COMPLEXITY", "1000"),
    ];
    on_each_with(&settings, async |app| {
        let mut costs = Vec::new();
        let refused = loop {
            let login = fresh_mobile();
            let mut answer = enter_from(app, "203.0.113.1", &login, None).await;
            if answer.errno() == "4103" {
                let asked = answer.json()["data"].clone();
                costs.extend(asked["cost"].as_u64());
                answer = enter_from(app, "203.0.113.1", &login, Some(&asked)).await;
            }
            if answer.status.as_u16() == 429 {
                break answer;
            }
            assert_eq!(answer.errno(), "4102", "{answer:?}");
            assert!(costs.len() < 40);
        };
        assert_ne!(refused.header("retry-after"), "");
        costs.dedup();
        assert_eq!(
            costs,
            iter::successors(Some(1), |cost| Some(2 * cost)).take(9).collect::<Vec<u64>>()
        );
    })
    .await;
}

/// E-link: a number and a name of one account used to share their failures.
#[tokio::test]
async fn failures_on_a_number_do_not_show_on_the_name_of_the_same_account() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let registered = app.client().register(&mobile).await;
        let name = registered.json()["data"]["name"].as_str().expect("a name").to_owned();
        for _ in 0..3 {
            enter(&app.client(), &mobile, WRONG).await;
        }

        let by_name = enter(&app.client(), &name, WRONG).await;
        let by_number = enter(&app.client(), &mobile, WRONG).await;
        let other = enter(&app.client(), "somebody else", WRONG).await;

        assert_eq!(by_number.errno(), "4103", "{by_number:?}");
        assert_eq!(by_name.errno(), "4102", "{by_name:?}");
        assert_eq!(by_name.json()["data"], other.json()["data"]);
    })
    .await;
}

#[tokio::test]
async fn strangers_who_fail_stop_no_change_of_the_owner() {
    on_each(async |app| {
        let (owner, mobile) = (app.client(), fresh_mobile());
        owner.register(&mobile).await;
        set_failures(app, &mobile, 90).await;
        let body = json!({ "password": PASSWORD, "new_password": "a new one 9" }).to_string();
        let request = owner.request(Method::PUT, "/api/v1/user/password");
        let changed = owner.send(request.header(CONTENT_TYPE, "application/json").body(body)).await;

        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
        app.advance(Duration::from_secs(1)).await;
        let mobile = Mobile::from_stored(mobile);
        let entered = enter(&same_device(&owner), mobile.as_str(), "a new one 9").await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    })
    .await;
}
