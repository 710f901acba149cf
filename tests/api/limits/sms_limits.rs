//! Limits of messages beyond the minute between two of them.

use test_support::{
    app::{fresh_mobile, on_each_with},
    client::TestResponse,
    interface::{Interface, interfaces},
};

/// Checks that the request was refused by a limit of the number, and that the last reserve is offered for its price.
#[track_caller]
fn assert_reserve_offered(interface: Interface, response: &TestResponse, at_most: u64) {
    let wait = response.header("retry-after").parse::<u64>().expect("seconds");
    assert!((1..=at_most).contains(&wait), "{wait}");
    interface.assert_refused(response, (400, "4103"), "error-harder-captcha-needed", &[]);
}

#[tokio::test]
async fn messages_to_a_number_are_limited_an_hour() {
    on_each_with(&[("SMS_PER_MOBILE_HOUR", "2")], async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            for _ in 0..2 {
                interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
                app.skip_resend_wait().await;
            }

            let third = interface.request_code(&client, &mobile).await;

            assert_reserve_offered(interface, &third, 3600);
            assert_eq!(app.gateway.count_for(&mobile), 2);
        }
    })
    .await;
}

#[tokio::test]
async fn messages_to_a_number_are_limited_a_day() {
    let settings = [("SMS_RESEND_SECONDS", "1"), ("SMS_PER_MOBILE_DAY", "1")];
    on_each_with(&settings, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        Interface::Json.assert_success(&Interface::Json.request_code(&client, &mobile).await, 200);

        let second = Interface::Json.request_code(&client, &mobile).await;

        assert_reserve_offered(Interface::Json, &second, 24 * 3600);
        let wait = second.header("retry-after").parse::<u64>().expect("seconds");
        assert!(wait > 3600, "{wait}");
    })
    .await;
}

/// R33.
#[tokio::test]
async fn messages_to_numbers_of_one_prefix_are_limited_an_hour() {
    on_each_with(&[("SMS_PER_PREFIX_HOUR", "2")], async |app| {
        let prefix = fresh_mobile()[..7].to_owned();
        let alike = async |rest: &str| {
            Interface::Json.request_code(&app.client(), &format!("{prefix}{rest}")).await
        };
        for rest in ["0001", "0002"] {
            Interface::Json.assert_success(&alike(rest).await, 200);
        }

        for interface in interfaces() {
            let refused = interface.request_code(&app.client(), &format!("{prefix}0003")).await;
            assert_reserve_offered(interface, &refused, 3600);
        }

        assert_eq!(app.gateway.count_for(&format!("{prefix}0003")), 0);
        let far = format!("137{}", &prefix[3..]) + "0001";
        Interface::Json
            .assert_success(&Interface::Json.request_code(&app.client(), &far).await, 200);
    })
    .await;
}

/// Refused until the request pays, or for a while.
#[track_caller]
fn assert_priced(interface: Interface, response: &TestResponse) {
    let wait = response.header("retry-after").parse::<u64>().expect("seconds");
    assert!((1..=600).contains(&wait), "{wait}");
    interface.assert_refused(response, (400, "4103"), "error-proof-missing", &[]);
}

#[tokio::test]
async fn requests_of_an_address_are_limited_whatever_the_number() {
    for interface in interfaces() {
        on_each_with(&[("SMS_PER_ADDRESS_10_MINUTES", "2")], async |app| {
            let (one, other) = (fresh_mobile(), fresh_mobile());
            interface.assert_success(&interface.request_code(&app.client(), &one).await, 200);
            // A request that sends nothing does not count.
            let second = interface.request_code(&app.client(), &one).await;
            assert_eq!(second.status.as_u16(), interface.status(429), "{second:?}");
            let third = interface.request_code(&app.client(), &fresh_mobile()).await;
            interface.assert_success(&third, 200);

            let fourth = interface.request_code(&app.client(), &other).await;

            assert_priced(interface, &fourth);
            assert_eq!(app.gateway.count_for(&other), 0);
        })
        .await;
    }
}

#[tokio::test]
async fn a_forwarded_header_changes_no_address_without_a_trusted_proxy() {
    on_each_with(&[("SMS_PER_ADDRESS_10_MINUTES", "1")], async |app| {
        Interface::Json.assert_success(
            &Interface::Json.request_code(&app.client(), &fresh_mobile()).await,
            200,
        );
        let client = app.client();
        let (id, answer) = client.solve_captcha().await;
        let mobile = fresh_mobile();
        let fields = [("mobile", mobile.as_str()), ("captcha_id", &id), ("captcha", &answer)];
        let body = Interface::Json.body(test_support::interface::Action::Send, &fields);
        let request = client.request(reqwest::Method::POST, "/api/v1/sms-codes");
        let request = request
            .header("content-type", "application/json")
            .header("x-forwarded-for", "203.0.113.7")
            .header("x-real-ip", "203.0.113.7")
            .header("forwarded", "for=203.0.113.7");

        let refused = client.send(request.body(body)).await;

        assert_priced(Interface::Json, &refused);
    })
    .await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_address_counts_for_itself() {
    let settings = [("SMS_PER_ADDRESS_10_MINUTES", "1"), ("TRUSTED_PROXIES", "127.0.0.1")];
    on_each_with(&settings, async |app| {
        let cases = [
            ("203.0.113.7", 200),
            ("203.0.113.8", 200),
            ("203.0.113.7", 400),
            // Addresses further left could have been written by the client.
            ("198.51.100.1, 203.0.113.8", 400),
            ("::ffff:203.0.113.8", 400),
        ];
        for (forwarded, status) in cases {
            let (client, mobile) = (app.client(), fresh_mobile());
            let (id, answer) = client.solve_captcha().await;
            let fields = [("mobile", mobile.as_str()), ("captcha_id", &id), ("captcha", &answer)];
            let request = client.request(reqwest::Method::POST, "/api/v1/sms-codes");
            let request = request
                .header("content-type", "application/json")
                .header("x-forwarded-for", forwarded)
                .body(Interface::Json.body(test_support::interface::Action::Send, &fields));
            let answer = client.send(request).await;
            assert_eq!(answer.status.as_u16(), status, "{forwarded}: {answer:?}");
        }
    })
    .await;
}
