//! The SMS abuse guard raises the price of strangers. It never keeps owners from their codes.

use std::time::Duration;

use futures_util::{StreamExt as _, future::join_all, join, stream};
use serde_json::json;
use test_support::{
    app::{TestApp, fresh_mobile, on_each_with, on_shared_backends},
    client::TestResponse,
    databases::registered,
    interface::{Interface, assert_paused},
    logs,
};

use super::stranger::{MANY_ADDRESSES, ask_from, letters_for, scattered_address, scattered_mobile};

/// A code is judged after this time, by default.
const JUDGED_AFTER: Duration = Duration::from_mins(2);
/// How many codes strangers get in an hour of a strict service in which nothing is verified.
const FLOOR: usize = 20;

async fn owner(app: &TestApp) -> String {
    let mobile = scattered_mobile();
    registered(&app.state.db, &mobile, &format!("owner-{mobile}")).await;
    mobile
}

/// Asks for codes that nobody types, from addresses all over the world, five at a time.
async fn pump(app: &TestApp, count: usize) {
    let asked = (0..count)
        .map(async |_| ask_from(app, &scattered_address(), "register", &scattered_mobile()).await);
    let responses: Vec<_> = stream::iter(asked).buffer_unordered(5).collect().await;
    for response in responses {
        Interface::Json.assert_success(&response, 200);
    }
}

/// Asks from one address for codes that nobody types.
async fn pump_from(app: &TestApp, address: &str, count: usize) {
    for _ in 0..count {
        let response = ask_from(app, address, "register", &scattered_mobile()).await;
        Interface::Json.assert_success(&response, 200);
    }
}

/// Makes the whole service strict.
async fn make_strict(app: &TestApp) {
    for _ in 0..2 {
        pump(app, 50).await;
        app.advance(JUDGED_AFTER).await;
        // Whoever looks at a picture next makes the guard judge.
        letters_for(app, &scattered_address()).await;
    }
}

fn count_sent(responses: &[TestResponse]) -> usize {
    responses.iter().filter(|response| response.status.as_u16() == 200).count()
}

async fn assert_texted(app: &TestApp, mobile: &str, is_texted: bool) {
    app.wait_for_background_tasks().await;
    assert_eq!(app.gateway.count_for(mobile), usize::from(is_texted));
}

/// LADDER-1: as it was done, in six minutes.
#[tokio::test]
async fn owners_and_newcomers_get_codes_after_118_codes_that_nobody_typed() {
    on_each_with(&MANY_ADDRESSES, async |app| {
        let owner = owner(app).await;
        let addresses: Vec<_> = (0..18).map(|_| scattered_address()).collect();
        for _ in 0..2 {
            for number in 0..59 {
                let address = &addresses[number % addresses.len()];
                let response = ask_from(app, address, "register", &scattered_mobile()).await;
                Interface::Json.assert_success(&response, 200);
            }
            app.advance(Duration::from_mins(3)).await;
        }

        for _ in 0..FLOOR / 2 {
            let response =
                ask_from(app, &scattered_address(), "register", &scattered_mobile()).await;
            Interface::Json.assert_success(&response, 200);
        }
        for purpose in ["login", "reset"] {
            let response = ask_from(app, &scattered_address(), purpose, &owner).await;
            Interface::Json.assert_success(&response, 200);
            app.wait_for_background_tasks().await;
            app.skip_resend_wait().await;
        }
        assert_eq!(app.gateway.count_for(&owner), 2);
    })
    .await;
}

