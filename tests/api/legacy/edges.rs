//! Other sites, disabled legacy APIs, request bodies and error messages.

use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each, on_each_with},
    client::FORM,
    interface::Interface,
};

use super::{Body, Request, assert_answer, credentials, new_id, solved};

#[tokio::test]
async fn another_site_can_neither_send_messages_nor_sign_out_by_get() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let client = app.client().signed_in(&mobile).await;
        let texted = app.gateway.messages().len();
        let own = app.base.clone();
        let elsewhere: [&[(&str, &str)]; 9] = [
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            // A link in an e-mail is followed with this header.
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "none"), ("referer", &own)],
            &[("sec-fetch-site", "cross-site"), ("referer", &own)],
            &[("origin", "https://evil.example")],
            &[("referer", "https://evil.example/page")],
            &[("referer", "http://127.0.0.1.evil.example/")],
            &[("referer", "")],
        ];
        let id = new_id();
        let response = solved(&client, &format!("/api/v1.0/image_codes/{id}"), &id).await;
        let send = format!(
            "/api/v1.0/sms_codes/{}?image_code={response}&image_code_id={id}",
            fresh_mobile()
        );
        for headers in elsewhere {
            for path in
                [&*send, "/api/v1.0/logout", "/passport/logout", "/passport/exit", "/logout"]
            {
                let request = client.request_without_origin(Method::GET, path);
                let request = headers
                    .iter()
                    .fold(request, |request, (name, value)| request.header(*name, *value));
                let refused = client.send(request).await;

                assert_eq!(refused.status.as_u16(), 403, "{headers:?} {path}: {refused:?}");
                assert_eq!(refused.errno(), "4201");
                assert!(refused.cookies().is_empty());
            }
        }
        assert!(client.is_signed_in().await);
        assert_eq!(app.gateway.messages().len(), texted);
        assert_eq!(app.answer_of(&id).await, Some(response), "the picture is not used up");
    })
    .await;
}

#[tokio::test]
async fn our_own_pages_sign_out_by_get_in_old_browsers_too() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let page = format!("{}/my.html", app.base);
        for (name, value) in [("sec-fetch-site", "same-origin"), ("referer", &*page)] {
            let client = app.client();
            Interface::Json
                .assert_success(&Interface::Json.sign_in(&client, &mobile, PASSWORD).await, 200);
            let silent =
                client.send(client.request_without_origin(Method::GET, "/passport/logout")).await;
            assert_eq!(silent.status.as_u16(), 403, "who says nothing is not believed: {silent:?}");
            assert!(client.is_signed_in().await);

            let request =
                client.request_without_origin(Method::GET, "/passport/logout").header(name, value);
            assert_answer(&client.send(request).await, "0");

            assert!(!client.is_signed_in().await, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_disabled_legacy_api_is_404() {
    on_each_with(&[("DIALECTS", "none")], async |app| {
        let client = app.client();
        for path in [
            "/api/v1.0/session",
            "/api/users",
            "/passport/image_code",
            "/image_code",
            "/api/v1/user/mobile/?mobile=1",
        ] {
            let response = client.get(path).await;
            assert_eq!(response.status.as_u16(), 404, "{path}: {response:?}");
        }
        let json = client.post_json("/login", &json!({ "mobile": "1", "password": "x" })).await;
        assert_eq!(json.status.as_u16(), 415, "the page alone takes it: {json:?}");
    })
    .await;
    on_each_with(&[("DIALECTS", "passport")], async |app| {
        let client = app.client();
        assert_eq!(client.get("/api/v1.0/session").await.status.as_u16(), 404);
        let json = client.post_json("/login", &json!({ "mobile": "1", "password": "x" })).await;
        assert_answer(&json, "4106");
    })
    .await;
}

#[tokio::test]
async fn json_sent_as_a_form_is_read_here_and_refused_by_our_own_api() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let body = json!({ "mobile": mobile, "password": PASSWORD }).to_string();
        let own = json!({ "login": mobile, "password": PASSWORD }).to_string();

        assert_answer(&client.post_body("/api/v1.0/sessions", FORM, body).await, "0");
        let refused = client.post_body("/api/v1/session", FORM, own).await;

        Interface::Json.assert_refused(&refused, (415, "4103"), "error-unsupported-type", &[]);
    })
    .await;
}

