//! Double clicks in older front-ends: the cookie that the browser got with its code replaces the idempotency key.

use futures_util::future::join_all;
use reqwest::Method;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each, on_each_with},
    client::TestClient,
};

use super::{Body, Request, assert_answer, assert_is_person, new_id, solved};

const SPOKEN: [(&str, &str); 1] = [("DIALECTS", "ihome,passport,drf")];

fn ask<'a>(path: &str, fields: &[(&'a str, &'a str)]) -> Request<'a> {
    Request { method: Method::POST, path: path.to_owned(), fields: fields.to_vec() }
}

#[tokio::test]
async fn a_repeated_registration_creates_one_account_and_both_requests_succeed() {
    on_each(async |app| {
        for (send, register, of_code) in [
            ("/api/v1.0/sms_code", "/api/v1.0/users", "sms_code"),
            ("/passport/sms_code", "/passport/register", "smscode"),
        ] {
            let (client, mobile, id) = (app.client(), fresh_mobile(), new_id());
            let text = solved(&client, &format!("/api/v1.0/image_codes/{id}"), &id).await;
            let fields = [("mobile", &*mobile), ("image_code", &*text), ("image_code_id", &*id)];
            assert_answer(&ask(send, &fields).by(&client, Body::Json).await, "0");
            let code = app.gateway.code_for(&mobile);
            let fields = [("mobile", &*mobile), (of_code, &*code), ("password", PASSWORD)];

            let clicks = (0..2).map(async |_| ask(register, &fields).by(&client, Body::Json).await);
            for response in join_all(clicks).await {
                assert_is_person(&assert_answer(&response, "0"), &mobile);
            }
            let again = ask(register, &fields).by(&client, Body::Json).await;
            assert_is_person(&assert_answer(&again, "0"), &mobile);
            assert!(client.is_signed_in().await);

            let thief = app.client();
            assert_answer(&ask(register, &fields).by(&thief, Body::Json).await, "4002");
            assert!(!thief.is_signed_in().await);
        }
    })
    .await;
}

/// Solves a captcha, requests a code and returns it.
async fn texted(client: &TestClient<'_>, mobile: &str) -> String {
    let (id, answer) = client.solve_captcha().await;
    let fields = [("mobile", mobile), ("image_code_id", &*id), ("image_code", &*answer)];
    let sent = ask("/api/v1/user/send_sms/", &fields).by(client, Body::Json).await;
    assert_eq!(sent.json()["code"], 100, "{sent:?}");
    client.app.wait_for_background_tasks().await;
    client.app.gateway.code_for(mobile)
}

#[tokio::test]
async fn a_sign_in_by_code_that_is_sent_twice_gets_one_token() {
    on_each_with(&SPOKEN, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        app.client().register(&mobile).await;
        app.skip_resend_wait().await;
        let code = texted(&client, &mobile).await;
        let fields = [("mobile", &*mobile), ("code", &*code)];
        let path = "/api/v1/user/login_sms/";

        let clicks = (0..2).map(async |_| ask(path, &fields).by(&client, Body::Json).await);
        let clicks = join_all(clicks).await;

        for response in &clicks {
            assert_eq!(response.json()["code"], 100, "{response:?}");
            assert_eq!(response.body, clicks[0].body);
        }
        // The attacker has the code, and has requested one for the number too.
        let thief = app.client();
        app.skip_resend_wait().await;
        texted(&thief, &mobile).await;
        for client in [&thief, &app.client()] {
            let refused = ask(path, &fields).by(client, Body::Json).await;
            assert_eq!(refused.json()["code"], 101, "{refused:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn where_a_password_is_required_a_repeated_code_of_an_unknown_number_registers_one_account() {
    let settings = [&SPOKEN[..], &[("ACCOUNT_PASSWORD", "required")]].concat();
    on_each_with(&settings, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let code = texted(&client, &mobile).await;
        let fields = [("mobile", &*mobile), ("code", &*code)];
        let login = (0..2)
            .map(async |_| ask("/api/v1/user/login_sms/", &fields).by(&client, Body::Json).await);
        for response in join_all(login).await {
            let message = response.json()["msg"].as_str().expect("a text").to_owned();
            assert!(message.contains("验证码仍然有效"), "{response:?}");
        }
        let fields = [("mobile", &*mobile), ("code", &*code), ("password", PASSWORD)];
        let register = (0..2)
            .map(async |_| ask("/api/v1/user/register/", &fields).by(&client, Body::Json).await);
        for response in join_all(register).await {
            assert_eq!(response.json()["msg"], "注册成功", "{response:?}");
        }
    })
    .await;
}
