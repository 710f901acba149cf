//! The legacy API of Django REST framework, request by request.

use reqwest::{Method, header::AUTHORIZATION};
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each_with},
    client::{TestClient, TestResponse},
};

use super::{BODIES, Body, Request};

const SPOKEN: [(&str, &str); 1] = [("DIALECTS", "ihome,passport,drf")];

#[track_caller]
fn assert_answer(response: &TestResponse, code: u64, msg: &str) -> Value {
    assert_eq!(response.status.as_u16(), 200, "{response:?}");
    let json = response.json();
    assert_eq!((&json["code"], &json["msg"]), (&json!(code), &json!(msg)), "{response:?}");
    json
}

/// Sends a request to a path under `/api/v1/user/`.
async fn request_code(
    client: &TestClient<'_>,
    method: Method,
    path: &str,
    fields: Vec<(&str, &str)>,
) -> TestResponse {
    Request { method, path: format!("/api/v1/user/{path}"), fields }.by(client, Body::Json).await
}

/// Solves a captcha, requests a code and returns it.
async fn texted(client: &TestClient<'_>, mobile: &str) -> String {
    let (id, answer) = client.solve_captcha().await;
    let fields = vec![("mobile", mobile), ("image_code_id", &*id), ("image_code", &*answer)];
    let sent = request_code(client, Method::POST, "send_sms/", fields).await;
    assert_answer(&sent, 100, "发送成功");
    // The answer does not wait for the provider.
    client.app.wait_for_background_tasks().await;
    client.app.gateway.code_for(mobile)
}

/// Checks that the token works with each of the three schemes.
async fn assert_token_works(client: &TestClient<'_>, entered: &Value) {
    let token = entered["token"].as_str().expect("a token");
    assert!(!entered["username"].as_str().expect("a name").is_empty());
    for scheme in ["Bearer", "Token", "jwt", "JWT"] {
        let request = client.request_without_origin(Method::GET, "/api/v1/session");
        let me = client.send(request.header(AUTHORIZATION, format!("{scheme} {token}"))).await;
        assert_eq!(me.errno(), "0", "{scheme}: {me:?}");
    }
}

