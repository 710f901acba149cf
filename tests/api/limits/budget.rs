//! The budget of the whole service, which limits the bill.

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::{future::join_all, join};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;
use test_support::{
    app::{TestApp, fresh_mobile, on_each_backends, on_each_with, on_shared_backends},
    client::TestResponse,
    databases::{redis_query, registered},
    interface::{Interface, interfaces},
    logs,
};

/// So that every request can come from another subnet.
const PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

/// Checks the status of a refusal, and that header and message have the same wait.
#[track_caller]
fn assert_budget_used_up(interface: Interface, response: &TestResponse, at_most: u64) {
    let wait = response.header("retry-after").parse::<u64>().expect("seconds");
    assert!((1..=at_most).contains(&wait), "{wait}");
    let args = [("minutes", wait.div_ceil(60))];
    interface.assert_refused(response, (503, "4301"), "error-sms-budget-spent", &args);
}

async fn ask_for(app: &TestApp, purpose: &str, mobile: &str) -> TestResponse {
    ask_at_once(app, purpose, &[mobile.to_owned()]).await.remove(0)
}

/// Solves a captcha for each number, and then requests all codes at once, each from a subnet of its own: the last third of the
/// budget is for subnets that had none of it.
async fn ask_at_once(app: &TestApp, purpose: &str, mobiles: &[String]) -> Vec<TestResponse> {
    static SUBNETS: AtomicU32 = AtomicU32::new(0);

    let client = app.client();
    let mut wishes = Vec::new();
    for mobile in mobiles {
        let (id, answer) = client.solve_captcha().await;
        let body = json!({
            "mobile": mobile, "purpose": purpose, "captcha_id": id, "captcha": answer,
        });
        let [.., a, b] = SUBNETS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let request = client.request(Method::POST, "/api/v1/sms-codes");
        let request = request.header("x-forwarded-for", format!("10.{a}.{b}.7"));
        wishes.push(request.header(CONTENT_TYPE, "application/json").body(body.to_string()));
    }
    join_all(wishes.into_iter().map(|request| client.send(request))).await
}

/// Registers a number.
async fn known(app: &TestApp) -> String {
    let mobile = fresh_mobile();
    registered(&app.state.db, &mobile, &format!("owner-{mobile}")).await;
    mobile
}

async fn assert_messages(app: &TestApp, count: usize) {
    app.wait_for_background_tasks().await;
    assert_eq!(app.gateway.messages().len(), count);
}

/// R32.
#[tokio::test]
async fn registration_may_use_sixty_percent_of_the_budget_and_the_others_the_rest() {
    for (name, span) in [("SMS_PER_MINUTE", 60), ("SMS_PER_HOUR", 3_600), ("SMS_PER_DAY", 86_400)] {
        on_each_with(&[PROXY, (name, "5")], async |app| {
            for interface in [Interface::Page, Interface::Json] {
                interface.assert_success(
                    &interface.request_code(&app.client(), &fresh_mobile()).await,
                    200,
                );
            }
            let third = ask_for(app, "register", &fresh_mobile()).await;
            Interface::Json.assert_success(&third, 200);
            let stranger = fresh_mobile();
            for interface in interfaces() {
                // A refusal by the budget does not count against the number.
                let refused = interface.request_code(&app.client(), &stranger).await;
                assert_budget_used_up(interface, &refused, span);
            }
            let in_use = ask_for(app, "login", &known(app).await).await;
            Interface::Json.assert_success(&in_use, 200);
            Interface::Json.assert_success(&ask_for(app, "reset", &known(app).await).await, 200);
            assert_messages(app, 5).await;

            for purpose in ["login", "reset", "register"] {
                for mobile in [known(app).await, fresh_mobile()] {
                    assert_budget_used_up(
                        Interface::Json,
                        &ask_for(app, purpose, &mobile).await,
                        span,
                    );
                }
            }

            assert_messages(app, 5).await;
            assert_eq!(app.gateway.count_for(&stranger), 0);
        })
        .await;
    }
}

