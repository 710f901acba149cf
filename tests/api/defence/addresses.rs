//! What counts against an address, a subnet and the prefix of a number: messages that nobody used, and nothing else.

use futures_util::future::join_all;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::{TestClient, TestResponse},
    databases::registered,
};

const HERE: &str = "203.0.113.7";
const BEHIND_PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

/// Sends a request from an address, as a proxy passes it on.
pub(super) async fn from(
    client: &TestClient<'_>,
    address: &str,
    path: &str,
    body: Option<&Value>,
) -> TestResponse {
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let request = client.request(method, path).header("x-forwarded-for", address);
    let request = match body {
        Some(body) => request.header(CONTENT_TYPE, "application/json").body(body.to_string()),
        None => request,
    };
    client.send(request).await
}

/// Returns a request for a code with a captcha that was solved elsewhere.
pub(super) async fn code_request(app: &TestApp, mobile: &str, purpose: &str) -> Value {
    let (id, answer) = app.captcha_without_picture().await;
    json!({ "mobile": mobile, "purpose": purpose, "captcha_id": id, "captcha": answer })
}

async fn send(app: &TestApp, address: &str, mobile: &str, purpose: &str) -> TestResponse {
    let body = code_request(app, mobile, purpose).await;
    let sent = from(&app.client(), address, "/api/v1/sms-codes", Some(&body)).await;
    app.wait_for_background_tasks().await;
    sent
}

async fn register(app: &TestApp, address: &str, mobile: &str) {
    let code = app.gateway.code_for(mobile);
    let body = json!({ "mobile": mobile, "sms_code": code, "password": PASSWORD });
    let registered = from(&app.client(), address, "/api/v1/users", Some(&body)).await;
    assert_eq!(registered.status.as_u16(), 201, "{registered:?}");
    app.wait_for_background_tasks().await;
}

async fn send_with_made_up_captcha(app: &TestApp, address: String) -> u16 {
    let body = json!({
        "mobile": fresh_mobile(), "purpose": "register", "captcha_id": "made-up", "captcha": "abcd",
    });
    from(&app.client(), &address, "/api/v1/sms-codes", Some(&body)).await.status.as_u16()
}

#[track_caller]
pub(super) fn assert_sent(response: &TestResponse) {
    assert_eq!(response.status.as_u16(), 200, "{response:?}");
}

/// Checks that a proof of work of this cost would do, and waiting too.
#[track_caller]
pub(super) fn assert_priced(response: &TestResponse, cost: u64) {
    assert_eq!((response.status.as_u16(), &*response.errno()), (400, "4103"), "{response:?}");
    let data = &response.json()["data"];
    assert_eq!(data["proof_of_work_required"], true, "{response:?}");
    assert_eq!(data["cost"], cost, "{response:?}");
    assert!(response.header("retry-after").parse::<u64>().expect("seconds") > 0);
}

/// NAT-1 and NAT-2.
#[tokio::test]
async fn made_up_captchas_take_nothing_from_neighbours() {
    let settings =
        [BEHIND_PROXY, ("SMS_PER_ADDRESS_10_MINUTES", "5"), ("SMS_PER_SUBNET_10_MINUTES", "6")];
    on_each_with(&settings, async |app| {
        let addresses = (0..50).map(|number| format!("203.0.113.{}", number % 10));
        let guesses = addresses.map(|address| send_with_made_up_captcha(app, address));
        assert_eq!(join_all(guesses).await, [422; 50]);

        for address in [HERE, "203.0.113.200"] {
            assert_sent(&send(app, address, &fresh_mobile(), "register").await);
        }
    })
    .await;
}

#[tokio::test]
async fn made_up_captchas_have_a_quota_of_their_own_ten_times_as_large() {
    let settings = [BEHIND_PROXY, ("SMS_PER_ADDRESS_10_MINUTES", "2")];
    on_each_with(&settings, async |app| {
        let guesses = (0..20).map(|_| send_with_made_up_captcha(app, HERE.to_owned()));
        assert_eq!(join_all(guesses).await, [422; 20]);

        assert_eq!(send_with_made_up_captcha(app, HERE.to_owned()).await, 400);
        assert_priced(&send(app, HERE, &fresh_mobile(), "register").await, 2);
        assert_sent(&send(app, "203.0.113.8", &fresh_mobile(), "register").await);
    })
    .await;
}