#[tokio::test]
async fn a_person_registers_and_signs_in_by_code_and_by_password() {
    on_each_with(&SPOKEN, async |app| {
        for body in BODIES {
            let (client, mobile) = (app.client(), fresh_mobile());
            let code = texted(&client, &mobile).await;
            let fields = vec![("mobile", &*mobile), ("code", &*code), ("password", PASSWORD)];
            let path = "/api/v1/user/register/".to_owned();
            let register = Request { method: Method::POST, path, fields };
            let registered = assert_answer(&register.by(&client, body).await, 100, "注册成功");
            assert_token_works(&client, &registered).await;

            let name = registered["username"].as_str().expect("a name");
            for login in [&*mobile, name] {
                let fields = vec![("username", login), ("password", PASSWORD)];
                let entered = request_code(&client, Method::POST, "login_mul", fields).await;
                assert_token_works(&client, &assert_answer(&entered, 100, "成功")).await;
            }
            assert!(
                client.cookie_jar().keys().all(|key| key != "haoma"),
                "no cookie beside a token"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_registered_person_signs_in_by_code() {
    on_each_with(&SPOKEN, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        app.client().register(&mobile).await;
        // The minute between two messages counts over all interfaces.
        let (id, answer) = client.solve_captcha().await;
        let fields = vec![("mobile", &*mobile), ("image_code_id", &*id), ("image_code", &*answer)];
        let early = request_code(&client, Method::POST, "send_sms/", fields).await;
        assert_eq!(early.json()["code"], 101, "{early:?}");
        app.skip_resend_wait().await;
        let code = texted(&client, &mobile).await;
        let wrong = vec![("mobile", &*mobile), ("code", "000000")];
        let wrong =
            if code == "000000" { vec![("mobile", &*mobile), ("code", "1")] } else { wrong };
        let refused = request_code(&client, Method::POST, "login_sms/", wrong).await;
        assert_eq!(refused.json()["code"], 101, "{refused:?}");

        let fields = vec![("mobile", &*mobile), ("code", &*code)];
        let entered = request_code(&client, Method::POST, "login_sms/", fields).await;

        assert_token_works(&client, &assert_answer(&entered, 100, "成功")).await;
    })
    .await;
}

#[tokio::test]
async fn whether_a_number_exists_costs_a_solved_captcha() {
    on_each_with(&SPOKEN, async |app| {
        let (client, known) = (app.client(), fresh_mobile());
        app.client().register(&known).await;
        for (mobile, exists) in [(known, true), (fresh_mobile(), false)] {
            let bare =
                request_code(&client, Method::GET, "mobile/", vec![("mobile", &mobile)]).await;
            assert_eq!((&bare.json()["code"], bare.json().get("exists")), (&json!(101), None));

            let (id, answer) = client.solve_captcha().await;
            let fields =
                vec![("mobile", &*mobile), ("image_code_id", &*id), ("image_code", &*answer)];
            let response = request_code(&client, Method::GET, "mobile/", fields.clone()).await;
            let again = request_code(&client, Method::GET, "mobile/", fields).await;

            assert_eq!(assert_answer(&response, 100, "成功")["exists"], exists);
            assert_answer(&again, 101, "图片验证码已过期");
        }
        assert_eq!(app.gateway.messages().len(), 1, "it sent no message");
    })
    .await;
}

#[tokio::test]
async fn another_site_cannot_spend_a_captcha_to_learn_whether_a_number_exists() {
    on_each_with(&SPOKEN, async |app| {
        let client = app.client();
        let (id, answer) = client.solve_captcha().await;
        let path = format!(
            "/api/v1/user/mobile/?mobile={}&image_code_id={id}&image_code={answer}",
            fresh_mobile()
        );
        for site in ["cross-site", "same-site", "none"] {
            let request =
                client.request_without_origin(Method::GET, &path).header("sec-fetch-site", site);
            assert_eq!(client.send(request).await.status.as_u16(), 403, "{site}");
        }
        assert_eq!(app.answer_of(&id).await, Some(answer), "it is not used up");
    })
    .await;
}

/// "验证码仍然有效": a code that verified a number without an account also registers it.
#[tokio::test]
async fn where_a_password_is_required_a_code_used_to_sign_in_without_an_account_registers() {
    let settings = [SPOKEN[0], ("ACCOUNT_PASSWORD", "required")];
    on_each_with(&settings, async |app| {
        for body in BODIES {
            let (client, mobile) = (app.client(), fresh_mobile());
            let code = texted(&client, &mobile).await;
            let fields = vec![("mobile", &*mobile), ("code", &*code)];
            let unknown = request_code(&client, Method::POST, "login_sms/", fields).await;
            let answer = unknown.json();
            assert_eq!(answer["code"], 101, "{unknown:?}");
            assert!(answer["msg"].as_str().expect("a text").contains("验证码仍然有效"));

            let wrong = if code == "000000" { "000001" } else { "000000" };
            for (code, is_right) in [(wrong, false), (&*code, true), (&*code, false)] {
                let fields = vec![("mobile", &*mobile), ("code", code), ("password", PASSWORD)];
                let path = "/api/v1/user/register/".to_owned();
                let register = Request { method: Method::POST, path, fields };
                // For another browser it is no repetition.
                let client = if is_right { &client } else { &app.client() };
                let response = register.by(client, body).await;
                if is_right {
                    assert_token_works(client, &assert_answer(&response, 100, "注册成功")).await;
                } else {
                    assert_eq!(response.json()["code"], 101, "{response:?}");
                }
            }
            assert_eq!(app.gateway.count_for(&mobile), 1, "no second message is sent");
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_for_a_number_without_an_account_creates_one() {
    on_each_with(&SPOKEN, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let code = texted(&client, &mobile).await;
        let fields = vec![("mobile", &*mobile), ("code", &*code)];

        let answer = request_code(&client, Method::POST, "login_sms/", fields).await;

        let answer = answer.json();
        assert_eq!(answer["code"], 100, "{answer}");
        assert_token_works(&client, &answer).await;
    })
    .await;
}

#[tokio::test]
async fn with_hidden_registration_this_api_does_not_reveal_it_either() {
    let settings = [SPOKEN[0], ("REVEAL_REGISTERED", "off")];
    on_each_with(&settings, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let (id, answer) = client.solve_captcha().await;
        let fields = vec![("mobile", &*mobile), ("image_code_id", &*id), ("image_code", &*answer)];

        let refused = request_code(&client, Method::GET, "mobile/", fields).await;

        assert_eq!((&refused.json()["code"], refused.json().get("exists")), (&json!(101), None));
    })
    .await;
}

#[tokio::test]
async fn without_a_captcha_a_message_is_sent_only_if_the_operator_allows_it() {
    on_each_with(&SPOKEN, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let refused =
            request_code(&client, Method::POST, "send_sms/", vec![("mobile", &mobile)]).await;
        assert_eq!(refused.json()["code"], 101, "{refused:?}");
        assert_eq!(app.gateway.count_for(&mobile), 0);
    })
    .await;
    let settings =
        [SPOKEN[0], ("DRF_SEND_WITHOUT_CAPTCHA", "on"), ("SMS_PER_ADDRESS_10_MINUTES", "30")];
    on_each_with(&settings, async |app| {
        let client = app.client();
        let mut codes = Vec::new();
        for _ in 0..4 {
            let sent =
                request_code(&client, Method::POST, "send_sms/", vec![("mobile", &fresh_mobile())])
                    .await;
            codes.push(sent.json()["code"].as_u64());
        }
        assert_eq!(codes, [Some(100), Some(100), Some(100), Some(101)], "a tenth of the limit");
        // With a captcha, the other limits can still be used up.
        texted(&client, &fresh_mobile()).await;
    })
    .await;
}

#[tokio::test]
async fn the_number_of_an_account_is_changed_at_the_same_address_as_ever() {
    on_each_with(&SPOKEN, async |app| {
        let client = app.client();
        let response = client.send(client.request(Method::PUT, "/api/v1/user/mobile")).await;

        assert_eq!((response.status.as_u16(), response.errno()), (401, "4101".to_owned()));
    })
    .await;
}