#[tokio::test]
async fn a_value_under_two_names_must_be_one_value() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let other = fresh_mobile();
        let cases = [(&*mobile, "0"), (&*other, "4103"), ("", "0")];
        for (second, errno) in cases {
            let mut fields = credentials(&mobile);
            fields.push(("phone_num", second.to_owned()));
            let fields = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let path = "/api/v1.0/sessions".to_owned();
            let sign_in = Request { method: Method::POST, path, fields };

            assert_answer(&sign_in.by(&app.client(), Body::Json).await, errno);
        }
    })
    .await;
}

/// Scripts that read a field with `Number()` send numbers.
#[tokio::test]
async fn a_number_and_a_code_may_be_json_numbers() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let number: u64 = mobile.parse().expect("digits");
        for (sms_codes, users, sessions, code_name) in [
            ("/api/v1.0/sms_codes", "/api/v1.0/users", "/api/v1.0/sessions", "sms_code"),
            ("/passport/sms_code", "/passport/register", "/passport/login", "smscode"),
        ] {
            let number = number + u64::from(code_name == "smscode");
            let mobile = number.to_string();
            let (id, answer) = client.solve_captcha().await;
            let body = json!({ "mobile": number, "image_code": answer, "image_code_id": id });
            assert_answer(&client.post_json(sms_codes, &body).await, "0");
            let code = app.gateway.code_for(&mobile);

            // A number loses its leading zero, so that the code is wrong.
            let cut = code[1..].parse::<u64>().expect("digits");
            let body = json!({ "mobile": number, code_name: cut, "password": PASSWORD });
            let refused = assert_answer(&client.post_json(users, &body).await, "4103");
            assert!(refused["errmsg"].to_string().contains("6 位验证码"), "{refused}");

            if code.starts_with('0') {
                let body = json!({ "mobile": number, code_name: code, "password": PASSWORD });
                assert_answer(&client.post_json(users, &body).await, "0");
            } else {
                let code: u64 = code.parse().expect("digits");
                let body = json!({ "mobile": number, code_name: code, "password": PASSWORD });
                assert_answer(&client.post_json(users, &body).await, "0");
            }
            let body = json!({ "mobile": number, "password": PASSWORD });
            assert_answer(&app.client().post_json(sessions, &body).await, "0");

            // Only whole numbers are accepted, and no number is a password.
            for wrong in [json!(-5), json!(1.5), json!(1e30)] {
                let body = json!({ "mobile": wrong, "password": PASSWORD });
                assert_answer(&app.client().post_json(sessions, &body).await, "4103");
            }
            let body = json!({ "mobile": number, "password": 12_345_678 });
            assert_answer(&app.client().post_json(sessions, &body).await, "4103");
        }
    })
    .await;
}

