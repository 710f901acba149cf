//! Messages to a number: strangers use up the number's own, and never those of a known device.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use test_support::{
    app::{TestApp, on_each_backends, on_each_with, on_shared_backends},
    client::TestClient,
    databases::redis_query,
    interface::Interface,
};

use super::people::{BEHIND_A_PROXY, HOME, ask_from, owner};

/// An hour is no part of these tests.
const BY_DAY: [(&str, &str); 2] = [BEHIND_A_PROXY, ("SMS_PER_MOBILE_HOUR", "100")];

/// Strangers use up the ten messages of the number. Registering it has taken the first one.
async fn use_up_the_number(app: &TestApp, mobile: &str) {
    for number in 1..10 {
        let address = format!("198.51.100.{number}");
        let asked = ask_from(&app.client(), &address, mobile, "login").await;
        assert_eq!(asked.status, StatusCode::OK, "{number}: {asked:?}");
        app.skip_resend_wait().await;
    }
    let refused = ask_from(&app.client(), "198.51.100.99", mobile, "login").await;
    assert!(!refused.status.is_success(), "{refused:?}");
}

/// LOCK-3.
#[tokio::test]
async fn a_known_browser_has_five_messages_a_day_that_strangers_cannot_use_up() {
    on_each_with(&BY_DAY, async |app| {
        let (client, mobile) = owner(app).await;
        use_up_the_number(app, &mobile).await;
        assert_eq!(app.gateway.count_for(&mobile), 10);

        for purpose in ["login", "reset", "login", "reset", "login"] {
            let asked = ask_from(&client, HOME, &mobile, purpose).await;
            assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
            app.skip_resend_wait().await;
        }
        let sixth = ask_from(&client, HOME, &mobile, "login").await;

        assert!(!sixth.status.is_success(), "{sixth:?}");
        assert_eq!(app.gateway.count_for(&mobile), 15);
    })
    .await;
}

/// On a quiet day the number's own messages are left for a known browser too.
#[tokio::test]
async fn a_known_browser_comes_to_the_messages_of_the_number_when_its_own_are_used_up() {
    on_each_with(&BY_DAY, async |app| {
        let (client, mobile) = owner(app).await;
        for number in 0..14 {
            let asked = ask_from(&client, HOME, &mobile, "login").await;
            assert_eq!(asked.status, StatusCode::OK, "{number}: {asked:?}");
            let at_once = ask_from(&client, HOME, &mobile, "login").await;
            assert!(!at_once.status.is_success(), "{number}: {at_once:?}");
            app.skip_resend_wait().await;
        }

        let refused = ask_from(&client, HOME, &mobile, "login").await;

        assert!(!refused.status.is_success(), "{refused:?}");
        assert_eq!(app.gateway.count_for(&mobile), 15, "one of them to register");
    })
    .await;
}

#[tokio::test]
async fn a_strangers_message_makes_a_known_browser_wait_for_nothing_and_each_countdown_is_true() {
    on_each_with(&BY_DAY, async |app| {
        let (client, mobile) = owner(app).await;
        ask_from(&client, HOME, &mobile, "login").await;
        app.advance(Duration::from_secs(40)).await;
        let stranger = app.client();
        let asked = ask_from(&stranger, "198.51.100.1", &mobile, "login").await;
        assert_eq!(
            asked.status,
            StatusCode::OK,
            "the message of the device is none of his: {asked:?}"
        );
        assert_eq!(Interface::Json.resend_after(&asked), 60);
        app.advance(Duration::from_secs(10)).await;

        let page = async |client: &TestClient<'_>| {
            Interface::Page.resend_after(&client.get("/login?by=sms").await)
        };
        let (of_device, of_stranger) = (page(&client).await, page(&stranger).await);
        assert!((1..=10).contains(&of_device), "{of_device}");
        assert!((41..=50).contains(&of_stranger), "{of_stranger}");

        let early = ask_from(&client, HOME, &mobile, "login").await;
        let told = Interface::Json.resend_after(&early);
        assert_eq!(early.status, StatusCode::TOO_MANY_REQUESTS, "{early:?}");
        assert!((1..=of_device).contains(&told), "{told} after {of_device}");
        app.advance(Duration::from_secs(of_device)).await;
        let asked = ask_from(&client, HOME, &mobile, "login").await;
        assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
        let late = ask_from(&stranger, "198.51.100.1", &mobile, "login").await;
        assert_eq!(late.status, StatusCode::TOO_MANY_REQUESTS, "he waits for his own: {late:?}");
    })
    .await;
}

/// A known device is known to its own account only.
#[tokio::test]
async fn a_browser_that_another_account_knows_is_a_stranger() {
    on_each_with(&BY_DAY, async |app| {
        let ((stranger, _), (_, mobile)) = (owner(app).await, owner(app).await);
        use_up_the_number(app, &mobile).await;

        let refused = ask_from(&stranger, HOME, &mobile, "login").await;

        assert!(!refused.status.is_success(), "{refused:?}");
        assert_eq!(app.gateway.count_for(&mobile), 10);
    })
    .await;
}

/// The bound is exact over two instances, however many ask at once.
#[tokio::test]
async fn a_number_gets_at_most_ten_messages_and_five_for_a_known_device_however_many_ask_at_once() {
    on_shared_backends(async |backends| {
        let (one, two) = (backends.open(&BY_DAY).await, backends.open(&BY_DAY).await);
        let (client, mobile) = owner(&one).await;
        let here = two.client();
        here.set_cookies(client.cookie_jar());
        let strangers = [one.client(), two.client()];
        for _ in 0..17 {
            let asked = (0..50).map(async |number| {
                let client = match number % 4 {
                    0 => &client,
                    1 => &here,
                    other => &strangers[other - 2],
                };
                ask_from(client, &format!("198.51.100.{number}"), &mobile, "login").await
            });
            let asked = join_all(asked).await;
            let granted = asked.iter().filter(|response| response.status.is_success()).count();
            assert!(granted <= 2, "one for each wait: {granted}");
            one.skip_resend_wait().await;
        }

        let sent = one.gateway.count_for(&mobile) + two.gateway.count_for(&mobile);
        assert_eq!(sent, 15);
        one.stop().await;
        two.stop().await;
    })
    .await;
}

/// R43: what a kv store has lost, the SMS log knows.
#[tokio::test]
async fn the_sms_log_holds_the_quota_of_a_known_device_when_the_kv_store_has_lost_it() {
    on_each_backends(async |backends| {
        let app = backends.open(&BY_DAY).await;
        let (client, mobile) = owner(&app).await;
        use_up_the_number(&app, &mobile).await;
        for _ in 0..5 {
            assert_eq!(ask_from(&client, HOME, &mobile, "login").await.status, StatusCode::OK);
            app.skip_resend_wait().await;
        }
        let sent = app.gateway.count_for(&mobile);
        let cookies = client.cookie_jar();
        if let Some(url) = app.redis.as_deref() {
            redis_query::<()>(url, &["FLUSHDB"]).await;
        }
        // With a memory of its own.
        let other = backends.open(&BY_DAY).await;
        let (known, stranger) = (other.client(), other.client());
        known.set_cookies(cookies);

        ask_from(&known, HOME, &mobile, "login").await;
        ask_from(&stranger, "198.51.100.1", &mobile, "login").await;

        assert_eq!((sent, other.gateway.count_for(&mobile)), (15, 0));
        app.stop().await;
        other.stop().await;
    })
    .await;
}
