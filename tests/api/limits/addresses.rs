//! Limits of an address and of its subnet, for every action (R31).

use futures_util::future::join_all;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with, on_shared_backends},
    client::{TestClient, TestResponse},
};

/// An action that is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Picture,
    Send,
    TryCode,
    SignIn,
}

/// An action, settings that allow it three times from an address, and how often they allow it from a /24.
type Case = (Action, &'static [(&'static str, &'static str)], usize);

const CASES: [Case; 4] = [
    (Action::Picture, &[("CAPTCHAS_PER_ADDRESS_HOUR", "3")], 15),
    (Action::Send, &[("SMS_PER_ADDRESS_HOUR", "3"), ("SMS_PER_SUBNET_HOUR", "7")], 7),
    (Action::TryCode, &[("SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES", "3")], 15),
    (Action::SignIn, &[("SIGN_IN_FAILURES_PER_ADDRESS", "3")], 15),
];

/// Sends a request from an address, as a proxy forwards it.
async fn from(
    client: &TestClient<'_>,
    address: &str,
    path: &str,
    body: Option<Value>,
) -> TestResponse {
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let request = client.request(method, path).header("x-forwarded-for", address);
    let request = match body {
        Some(body) => request.header(CONTENT_TYPE, "application/json").body(body.to_string()),
        None => request,
    };
    client.send(request).await
}

impl Action {
    /// Prepares the action from another address, and returns its path and body.
    async fn prepare(self, client: &TestClient<'_>) -> (&'static str, Option<Value>) {
        let (id, captcha) = match self {
            Self::Send | Self::SignIn => client.solve_captcha().await,
            Self::Picture | Self::TryCode => Default::default(),
        };
        let solved = json!({ "captcha_id": id, "captcha": captcha });
        let with = |mut body: Value| {
            body.as_object_mut().expect("a body").extend(solved.as_object().expect("it").clone());
            Some(body)
        };
        match self {
            Self::Picture => ("/api/v1/captchas/a", None),
            Self::Send => {
                let body = json!({ "mobile": fresh_mobile(), "purpose": "register" });
                ("/api/v1/sms-codes", with(body))
            }
            Self::SignIn => {
                let body = json!({ "login": fresh_mobile(), "password": "not it at all" });
                ("/api/v1/session", with(body))
            }
            Self::TryCode => {
                let paths = ["/api/v1/users", "/api/v1/password-resets", "/api/v1/session"];
                let path = paths[rand::random_range(0..3)];
                let mut body = json!({ "mobile": fresh_mobile(), "sms_code": "123456" });
                if path != "/api/v1/session" {
                    body["password"] = PASSWORD.into();
                }
                (path, Some(body))
            }
        }
    }

    /// Whether it was refused because of its address.
    async fn is_refused(self, app: &TestApp, address: &str) -> bool {
        let client = app.client();
        let (path, body) = self.prepare(&client).await;
        is_refused(&from(&client, address, path, body).await)
    }
}

#[track_caller]
fn is_refused(response: &TestResponse) -> bool {
    if response.status.as_u16() == 400 {
        assert_eq!(response.errno(), "4103", "{response:?}");
        assert_eq!(response.json()["data"]["proof_of_work_required"], true, "{response:?}");
        assert!(response.header("retry-after").parse::<u64>().expect("seconds") > 0);
        return true;
    }
    let is_refused = response.status.as_u16() == 429;
    if is_refused {
        assert_eq!(response.errno(), "4201", "{response:?}");
        assert!(response.header("retry-after").parse::<u64>().expect("seconds") > 0);
        let said = response.json()["errmsg"].as_str().expect("words").to_owned();
        assert!(said.contains("当前网络请求过于频繁"), "{said}");
    }
    is_refused
}

fn behind_a_proxy<'a>(settings: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [settings, &[("TRUSTED_PROXIES", "127.0.0.1")]].concat()
}

/// R10, R31, R35.
#[tokio::test]
async fn addresses_are_limited_and_an_ipv6_address_counts_as_its_64() {
    for (action, settings, _) in CASES {
        on_each_with(&behind_a_proxy(settings), async |app| {
            for (one, same, other) in [
                ("203.0.113.1", "::ffff:203.0.113.1", "203.0.113.2"),
                ("2001:db8:1:1::1", "2001:db8:1:1:ffff::2", "2001:db8:1:2::1"),
            ] {
                for address in [one, same, one] {
                    assert!(!action.is_refused(app, address).await, "{action:?} from {address}");
                }

                assert!(action.is_refused(app, one).await, "{action:?}");
                assert!(action.is_refused(app, same).await, "{action:?}");
                assert!(!action.is_refused(app, other).await, "{action:?}");
            }
        })
        .await;
    }
}