#[tokio::test]
async fn an_unreadable_body_is_answered_in_the_legacy_envelope() {
    on_each(async |app| {
        let client = app.client();
        for (content_type, body) in [
            ("application/json", "{"),
            ("application/json", "[]"),
            ("application/json", r#"{"mobile":1}x"#),
            (FORM, "mobile=%ff"),
            ("multipart/form-data; boundary=x", "--x"),
            ("text/plain", "mobile"),
            ("application/json", r#"{"mobile":{"$gt":""},"password":["x"]}"#),
            ("application/json", r#"{"mobile":13800138000,"password":null}"#),
        ] {
            let request = client.request(Method::POST, "/api/v1.0/sessions");
            let response = client.send(request.header(CONTENT_TYPE, content_type).body(body)).await;
            assert_answer(&response, "4103");
        }
    })
    .await;
}

#[tokio::test]
async fn after_too_many_failures_another_way_to_sign_in_is_named() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let sign_in = async |fields: &[(&str, &str)]| {
            let fields = [&[("mobile", &*mobile), ("password", PASSWORD)], fields].concat();
            let path = "/api/v1.0/sessions".to_owned();
            Request { method: Method::POST, path, fields }.by(&app.client(), Body::Json).await
        };
        for _ in 0..3 {
            Interface::Ihome.sign_in(&app.client(), &mobile, "wrong horse 7").await;
        }

        let demanded = assert_answer(&sign_in(&[]).await, "4106");
        let (id, answer) = app.client().solve_captcha().await;
        let let_in = sign_in(&[("image_code", &answer), ("image_code_id", &id)]).await;

        assert!(demanded["errmsg"].as_str().expect("a text").contains("/login"), "{demanded}");
        assert_eq!(demanded["data"], json!({ "captcha_required": true }));
        assert_answer(&let_in, "0");
    })
    .await;
}

#[tokio::test]
async fn messages_are_in_english_for_an_english_client() {
    on_each(async |app| {
        let client = app.client();
        let request = client.request_without_origin(Method::GET, "/api/v1.0/session");
        let response = client.send(request.header("accept-language", "en")).await;

        assert_eq!(assert_answer(&response, "4101")["errmsg"], "Not signed in");
    })
    .await;
}

/// These front-ends show one message for all fields.
#[tokio::test]
async fn every_field_that_was_refused_is_named() {
    on_each(async |app| {
        let cases = [
            (
                "zh-CN",
                "参数错误：「手机号」请填写此项 「短信验证码」请输入 6 位验证码 「密码」密码至少 8 位",
            ),
            (
                "en",
                "Bad parameters: “Mobile number”: Please fill this in. “SMS code”: Enter the 6-digit code. \
                 “Password”: Use at least 8 characters.",
            ),
        ];
        for (language, expected) in cases {
            let client = app.client();
            let body = json!({ "sms_code": "1", "password": "x" }).to_string();
            let request = client.request(Method::POST, "/api/v1.0/users");
            let request = request.header(CONTENT_TYPE, "application/json").body(body);
            let response = client.send(request.header("accept-language", language)).await;
            assert_eq!(assert_answer(&response, "4103")["errmsg"], expected);
        }
        // A captcha counts as one field, although it is sent in two.
        let client = app.client();
        let path = "/api/v1.0/sms_code".to_owned();
        let send = Request { method: Method::POST, path, fields: Vec::new() };
        let answer = assert_answer(&send.by(&client, Body::Json).await, "4103");
        assert_eq!(
            answer["errmsg"],
            "参数错误：「手机号」请填写此项 「图片验证码」请填写此项"
        );
        let path = "/api/v1.0/sessions".to_owned();
        let sign_in = Request { method: Method::POST, path, fields: Vec::new() };
        let answer = assert_answer(&sign_in.by(&client, Body::Json).await, "4103");
        assert_eq!(answer["errmsg"], "参数错误：「手机号」请填写此项 「密码」请填写此项");
    })
    .await;
}

/// These front-ends compute no proof of work, so the captcha itself is the harder one.
#[tokio::test]
async fn where_a_proof_of_work_is_required_the_captcha_is_longer() {
    on_each_with(&[("POW", "always")], async |app| {
        let (client, mobile, id) = (app.client(), fresh_mobile(), new_id());
        let picture = client.get(&format!("/api/v1.0/image_codes/{id}")).await;
        assert_eq!(picture.status.as_u16(), 200);
        let answer = app.answer_of(&id).await.expect("an answer");
        assert_eq!(answer.len(), 6);

        let fields = vec![("mobile", &*mobile), ("image_code", &*answer), ("image_code_id", &*id)];
        let path = "/api/v1.0/sms_code".to_owned();
        let send = Request { method: Method::POST, path, fields };
        assert_answer(&send.by(&client, Body::Json).await, "0");

        assert_eq!(app.gateway.count_for(&mobile), 1);
    })
    .await;
}