/// R32, R61: a sign-in of an unknown number counts as a registration, and the answer does not show it.
#[tokio::test]
async fn registrations_cannot_use_up_the_budget_reserved_for_sign_in() {
    on_each_with(&[PROXY, ("SMS_PER_HOUR", "10")], async |app| {
        let strangers: Vec<_> = (0..8).map(|_| fresh_mobile()).collect();
        let asked = ask_at_once(app, "login", &strangers).await;
        assert!(asked.iter().all(|response| response.status.as_u16() == 200), "{asked:?}");
        assert_messages(app, 6).await;

        for _ in 0..4 {
            Interface::Json.assert_success(&ask_for(app, "login", &known(app).await).await, 200);
        }

        assert_messages(app, 10).await;
        assert_budget_used_up(
            Interface::Json,
            &ask_for(app, "login", &known(app).await).await,
            3_600,
        );
    })
    .await;
}

/// A number without an account gets no message and uses no budget.
#[tokio::test]
async fn a_reset_of_an_unknown_number_uses_no_budget() {
    on_each_with(&[PROXY, ("SMS_PER_HOUR", "2")], async |app| {
        for _ in 0..5 {
            Interface::Json.assert_success(&ask_for(app, "reset", &fresh_mobile()).await, 200);
            app.wait_for_background_tasks().await;
        }

        Interface::Json.assert_success(&ask_for(app, "reset", &known(app).await).await, 200);

        assert_messages(app, 1).await;
    })
    .await;
}

/// Whichever limit refuses, and whether the number has an account or not: permits that were acquired before are
/// returned.
#[tokio::test]
async fn a_refusal_costs_neither_the_number_nor_the_budget() {
    on_each_with(&[PROXY, ("SMS_PER_HOUR", "5")], async |app| {
        let owner = known(app).await;
        let newcomer = fresh_mobile();
        for _ in 0..4 {
            let taken = ask_for(app, "register", &owner).await;
            Interface::Json.assert_refused(&taken, (409, "4003"), "error-mobile-taken", &[]);
        }
        Interface::Json.assert_success(&ask_for(app, "register", &newcomer).await, 200);
        for _ in 0..4 {
            let again = ask_for(app, "register", &newcomer).await;
            assert_eq!((again.status.as_u16(), again.errno().as_str()), (429, "4201"), "{again:?}");
        }

        // It succeeds at once, though it was refused before, and the whole budget for registrations but one is left.
        Interface::Json.assert_success(&ask_for(app, "login", &owner).await, 200);
        Interface::Json.assert_success(&ask_for(app, "register", &fresh_mobile()).await, 200);
        Interface::Json.assert_success(&ask_for(app, "register", &fresh_mobile()).await, 200);

        assert_messages(app, 4).await;
    })
    .await;
}

#[tokio::test]
async fn a_service_without_a_budget_sends_nothing() {
    on_each_with(&[PROXY, ("SMS_PER_DAY", "0")], async |app| {
        let refused = Interface::Json.request_code(&app.client(), &fresh_mobile()).await;

        assert_budget_used_up(Interface::Json, &refused, 24 * 3600);
        assert!(app.gateway.messages().is_empty());
    })
    .await;
}

/// R39.
#[tokio::test]
async fn a_hundred_sends_at_once_never_exceed_the_budget() {
    on_each_with(&[PROXY, ("SMS_PER_HOUR", "20")], async |app| {
        for _ in 0..5 {
            Interface::Json.assert_success(
                &Interface::Json.request_code(&app.client(), &fresh_mobile()).await,
                200,
            );
        }
        let numbers: Vec<_> = (0..100).map(|_| fresh_mobile()).collect();

        let responses = ask_at_once(app, "register", &numbers).await;

        assert_eq!(
            responses.iter().filter(|response| response.status.as_u16() == 200).count(),
            12 - 5
        );
        assert_eq!(app.gateway.messages().len(), 12);
        for response in responses.iter().filter(|response| response.status.as_u16() != 200) {
            assert_budget_used_up(Interface::Json, response, 3_600);
        }
    })
    .await;
}

/// R39, R140.
#[tokio::test]
async fn two_instances_share_the_budget_and_the_limits_of_a_number() {
    on_shared_backends(async |backends| {
        let settings = [PROXY, ("SMS_PER_HOUR", "20")];
        let (one, two) = (backends.open(&settings).await, backends.open(&settings).await);
        let mobile = fresh_mobile();
        let same: Vec<_> = (0..25).map(|_| mobile.clone()).collect();
        let (here, there) =
            join!(ask_at_once(&one, "register", &same), ask_at_once(&two, "register", &same));
        let sent = here.iter().chain(&there).filter(|reply| reply.status.as_u16() == 200);
        assert_eq!(sent.count(), 1, "one number, one message");
        let numbers = || -> Vec<_> { (0..50).map(|_| fresh_mobile()).collect() };
        let (of_one, of_two) = (numbers(), numbers());

        join!(ask_at_once(&one, "register", &of_one), ask_at_once(&two, "register", &of_two));

        assert_eq!(one.gateway.messages().len() + two.gateway.messages().len(), 12);
        one.stop().await;
        two.stop().await;
    })
    .await;
}