/// R31.
#[tokio::test]
async fn a_subnet_has_a_higher_limit_than_an_address_and_a_48_four_times_it() {
    for (action, settings, of_subnet) in CASES {
        on_each_with(&behind_a_proxy(settings), async |app| {
            for number in 0..of_subnet {
                let address = format!("203.0.113.{number}");
                assert!(!action.is_refused(app, &address).await, "{action:?} from {address}");
            }
            for number in 0..4 * of_subnet {
                let address = format!("2001:db8:1:{number}::1");
                assert!(!action.is_refused(app, &address).await, "{action:?} from {address}");
            }

            assert!(action.is_refused(app, "203.0.113.99").await, "{action:?}");
            assert!(action.is_refused(app, "2001:db8:1:99::1").await, "{action:?}");
            assert!(!action.is_refused(app, "203.0.114.99").await, "{action:?}");
            assert!(!action.is_refused(app, "2001:db8:2:99::1").await, "{action:?}");
        })
        .await;
    }
}

/// R39: exactly as many, however many arrive at once.
#[tokio::test]
async fn of_a_hundred_requests_at_once_exactly_the_limit_gets_through() {
    for (action, settings, of_subnet) in CASES {
        on_each_with(&behind_a_proxy(settings), async |app| {
            assert_eq!(through(&[app], action, 1).await, 3, "{action:?} from an address");
            let rest = through(&[app], action, 100).await;
            assert_eq!(rest, of_subnet - 3, "{action:?} from a subnet");
        })
        .await;
    }
}

/// R39, R140.
#[tokio::test]
async fn two_instances_share_the_limit_of_a_subnet() {
    for (action, settings, of_subnet) in CASES {
        on_shared_backends(async |backends| {
            let settings = behind_a_proxy(settings);
            let (one, two) = (backends.open(&settings).await, backends.open(&settings).await);
            assert_eq!(through(&[&one, &two], action, 100).await, of_subnet, "{action:?}");
            one.stop().await;
            two.stop().await;
        })
        .await;
    }
}

/// Returns how many of a hundred requests succeed, from so many addresses of one subnet.
async fn through(instances: &[&TestApp], action: Action, addresses: usize) -> usize {
    let clients: Vec<_> = instances.iter().map(|instance| instance.client()).collect();
    let mut wishes = Vec::new();
    for number in 0..100 {
        let client = &clients[number % clients.len()];
        let (path, body) = action.prepare(client).await;
        wishes.push((client, format!("203.0.113.{}", number % addresses), path, body));
    }
    let asked = wishes
        .into_iter()
        .map(async |(client, address, path, body)| from(client, &address, path, body).await);
    join_all(asked).await.iter().filter(|response| !is_refused(response)).count()
}

/// Only successful registrations count.
#[tokio::test]
async fn registrations_from_an_address_are_limited() {
    let settings = [("REGISTRATIONS_PER_ADDRESS_HOUR", "1"), ("TRUSTED_PROXIES", "127.0.0.1")];
    on_each_with(&settings, async |app| {
        let register = async |address: &str, sms_code: Option<&str>| {
            let (client, mobile) = (app.client(), fresh_mobile());
            client.request_code(&mobile).await;
            let code = app.gateway.code_for(&mobile);
            let body = json!({
                "mobile": mobile, "sms_code": sms_code.unwrap_or(&code), "password": PASSWORD,
            });
            from(&client, address, "/api/v1/users", Some(body)).await
        };
        let wrong = register("203.0.113.1", Some("000000")).await;
        assert_eq!(wrong.status.as_u16(), 422, "{wrong:?}");
        assert_eq!(register("203.0.113.1", None).await.status.as_u16(), 201);

        assert!(is_refused(&register("203.0.113.1", None).await));

        assert_eq!(register("203.0.113.2", None).await.status.as_u16(), 201);
    })
    .await;
}

/// R60.
#[tokio::test]
async fn a_head_request_draws_no_captcha() {
    on_each_with(&[("CAPTCHAS_PER_ADDRESS_HOUR", "1")], async |app| {
        let client = app.client();
        let head = async || {
            client.send(client.request_without_origin(Method::HEAD, "/api/v1/captchas/mine")).await
        };
        let before = head().await;
        assert_eq!(app.answer_of("mine").await, None, "nothing is kept");
        let drawn = client.get("/api/v1/captchas/mine").await;
        let answer = app.answer_of("mine").await;

        let after = head().await;

        assert_eq!(drawn.status.as_u16(), 200, "it used no permit: {drawn:?}");
        assert_eq!(app.answer_of("mine").await, answer, "nor has it replaced anything");
        for head in [before, after] {
            assert_eq!((head.status.as_u16(), head.header("content-type")), (200, "image/png"));
        }
    })
    .await;
}