#[tokio::test]
async fn a_code_that_is_typed_in_returns_the_permits_of_its_messages() {
    let settings = [
        BEHIND_PROXY,
        ("SMS_PER_ADDRESS_10_MINUTES", "2"),
        ("SMS_PER_SUBNET_10_MINUTES", "2"),
        ("SMS_PER_PREFIX_HOUR", "2"),
    ];
    on_each_with(&settings, async |app| {
        let prefix = fresh_mobile()[..7].to_owned();
        for number in 0..5 {
            let mobile = format!("{prefix}{number:04}");
            for _ in 0..2 {
                assert_sent(&send(app, HERE, &mobile, "register").await);
                app.skip_resend_wait().await;
            }
            register(app, HERE, &mobile).await;
        }

        for _ in 0..2 {
            assert_sent(&send(app, HERE, &fresh_mobile(), "register").await);
        }
        assert_priced(&send(app, HERE, &fresh_mobile(), "register").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_request_that_sends_nothing_counts_for_nobody() {
    let settings = [BEHIND_PROXY, ("SMS_PER_ADDRESS_10_MINUTES", "2")];
    on_each_with(&settings, async |app| {
        let mobile = fresh_mobile();
        assert_sent(&send(app, HERE, &mobile, "register").await);
        for _ in 0..5 {
            let too_soon = send(app, HERE, &mobile, "register").await;
            assert_eq!(too_soon.status.as_u16(), 429, "{too_soon:?}");
        }

        assert_sent(&send(app, HERE, &fresh_mobile(), "register").await);
    })
    .await;
}

#[tokio::test]
async fn the_next_price_does_not_tell_whether_a_number_has_an_account() {
    let settings = [BEHIND_PROXY, ("SMS_PER_ADDRESS_10_MINUTES", "2")];
    on_each_with(&settings, async |app| {
        for purpose in ["reset", "login"] {
            for is_known in [true, false] {
                let address = format!("198.51.100.{}", rand::random_range(1..255));
                for number in 0..2 {
                    let mobile = fresh_mobile();
                    if is_known {
                        registered(&app.state.db, &mobile, &format!("{purpose}-{number}")).await;
                    }
                    assert_sent(&send(app, &address, &mobile, purpose).await);
                }
                assert_priced(&send(app, &address, &fresh_mobile(), purpose).await, 2);
            }
        }
    })
    .await;
}

/// PREFIX-1.
#[tokio::test]
async fn requests_for_unknown_numbers_close_no_prefix() {
    on_each_with(&[("SMS_PER_PREFIX_HOUR", "3")], async |app| {
        let prefix = fresh_mobile()[..7].to_owned();
        for number in 0..30 {
            assert_sent(&send(app, HERE, &format!("{prefix}{number:04}"), "reset").await);
        }
        assert_eq!(app.gateway.messages().len(), 0);

        for number in 30..33 {
            assert_sent(&send(app, HERE, &format!("{prefix}{number:04}"), "register").await);
        }
        let fourth = send(app, HERE, &format!("{prefix}9999"), "register").await;
        assert_eq!(fourth.status.as_u16(), 400, "what was sent counts: {fourth:?}");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_counted_for_an_address_that_the_operator_allows() {
    let settings = [
        BEHIND_PROXY,
        ("ADDRESS_ALLOW", "203.0.113.0/24, 2001:db8::/32"),
        ("SMS_PER_ADDRESS_10_MINUTES", "1"),
        ("CAPTCHAS_PER_ADDRESS_MINUTE", "1"),
        ("SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES", "1"),
        ("REGISTRATIONS_PER_ADDRESS_HOUR", "1"),
    ];
    on_each_with(&settings, async |app| {
        for address in [HERE, "::ffff:203.0.113.7", "2001:db8:1:2::3"] {
            for _ in 0..3 {
                let mobile = fresh_mobile();
                assert_sent(&send(app, address, &mobile, "register").await);
                register(app, address, &mobile).await;
                let picture = from(&app.client(), address, "/api/v1/captchas/a", None).await;
                assert_sent(&picture);
            }
        }

        for address in ["203.0.114.7", "2001:db9::1"] {
            assert_sent(&send(app, address, &fresh_mobile(), "register").await);
            assert_priced(&send(app, address, &fresh_mobile(), "register").await, 2);
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_is_known_does_not_pay_for_neighbours() {
    let settings =
        [BEHIND_PROXY, ("SMS_PER_ADDRESS_10_MINUTES", "1"), ("CAPTCHAS_PER_ADDRESS_MINUTE", "1")];
    on_each_with(&settings, async |app| {
        let mobile = fresh_mobile();
        let owner = app.client();
        let body = code_request(app, &mobile, "register").await;
        assert_sent(&from(&owner, HERE, "/api/v1/sms-codes", Some(&body)).await);
        let code = app.gateway.code_for(&mobile);
        let body = json!({ "mobile": mobile, "sms_code": code, "password": PASSWORD });
        let made = from(&owner, HERE, "/api/v1/users", Some(&body)).await;
        assert_eq!(made.status.as_u16(), 201, "{made:?}");
        app.wait_for_background_tasks().await;
        // Strangers at the same address use its quotas up.
        assert_sent(&send(app, HERE, &fresh_mobile(), "register").await);
        assert_priced(&send(app, HERE, &fresh_mobile(), "register").await, 2);
        assert_sent(&from(&app.client(), HERE, "/api/v1/captchas/a", None).await);
        assert_priced(&from(&app.client(), HERE, "/api/v1/captchas/a", None).await, 2);

        let rebind = code_request(app, &fresh_mobile(), "rebind").await;
        assert_sent(&from(&owner, HERE, "/api/v1/sms-codes", Some(&rebind)).await);
        assert_sent(&from(&owner, HERE, "/api/v1/captchas/b", None).await);

        owner.delete("/api/v1/session").await;
        app.skip_resend_wait().await;
        assert!(!owner.is_signed_in().await);
        let login = code_request(app, &mobile, "login").await;
        assert_sent(&from(&owner, HERE, "/api/v1/sms-codes", Some(&login)).await);
        assert_priced(&send(app, HERE, &fresh_mobile(), "register").await, 2);
    })
    .await;
}
