//! The last third of every window of the budget is for those who had none of it.

use std::time::Duration;

use futures_util::{future::join_all, join};
use test_support::{
    app::{TestApp, on_each_backends, on_each_with, on_shared_backends},
    client::TestResponse,
    databases::{redis_query, registered},
    interface::Interface,
};

use super::stranger::{ask_from, scattered_address, scattered_mobile};

const BEHIND_A_PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

/// An address of one and the same /48, each in a /64 of its own.
fn in_one_48(number: usize) -> String {
    format!("2001:db8:7:{number:x}::1")
}

async fn register_from(app: &TestApp, addresses: &[String]) -> Vec<TestResponse> {
    let asked = addresses
        .iter()
        .map(async |address| ask_from(app, address, "register", &scattered_mobile()).await);
    join_all(asked).await
}

fn count_sent(responses: &[TestResponse]) -> usize {
    responses.iter().filter(|response| response.status.as_u16() == 200).count()
}

fn from_everywhere(count: usize) -> Vec<String> {
    (0..count).map(|_| scattered_address()).collect()
}

#[track_caller]
fn assert_spent(response: &TestResponse) {
    assert_eq!((response.status.as_u16(), response.errno().as_str()), (503, "4301"));
    assert_eq!(response.json()["error"], "sms-budget-spent");
}

/// BUDGET-1: 36 are all that registrations may use of the default minute.
#[tokio::test]
async fn one_48_does_not_use_up_the_registrations_of_a_minute() {
    on_each_with(&[BEHIND_A_PROXY, ("SMS_PER_MINUTE", "60")], async |app| {
        let attack: Vec<_> = (0..40).map(in_one_48).collect();
        let of_attack = register_from(app, &attack).await;
        assert_eq!(count_sent(&of_attack), 24, "two thirds");

        let of_others = register_from(app, &from_everywhere(12)).await;

        assert_eq!(count_sent(&of_others), 12, "the last third");
        for response in register_from(app, &from_everywhere(2)).await {
            assert_spent(&response);
        }
        let owner = scattered_mobile();
        registered(&app.state.db, &owner, "owner").await;
        let sign_in = ask_from(app, &scattered_address(), "login", &owner).await;
        Interface::Json.assert_success(&sign_in, 200);
        app.wait_for_background_tasks().await;
        assert_eq!(app.gateway.messages().len(), 36 + 1);
        app.advance(Duration::from_mins(1)).await;
        assert_eq!(count_sent(&register_from(app, &attack[..1]).await), 1, "the next minute");
    })
    .await;
}

#[tokio::test]
async fn the_last_third_of_the_hour_and_of_the_day_is_kept_too() {
    for (name, span) in [("SMS_PER_HOUR", 3_600), ("SMS_PER_DAY", 86_400)] {
        on_each_with(&[BEHIND_A_PROXY, (name, "15")], async |app| {
            let attack: Vec<_> = (0..9).map(in_one_48).collect();
            assert_eq!(count_sent(&register_from(app, &attack).await), 6);
            app.advance(Duration::from_mins(5)).await;

            let refused = register_from(app, &attack[..1]).await.remove(0);
            assert_spent(&refused);
            let wait = refused.header("retry-after").parse::<u64>().expect("seconds");
            assert!((span - 301..=span - 299).contains(&wait), "{wait}");
            assert_eq!(count_sent(&register_from(app, &from_everywhere(5)).await), 3);
            // Nine are all that registrations may use. Signing in has the rest, and a last third of its own.
            let owner = scattered_mobile();
            registered(&app.state.db, &owner, &format!("owner-{owner}")).await;
            Interface::Json
                .assert_success(&ask_from(app, &scattered_address(), "login", &owner).await, 200);
        })
        .await;
    }
}

/// R39: as many as the window has places, and no more than two thirds of them to one subnet.
#[tokio::test]
async fn a_hundred_at_once_share_the_budget_exactly() {
    on_each_with(&[BEHIND_A_PROXY, ("SMS_PER_HOUR", "50")], async |app| {
        let greedy: Vec<_> = (0..50).map(in_one_48).collect();
        let others = from_everywhere(50);

        let (of_greedy, of_others) =
            join!(register_from(app, &greedy), register_from(app, &others));

        let (greedy, others) = (count_sent(&of_greedy), count_sent(&of_others));
        assert!(greedy <= 20, "{greedy}");
        assert_eq!(greedy + others, 30);
        assert_eq!(app.gateway.messages().len(), 30);
    })
    .await;
}

#[tokio::test]
async fn two_instances_share_the_last_third() {
    on_shared_backends(async |backends| {
        let settings = [BEHIND_A_PROXY, ("SMS_PER_HOUR", "50")];
        let (one, two) = (backends.open(&settings).await, backends.open(&settings).await);
        let greedy: Vec<_> = (0..25).map(in_one_48).collect();

        let (here, there) = join!(register_from(&one, &greedy), register_from(&two, &greedy));

        assert_eq!(count_sent(&here) + count_sent(&there), 20);
        let (one_more, others) = (from_everywhere(1), from_everywhere(10));
        assert_eq!(count_sent(&register_from(&one, &one_more).await), 1);
        assert_eq!(count_sent(&register_from(&two, &one_more).await), 0, "it had its message");
        assert_eq!(count_sent(&register_from(&two, &others).await), 9);
        one.stop().await;
        two.stop().await;
    })
    .await;
}

/// R43: who had a message is in the SMS log.
#[tokio::test]
async fn who_had_a_message_is_known_after_a_restart_and_after_redis_forgot_everything() {
    on_each_backends(async |backends| {
        let settings = [BEHIND_A_PROXY, ("SMS_PER_DAY", "50")];
        let app = backends.open(&settings).await;
        let attack: Vec<_> = (0..20).map(in_one_48).collect();
        assert_eq!(count_sent(&register_from(&app, &attack).await), 20);
        let app = if let Some(redis) = app.redis.clone() {
            redis_query::<()>(&redis, &["FLUSHDB"]).await;
            app
        } else {
            app.stop().await;
            backends.open(&settings).await
        };

        let others = from_everywhere(20);
        let (of_attack, of_others) =
            join!(register_from(&app, &attack), register_from(&app, &others));

        assert_eq!((count_sent(&of_attack), count_sent(&of_others)), (0, 10));
        app.stop().await;
    })
    .await;
}

/// What is kept for newcomers does not tell whether a message was sent.
#[tokio::test]
async fn a_reset_for_a_number_without_an_account_counts_for_its_subnet_like_any_other() {
    on_each_with(&[BEHIND_A_PROXY, ("SMS_PER_HOUR", "30")], async |app| {
        let mut seen = Vec::new();
        let owner = scattered_mobile();
        registered(&app.state.db, &owner, "owner").await;
        for (number, mobile) in [owner, scattered_mobile()].into_iter().enumerate() {
            let address = format!("203.0.{}.7", 113 + number);
            let reset = ask_from(app, &address, "reset", &mobile).await;
            Interface::Json.assert_success(&reset, 200);
            app.wait_for_background_tasks().await;
            seen.push(address);
        }
        let attack: Vec<_> = (0..12).map(in_one_48).collect();
        assert_eq!(count_sent(&register_from(app, &attack).await), 12);

        for address in seen {
            let response = register_from(app, &[address]).await.remove(0);
            assert_spent(&response);
        }
        assert_eq!(count_sent(&register_from(app, &from_everywhere(9)).await), 6);
    })
    .await;
}
