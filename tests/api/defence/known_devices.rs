//! Which browser or app asks, and to which accounts it is known.

use std::time::Duration;

use actix_web::cookie::time::Duration as CookieDuration;
use haoma::{
    domain::{account::AccountSelector, device::DeviceSigner, keys::SecretKey, mobile::Mobile},
    flows::{cleanup::cleanup, lock_user::lock_user},
    stores::tables::known_devices,
};
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use test_support::{
    app::{KEY, PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    client::{TestClient, TestResponse},
    interface::{Action, Interface, interfaces},
    sms_codes::code,
};

const COOKIE: &str = "haoma_device";
const DAY: Duration = Duration::from_hours(24);

fn sets_cookie(response: &TestResponse) -> bool {
    response.cookies().iter().any(|cookie| cookie.name().ends_with(COOKIE))
}

async fn devices(client: &TestClient<'_>) -> Vec<Value> {
    let listed = client.get("/api/v1/user/devices").await;
    assert_eq!(listed.status, StatusCode::OK, "{listed:?}");
    listed.json()["data"]["devices"].as_array().expect("a list").clone()
}

async fn sign_in(client: &TestClient<'_>, mobile: &str) -> TestResponse {
    Interface::Json.sign_in(client, mobile, PASSWORD).await
}

/// Somebody who has only the cookie that names this client's device.
fn signed_out<'a>(client: &TestClient<'a>) -> TestClient<'a> {
    let same = client.app.client();
    let mut jar = client.cookie_jar();
    jar.retain(|name, _| name == COOKIE);
    same.set_cookies(jar);
    same
}

/// Whether the device of this client is known to the account of the number.
async fn is_known(app: &TestApp, client: &TestClient<'_>, mobile: &str) -> bool {
    let signer = DeviceSigner::new(&SecretKey::new(KEY.as_bytes().to_vec()));
    let device = client.cookie_jar().get(COOKIE).and_then(|text| signer.verify(text));
    let mobile = Mobile::from_stored(mobile.to_owned());
    let owner = app
        .state
        .db
        .read(async move |connection| known_devices::find_owner(connection, &mobile, device).await);
    owner.await.expect("answers").expect("an account").knows_device
}

