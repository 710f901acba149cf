//! The SMS abuse guard: if requested codes are not used, sending gets harder (R34).

use std::time::Duration;

use haoma::{domain::mobile::Mobile, stores::sms_abuse_guard::Level};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;
use test_support::{
    app::{TestApp, fresh_mobile, on_each_with},
    client::TestResponse,
    databases::registered,
    interface::{Interface, assert_paused, interfaces},
    logs,
};

/// With these settings every code counts at once.
const SETTINGS: [(&str, &str); 3] = [
    ("SMS_VERIFIED_AFTER_SECONDS", "0"),
    ("SMS_PER_MINUTE", "1000"),
    ("TRUSTED_PROXIES", "127.0.0.1"),
];
/// The address of the tests.
const HERE: &str = "127.0.0.1";

/// Requests so many codes and uses none.
async fn send_unverified_codes(app: &TestApp, count: usize) {
    for _ in 0..count {
        let response = Interface::Json.request_code(&app.client(), &fresh_mobile()).await;
        Interface::Json.assert_success(&response, 200);
    }
}

/// Requests a code and registers with it.
async fn register(app: &TestApp) {
    let response = app.client().register(&fresh_mobile()).await;
    assert_eq!(response.status.as_u16(), 201, "{response:?}");
    app.wait_for_background_tasks().await;
}

async fn level(app: &TestApp, mobile: &str, address: &str) -> Level {
    let mobile = Mobile::parse(mobile).expect("a number");
    let address = address.parse().expect("an address");
    app.state.sms_abuse_guard.level(Some(&mobile), address).await.expect("answers")
}

async fn letters(app: &TestApp) -> usize {
    app.client().solve_captcha().await.1.len()
}

/// Requests a code from another subnet for a number with another prefix; there are ten of each.
async fn from_elsewhere(app: &TestApp, number: usize) -> TestResponse {
    let (client, digit) = (app.client(), number % 10);
    let (id, captcha) = client.solve_captcha().await;
    let mobile = format!("137{digit}{}", &fresh_mobile()[4..]);
    let body = json!({
        "mobile": mobile, "purpose": "register", "captcha_id": id, "captcha": captcha,
    });
    let request = client.request(Method::POST, "/api/v1/sms-codes");
    let request = request.header("x-forwarded-for", format!("203.0.{digit}.7"));
    client.send(request.header(CONTENT_TYPE, "application/json").body(body.to_string())).await
}

#[tokio::test]
async fn unused_codes_lead_to_harder_captchas_and_then_a_pause() {
    on_each_with(&SETTINGS, async |app| {
        let known = fresh_mobile();
        registered(&app.state.db, &known, "owner").await;
        send_unverified_codes(app, 19).await;
        assert_eq!((letters(app).await, level(app, &known, HERE).await), (4, Level::Normal));

        send_unverified_codes(app, 1).await;
        assert_eq!((letters(app).await, level(app, &known, HERE).await), (6, Level::Harder));
        // Two escalations are at least a second apart.
        app.advance(Duration::from_secs(1)).await;
        send_unverified_codes(app, 20).await;

        for interface in interfaces() {
            let paused = interface.request_code(&app.client(), &fresh_mobile()).await;
            assert_paused(interface, &paused, 600);
        }
        // Owners get their codes, and the answers do not tell who is one.
        let client = app.client();
        for (purpose, mobile) in
            [("login", &known), ("login", &fresh_mobile()), ("reset", &fresh_mobile())]
        {
            let (id, captcha) = client.solve_captcha().await;
            let body = json!({
                "mobile": mobile, "purpose": purpose, "captcha_id": id, "captcha": captcha,
            });
            let response = client.post_json("/api/v1/sms-codes", &body).await;
            Interface::Json.assert_success(&response, 200);
        }
        app.wait_for_background_tasks().await;
        assert_eq!(app.gateway.count_for(&known), 1);
        assert_eq!(app.gateway.messages().len(), 41);
        Interface::Json.assert_success(&from_elsewhere(app, 0).await, 200);
    })
    .await;
}

#[tokio::test]
async fn used_codes_lower_the_level_again_and_each_level_is_logged_once() {
    on_each_with(&SETTINGS, async |app| {
        // No other test logs anything about these numbers.
        let prefix = format!("136{:04}", rand::random_range(0..10_000));
        let number = |index: usize| format!("{prefix}{index:04}");
        let mobile = number(0);
        let turn = logs::capture().await;
        for index in 0..20 {
            Interface::Json.assert_success(
                &Interface::Json.request_code(&app.client(), &number(index)).await,
                200,
            );
        }
        assert_eq!(level(app, &mobile, HERE).await, Level::Harder);

        for index in 20..40 {
            let response = app.client().register(&number(index)).await;
            assert_eq!(response.status.as_u16(), 201, "{response:?}");
            app.wait_for_background_tasks().await;
        }

        assert_eq!(level(app, &mobile, HERE).await, Level::Normal);
        assert_eq!(letters(app).await, 4);
        let lines = logs::captured(turn);
        let scope = format!("event=pumping_ladder scope=prefix-{prefix} ");
        let levels = lines.iter().filter_map(|line| line.split_once(&scope)).map(|(_, rest)| rest);
        let levels: Vec<_> = levels.collect();
        assert_eq!(levels, ["step=harder verified=0 sent=20", "step=normal verified=20 sent=20"]);
    })
    .await;
}

#[tokio::test]
async fn fifty_unused_codes_from_anywhere_raise_the_level_of_the_service() {
    on_each_with(&SETTINGS, async |app| {
        for number in 0..49 {
            Interface::Json.assert_success(&from_elsewhere(app, number).await, 200);
        }
        assert_eq!(level(app, "13600000000", "198.51.100.7").await, Level::Normal);

        Interface::Json.assert_success(&from_elsewhere(app, 49).await, 200);

        assert_eq!(level(app, "13600000000", "198.51.100.7").await, Level::Harder);
        assert_eq!(letters(app).await, 6);
        let counted = app.state.metrics.text().expect("a text");
        for sample in [
            "haoma_ladder_step 1\n",
            "haoma_ladder_changes_total{scope=\"service\",step=\"harder\"} 1\n",
        ] {
            assert!(counted.contains(sample), "{counted}");
        }
    })
    .await;
}

#[tokio::test]
async fn four_used_codes_of_ten_raise_no_level() {
    on_each_with(&SETTINGS, async |app| {
        for _ in 0..3 {
            for _ in 0..4 {
                register(app).await;
            }
            send_unverified_codes(app, 6).await;
        }

        assert_eq!(level(app, &fresh_mobile(), HERE).await, Level::Normal);
    })
    .await;
}

#[tokio::test]
async fn codes_too_young_to_be_used_do_not_count_and_the_guard_can_be_off() {
    for off in [("SMS_VERIFIED_AFTER_SECONDS", "120"), ("SMS_VERIFIED_PERCENT", "0")] {
        on_each_with(&[&SETTINGS[..], &[off]].concat(), async |app| {
            send_unverified_codes(app, 25).await;

            assert_eq!(level(app, &fresh_mobile(), HERE).await, Level::Normal);
        })
        .await;
    }
}