/// LADDER-1: whatever the guard says, over every way to ask for a code with an account.
#[tokio::test]
async fn a_paused_subnet_and_a_strict_service_send_owners_every_code() {
    on_each_with(&MANY_ADDRESSES, async |app| {
        let address = scattered_address();
        for _ in 0..2 {
            pump_from(app, &address, 20).await;
            app.advance(JUDGED_AFTER).await;
            letters_for(app, &address).await;
        }
        let refused = ask_from(app, &address, "register", &scattered_mobile()).await;
        assert_paused(Interface::Json, &refused, 600);

        for purpose in ["login", "reset"] {
            let owner = owner(app).await;
            let of_owner = ask_from(app, &address, purpose, &owner).await;
            let stranger = scattered_mobile();
            let of_stranger = ask_from(app, &address, purpose, &stranger).await;

            Interface::Json.assert_success(&of_owner, 200);
            assert_eq!(of_owner.without_request_id().1, of_stranger.without_request_id().1);
            assert_texted(app, &owner, true).await;
            assert_texted(app, &stranger, false).await;
        }
        let owner = owner(app).await;
        let signed_in = app.client().signed_in(&fresh_mobile()).await;
        let (id, answer) = signed_in.solve_captcha().await;
        let body = json!({
            "mobile": owner.replace("137", "136"), "purpose": "rebind",
            "captcha_id": id, "captcha": answer,
        });
        let rebind = signed_in.post_json("/api/v1/sms-codes", &body).await;
        Interface::Json.assert_success(&rebind, 200);
        // The pause ends by itself.
        app.advance(Duration::from_mins(10)).await;
        let response = ask_from(app, &address, "register", &scattered_mobile()).await;
        Interface::Json.assert_success(&response, 200);
    })
    .await;
}

/// The guard still stops whoever pumps: 60 at once from all over the world.
#[tokio::test]
async fn a_strict_service_bounds_registrations_that_nobody_verifies() {
    on_each_with(&MANY_ADDRESSES, async |app| {
        let turn = logs::capture().await;
        make_strict(app).await;
        let lines = logs::captured(turn);
        let scope = "event=pumping_ladder scope=service ";
        let steps: Vec<_> =
            lines.iter().filter_map(|line| Some(line.split_once(scope)?.1)).collect();
        assert_eq!(steps, ["step=harder verified=0 sent=50", "step=strict verified=0 sent=50"]);
        let before = app.gateway.messages().len();

        let asked = (0..60).map(async |_| {
            ask_from(app, &scattered_address(), "register", &scattered_mobile()).await
        });
        let responses = join_all(asked).await;

        assert_eq!(count_sent(&responses), FLOOR);
        for response in responses.iter().filter(|response| response.status.as_u16() != 200) {
            assert_paused(Interface::Json, response, 3_600);
        }
        assert_eq!(app.gateway.messages().len() - before, FLOOR);
        // A sign-in with a number without an account is a registration in disguise, and answered as one with an account.
        let (owner, stranger) = (owner(app).await, scattered_mobile());
        let of_owner = ask_from(app, &scattered_address(), "login", &owner).await;
        let of_stranger = ask_from(app, &scattered_address(), "login", &stranger).await;
        Interface::Json.assert_success(&of_owner, 200);
        assert_eq!(of_owner.without_request_id().1, of_stranger.without_request_id().1);
        assert_texted(app, &owner, true).await;
        assert_texted(app, &stranger, false).await;
        let counted = app.state.metrics.text().expect("a text");
        assert!(counted.contains("haoma_ladder_step 2\n"), "{counted}");
    })
    .await;
}