#[tokio::test]
async fn every_answer_to_a_send_names_a_device_that_has_no_name_yet() {
    on_each(async |app| {
        for interface in interfaces() {
            let client = app.client();
            let first = interface.request_code(&client, &fresh_mobile()).await;
            let named = client.cookie_jar().get(COOKIE).cloned();
            let second = interface.request_code(&client, &fresh_mobile()).await;
            let refused = app.client();
            let wrong = ("no-such-picture-1", "abcd");
            let answer = interface.request_code_with(&refused, &fresh_mobile(), wrong).await;

            let cookies = first.cookies();
            let cookie = cookies.iter().find(|cookie| cookie.name() == COOKIE).expect("set");
            assert_eq!(cookie.http_only(), Some(true));
            assert_eq!(cookie.max_age().map(CookieDuration::whole_days), Some(180));
            assert!(!sets_cookie(&second), "{second:?}");
            assert_eq!(client.cookie_jar().get(COOKIE).cloned(), named);
            assert!(sets_cookie(&answer), "also a refusal: {answer:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn over_https_the_cookie_has_the_prefix_that_no_other_host_can_set() {
    on_each_with(&[("PUBLIC_URL", "https://id.example")], async |app| {
        let answer = app.client().request_code(&fresh_mobile()).await;

        let cookies = answer.cookies();
        let cookie = cookies.iter().find(|cookie| cookie.name() == "__Host-haoma_device");
        let cookie = cookie.unwrap_or_else(|| panic!("set: {answer:?}"));
        assert_eq!((cookie.secure(), cookie.path()), (Some(true), Some("/")));
    })
    .await;
}

#[tokio::test]
async fn a_forged_or_doubled_cookie_counts_as_none() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let own = client.cookie_jar().get(COOKIE).expect("named").clone();
        let other = app.client();
        other.request_code(&fresh_mobile()).await;
        let of_other = other.cookie_jar().get(COOKIE).expect("named").clone();
        let forged = format!("{}{}", &of_other[..20], &own[20..]);

        for cookies in [
            format!("{COOKIE}={forged}"),
            format!("{COOKIE}={own}; {COOKIE}={of_other}"),
            format!("{COOKIE}={own}; {COOKIE}={own}"),
        ] {
            let sender = app.client();
            let (id, captcha) = sender.solve_captcha().await;
            let body = json!({
                "mobile": fresh_mobile(), "purpose": "register", "captcha_id": id,
                "captcha": captcha,
            });
            let request = sender.request(Method::POST, "/api/v1/sms-codes");
            let request =
                request.header("cookie", &cookies).header(CONTENT_TYPE, "application/json");
            let answer = sender.send(request.body(body.to_string())).await;

            assert!(sets_cookie(&answer), "{cookies}: {answer:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_device_is_known_after_a_registration_and_after_each_kind_of_sign_in() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.request_code(&fresh_mobile()).await;
        client.register(&mobile).await;
        assert!(is_known(app, &client, &mobile).await);

        for interface in interfaces() {
            let by_password = app.client();
            interface
                .assert_success(&interface.sign_in(&by_password, &mobile, PASSWORD).await, 200);
            assert!(is_known(app, &by_password, &mobile).await, "{interface:?}");
        }
        app.skip_resend_wait().await;
        let by_code = app.client();
        let sms_code = code(&by_code, &mobile, "login").await;
        assert!(!is_known(app, &by_code, &mobile).await, "a send makes nothing known");
        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        assert_eq!(by_code.post_json("/api/v1/session", &body).await.status, StatusCode::OK);
        assert!(is_known(app, &by_code, &mobile).await);
        assert!(!is_known(app, &app.client(), &mobile).await);
    })
    .await;
}

#[tokio::test]
async fn an_app_is_known_by_its_device_token() {
    on_each_with(&[("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "1")], async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let body = json!({ "login": mobile, "password": PASSWORD });
        let signed_in = app.client().post_json("/api/v1/tokens", &body).await;
        let token = signed_in.json()["data"]["device_token"].as_str().expect("one").to_owned();
        let guess = json!({ "login": mobile, "password": "not it at all" });
        app.client().post_json("/api/v1/session", &guess).await;

        let with = async |token: &str| {
            let client = app.client();
            let request = client.request(Method::POST, "/api/v1/tokens");
            let request = request.header("x-haoma-device", token);
            let request = request.header(CONTENT_TYPE, "application/json");
            client.send(request.body(body.to_string())).await
        };
        let (again, stranger) = (with(&token).await, with("made up").await);

        assert_eq!(again.status, StatusCode::CREATED, "{again:?}");
        assert_eq!(again.json()["data"]["device_token"], token.as_str());
        assert_eq!(stranger.errno(), "4103", "{stranger:?}");
    })
    .await;
}

#[tokio::test]
async fn ten_devices_are_known_and_the_oldest_goes() {
    on_each(async |app| {
        let (first, mobile) = (app.client(), fresh_mobile());
        first.register(&mobile).await;
        for _ in 0..10 {
            app.advance(Duration::from_secs(1)).await;
            assert_eq!(sign_in(&app.client(), &mobile).await.status, StatusCode::OK);
        }

        let last = app.client();
        sign_in(&last, &mobile).await;

        assert_eq!(devices(&last).await.len(), 10);
        assert!(!is_known(app, &first, &mobile).await);
        assert!(is_known(app, &last, &mobile).await);
    })
    .await;
}

#[tokio::test]
async fn owners_see_their_devices_and_remove_them_on_the_page_and_over_json() {
    on_each(async |app| {
        let (here, mobile) = (app.client(), fresh_mobile());
        here.register(&mobile).await;
        let (there, elsewhere) = (app.client(), app.client());
        for other in [&there, &elsewhere] {
            sign_in(other, &mobile).await;
        }
        let listed = devices(&here).await;
        let current: Vec<_> = listed.iter().map(|device| device["current"] == true).collect();
        assert_eq!(current, [true, false, false]);
        let ids: Vec<_> =
            listed.iter().map(|device| device["id"].as_str().expect("an id")).collect();

        let page = here.get("/account").await;
        for id in &ids {
            assert!(page.body.contains(&format!("name=\"forget\" value=\"{id}\"")), "{page:?}");
        }
        let form = here.post_form("/account/devices", &[("forget", ids[1])]).await;
        let json = here.delete(&format!("/api/v1/user/devices/{}", ids[2])).await;
        let again = here.delete(&format!("/api/v1/user/devices/{}", ids[2])).await;

        assert_eq!((form.status, json.status), (StatusCode::SEE_OTHER, StatusCode::OK));
        assert_eq!(again.status, StatusCode::NOT_FOUND);
        assert_eq!(devices(&here).await.len(), 1);
        for other in [&there, &elsewhere] {
            assert!(other.is_signed_in().await, "a session goes on");
        }
        let (stranger, number) = (app.client(), fresh_mobile());
        stranger.register(&number).await;
        let taken = stranger.delete(&format!("/api/v1/user/devices/{}", ids[0])).await;
        assert_eq!(taken.status, StatusCode::NOT_FOUND, "not of others");
        assert_eq!(app.client().get("/api/v1/user/devices").await.status.as_u16(), 401);
    })
    .await;
}

#[tokio::test]
async fn changes_of_password_and_number_and_a_reset_forget_the_other_devices() {
    for change in ["password", "mobile", "reset"] {
        on_each(async |app| {
            let (here, there, mobile) = (app.client(), app.client(), fresh_mobile());
            here.register(&mobile).await;
            sign_in(&there, &mobile).await;
            app.skip_resend_wait().await;
            let moved = fresh_mobile();
            let (number, done) = match change {
                "password" => {
                    let body = json!({ "password": PASSWORD, "new_password": "a new one 9" });
                    let request = here.request(Method::PUT, "/api/v1/user/password");
                    let request = request.header(CONTENT_TYPE, "application/json");
                    (&mobile, here.send(request.body(body.to_string())).await)
                }
                "mobile" => {
                    let sms_code = code(&here, &moved, "rebind").await;
                    let body =
                        json!({ "mobile": moved, "sms_code": sms_code, "password": PASSWORD });
                    let request = here.request(Method::PUT, "/api/v1/user/mobile");
                    let request = request.header(CONTENT_TYPE, "application/json");
                    (&moved, here.send(request.body(body.to_string())).await)
                }
                _ => {
                    let sms_code = code(&here, &mobile, "reset").await;
                    let body = json!({
                        "mobile": mobile, "sms_code": sms_code, "password": "a new one 9",
                    });
                    (&mobile, here.post_json("/api/v1/password-resets", &body).await)
                }
            };
            assert_eq!(done.status, StatusCode::OK, "{change}: {done:?}");

            assert!(is_known(app, &here, number).await, "{change}");
            assert!(!is_known(app, &there, number).await, "{change}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_lock_forgets_every_device_and_time_forgets_unused_ones() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let selector = AccountSelector::Mobile(Mobile::from_stored(mobile.clone()));
        lock_user(&app.state.db, &selector).await.expect("locked");
        assert!(!is_known(app, &client, &mobile).await);

        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let now = app.state.clock.now();
        cleanup(&app.state, now + 179 * DAY).await.expect("cleaned");
        assert!(is_known(app, &client, &mobile).await);
        let cleaned = cleanup(&app.state, now + 181 * DAY).await.expect("cleaned");
        assert_eq!(cleaned.expect("nobody else is at it").devices, 1);
        assert!(!is_known(app, &client, &mobile).await);
    })
    .await;
}

#[tokio::test]
async fn the_cookie_signs_nobody_in() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let device = signed_out(&client);

        assert!(!device.is_signed_in().await);
        let fields = [("login", mobile.as_str()), ("password", "not it at all")];
        let refused = Interface::Json.perform(&device, Action::SignIn, &fields).await;
        assert_eq!(refused.errno(), "4102");
    })
    .await;
}