/// R43: the SMS log is authoritative.
#[tokio::test]
async fn the_budget_and_the_limits_of_a_number_survive_a_restart() {
    on_each_backends(async |backends| {
        let settings = [PROXY, ("SMS_PER_DAY", "10"), ("SMS_PER_MOBILE_DAY", "1")];
        let first = backends.open(&settings).await;
        let mobile = fresh_mobile();
        let asked: Vec<_> = (0..4).map(|_| fresh_mobile()).collect();
        for number in asked.iter().chain([&mobile]) {
            Interface::Json.assert_success(&ask_for(&first, "register", number).await, 200);
        }
        first.skip_resend_wait().await;
        first.stop().await;

        let second = backends.open(&settings).await;
        let again = ask_for(&second, "register", &mobile).await;
        // The price of the reserve.
        assert_eq!((again.status.as_u16(), &*again.errno()), (400, "4103"), "{}", backends.name);
        let wait = again.header("retry-after").parse::<u64>().expect("seconds");
        assert!(wait > 3_600, "{wait}");
        Interface::Json.assert_success(&ask_for(&second, "register", &fresh_mobile()).await, 200);

        let spent = ask_for(&second, "register", &fresh_mobile()).await;

        assert_budget_used_up(Interface::Json, &spent, 24 * 3600);
        assert_eq!(second.gateway.messages().len(), 1);
        second.stop().await;
    })
    .await;
}

/// R43.
#[tokio::test]
async fn the_budget_and_the_limits_of_a_number_survive_a_redis_that_forgets() {
    on_shared_backends(async |backends| {
        let app = backends.open(&[PROXY, ("SMS_PER_DAY", "10")]).await;
        let mobile = fresh_mobile();
        let numbers: Vec<_> = (0..4).map(|_| fresh_mobile()).collect();
        for number in numbers.iter().chain([&mobile]) {
            Interface::Json.assert_success(&ask_for(&app, "register", number).await, 200);
        }
        let redis = app.redis.as_deref().expect("a Redis");
        redis_query::<()>(redis, &["FLUSHDB"]).await;
        redis_query::<()>(redis, &["SCRIPT", "FLUSH"]).await;

        // The minute between two messages holds too.
        let again = ask_for(&app, "register", &mobile).await;
        let wait = again.header("retry-after").parse::<u64>().unwrap_or_default();
        let args = [("seconds", wait)];
        Interface::Json.assert_refused(&again, (429, "4201"), "error-too-often-resend", &args);
        let numbers: Vec<_> = (0..50).map(|_| fresh_mobile()).collect();
        let responses = ask_at_once(&app, "register", &numbers).await;

        assert_eq!(responses.iter().filter(|response| response.status.as_u16() == 200).count(), 1);
        assert_eq!(app.gateway.messages().len(), 6);
        app.stop().await;
    })
    .await;
}

/// R32: a warning is logged at half and at the end, once each.
#[tokio::test]
async fn half_used_and_used_up_budgets_are_logged() {
    on_each_with(&[PROXY, ("SMS_PER_HOUR", "13")], async |app| {
        let mut numbers = Vec::new();
        for _ in 0..16 {
            numbers.push(known(app).await);
        }
        let turn = logs::capture().await;

        ask_at_once(app, "login", &numbers).await;
        ask_for(app, "login", &numbers[0]).await;

        let lines = logs::captured(turn);
        let mut events: Vec<_> = lines
            .iter()
            .filter_map(|line| line.split_once("event=sms_budget").map(|(_, rest)| rest))
            .filter(|text| text.contains("limit=13 "))
            .collect();
        // Concurrent requests may be logged in any order.
        events.sort_unstable();
        assert_eq!(
            events,
            [
                " percent=50 used=7 limit=13 window=hour",
                " percent=80 used=11 limit=13 window=hour",
                "_spent scope=service limit=13 window=hour",
            ]
        );
    })
    .await;
}