#[tokio::test]
async fn two_instances_share_the_bound_of_a_strict_service() {
    on_shared_backends(async |backends| {
        let one = backends.open(&MANY_ADDRESSES).await;
        let two = backends.open(&MANY_ADDRESSES).await;
        make_strict(&one).await;
        let ask = async |app: &TestApp| {
            let asked = (0..50).map(async |number: usize| {
                let purpose = ["register", "login"][number % 2];
                ask_from(app, &scattered_address(), purpose, &scattered_mobile()).await
            });
            join_all(asked).await
        };
        let before = one.gateway.messages().len();

        join!(ask(&one), ask(&two));

        one.wait_for_background_tasks().await;
        two.wait_for_background_tasks().await;
        let sent = one.gateway.messages().len() + two.gateway.messages().len() - before;
        assert_eq!(sent, FLOOR);
        one.stop().await;
        two.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_verified_raises_the_bound_of_a_strict_service() {
    on_each_with(&MANY_ADDRESSES, async |app| {
        make_strict(app).await;
        for _ in 0..15 {
            let mobile = scattered_mobile();
            let asked = ask_from(app, &scattered_address(), "register", &mobile).await;
            Interface::Json.assert_success(&asked, 200);
            let body = json!({
                "mobile": mobile, "sms_code": app.gateway.code_for(&mobile),
                "password": test_support::app::PASSWORD,
            });
            let registered = app.client().post_json("/api/v1/users", &body).await;
            assert_eq!(registered.status.as_u16(), 201, "{registered:?}");
        }
        app.wait_for_background_tasks().await;

        let asked = (0..60).map(async |_| {
            ask_from(app, &scattered_address(), "register", &scattered_mobile()).await
        });

        assert_eq!(count_sent(&join_all(asked).await), 2 * 15 - 15);
    })
    .await;
}

/// Somebody who proved the number and has not registered yet, or has deleted the account.
#[tokio::test]
async fn a_number_that_was_proved_in_the_last_90_days_gets_its_code() {
    let settings = [&MANY_ADDRESSES[..], &[("ACCOUNT_PASSWORD", "required")]].concat();
    on_each_with(&settings, async |app| {
        let (proved, asked_only) = (scattered_mobile(), scattered_mobile());
        for mobile in [&proved, &asked_only] {
            let asked = ask_from(app, &scattered_address(), "login", mobile).await;
            Interface::Json.assert_success(&asked, 200);
            app.wait_for_background_tasks().await;
        }
        let body = json!({ "mobile": proved, "sms_code": app.gateway.code_for(&proved) });
        let no_account = app.client().post_json("/api/v1/session", &body).await;
        assert_eq!(no_account.json()["error"], "no-account", "{no_account:?}");
        app.wait_for_background_tasks().await;
        for (days, times) in [(1, 2), (89, 2)] {
            app.advance(Duration::from_hours(24 * days)).await;
            let address = scattered_address();
            for _ in 0..2 {
                pump_from(app, &address, 20).await;
                app.advance(JUDGED_AFTER).await;
                letters_for(app, &address).await;
            }
            for mobile in [&proved, &asked_only] {
                let asked = ask_from(app, &address, "login", mobile).await;
                Interface::Json.assert_success(&asked, 200);
            }
            app.wait_for_background_tasks().await;
            assert_eq!(app.gateway.count_for(&proved), times, "after {days} days");
            assert_eq!(app.gateway.count_for(&asked_only), 1);
        }
    })
    .await;
}

/// E-ladder, with as many codes as the subnet is judged by, and with one less.
#[tokio::test]
async fn the_next_picture_does_not_tell_whether_a_number_is_registered() {
    for (purpose, count) in [("reset", 19), ("reset", 20), ("login", 19), ("login", 20)] {
        on_each_with(&MANY_ADDRESSES, async |app| {
            let mut seen = Vec::new();
            for mobile in [owner(app).await, scattered_mobile()] {
                let address = scattered_address();
                pump_from(app, &address, count).await;
                app.advance(JUDGED_AFTER).await;
                let response = ask_from(app, &address, purpose, &mobile).await;
                Interface::Json.assert_success(&response, 200);
                app.wait_for_background_tasks().await;
                let at_once = letters_for(app, &address).await;
                app.advance(JUDGED_AFTER).await;
                seen.push((at_once, letters_for(app, &address).await));
            }
            assert_eq!(seen[0], seen[1], "{purpose} after {count} codes");
        })
        .await;
    }
}

/// E-ladder: codes that the pause keeps from strangers count for nobody.
#[tokio::test]
async fn codes_that_only_owners_get_raise_no_price() {
    on_each_with(&MANY_ADDRESSES, async |app| {
        let mut seen = Vec::new();
        for is_owner in [true, false] {
            let address = scattered_address();
            for _ in 0..2 {
                pump_from(app, &address, 20).await;
                app.advance(JUDGED_AFTER).await;
                letters_for(app, &address).await;
            }
            for _ in 0..20 {
                let mobile = if is_owner { owner(app).await } else { scattered_mobile() };
                let response = ask_from(app, &address, "login", &mobile).await;
                Interface::Json.assert_success(&response, 200);
            }
            app.wait_for_background_tasks().await;
            app.advance(Duration::from_mins(10)).await;
            let response = ask_from(app, &address, "register", &scattered_mobile()).await;
            seen.push(response.status.as_u16());
        }
        assert_eq!(seen, [200, 200]);
    })
    .await;
}
