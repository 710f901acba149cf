//! The legacy API under `/api/v1.0`, request by request.

use reqwest::Method;
use serde_json::json;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each, on_each_with},
    client::TestClient,
};

use super::{BODIES, Body, Request, assert_answer, assert_is_person, new_id, solved, texted};

/// These tests send more messages than the default budget of a minute allows.
const HIGH_BUDGET: [(&str, &str); 1] = [("SMS_PER_MINUTE", "1000")];
const PREFIXES: [&str; 4] = ["/api/v1.0", "/api/v1_0", "/api/1.0", "/api"];

/// Returns a path under a prefix, with and without a trailing slash.
fn paths(prefix: &str, path: &str) -> [String; 2] {
    [format!("{prefix}/{path}"), format!("{prefix}/{path}/")]
}

#[tokio::test]
async fn a_picture_is_drawn_under_every_path_and_name() {
    on_each(async |app| {
        let client = app.client();
        for prefix in PREFIXES {
            for name in ["image_codes", "image_code", "imagecode", "img_code", "img_codes"] {
                let id = new_id();
                for path in paths(prefix, &format!("{name}/{id}")) {
                    solved(&client, &path, &id).await;
                }
            }
            for name in ["image_code", "imageCode", "img_code", "imagecode"] {
                for field in
                    ["cur_id", "uuid", "codeid", "code_id", "cur", "imageCodeId", "image_code_id"]
                {
                    let id = new_id();
                    solved(&client, &format!("{prefix}/{name}?{field}={id}"), &id).await;
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_replaced_captcha_is_invalid() {
    on_each(async |app| {
        let client = app.client();
        for field in ["pre_id", "last_uuid", "pre_uuid", "precodeid", "pre"] {
            let (first, second) = (new_id(), new_id());
            solved(&client, &format!("/api/v1.0/image_code?cur_id={first}&{field}="), &first).await;
            let path = format!("/api/v1.0/image_code?cur_id={second}&{field}={first}");
            solved(&client, &path, &second).await;

            assert_eq!(app.answer_of(&first).await, None, "{field}");
            // The id of the captcha itself and invalid ids replace no captcha.
            for odd in [&*second, "undefined", "null", "%00", "%7B%7D"] {
                let path = format!("/api/v1.0/image_code?cur_id={second}&{field}={odd}");
                solved(&client, &path, &second).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_millisecond_is_a_captcha_id_and_an_invalid_id_is_refused() {
    on_each(async |app| {
        let client = app.client();
        let id = rand::random_range(1_000_000_000_000_u64..9_999_999_999_999).to_string();
        solved(&client, &format!("/api/v1.0/image_codes/{id}"), &id).await;

        for path in
            ["/api/v1.0/image_codes/a%3Ab", "/api/v1.0/image_code", "/api/v1.0/image_code?cur_id="]
        {
            let refused = client.get(path).await;
            assert_eq!(refused.status.as_u16(), 400, "{path}: {refused:?}");
            assert_eq!(refused.errno(), "4103");
        }
    })
    .await;
}

/// Requests a code with a solved captcha, in the fields of this legacy API.
async fn request_code(
    client: &TestClient<'_>,
    ask: impl Fn(String, String, String) -> (Request<'static>, Vec<(String, String)>),
    body: Body,
) {
    let (id, mobile) = (new_id(), fresh_mobile());
    let response = solved(client, &format!("/api/v1.0/image_codes/{id}"), &id).await;
    let (ask, fields) = ask(mobile.clone(), id, response);
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let ask = Request { method: ask.method, path: ask.path, fields };

    let sent = ask.by(client, body).await;

    let json = assert_answer(&sent, "0");
    assert_eq!(json["errmsg"], "成功");
    assert_eq!(json["data"], json!({ "resend_after": 60, "expires_in": 300 }));
    let is_versioned = PREFIXES[..3].iter().any(|name| ask.path.starts_with(name));
    assert_eq!(json.get("code"), (!is_versioned).then_some(&json!("200")));
    assert_eq!(client.app.gateway.count_for(&mobile), 1, "{}", ask.path);
}

fn bare(method: &Method, path: String) -> Request<'static> {
    Request { method: method.clone(), path, fields: Vec::new() }
}

#[tokio::test]
async fn a_code_is_texted_under_every_path() {
    on_each_with(&HIGH_BUDGET, async |app| {
        let client = app.client();
        let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        for prefix in PREFIXES {
            for name in ["sms_codes", "smscode", "mobile_code"] {
                request_code(
                    &client,
                    |mobile, id, answer| {
                        let [_, path] = paths(prefix, &format!("{name}/{mobile}"));
                        let fields =
                            vec![field("image_code", &answer), field("image_code_id", &id)];
                        (bare(&Method::GET, path), fields)
                    },
                    Body::Form,
                )
                .await;
            }
            let posts = ["sms_code", "sms_codes", "smsCode", "smscode"];
            let all = posts
                .map(|path| (Method::POST, path))
                .into_iter()
                .chain([(Method::GET, "sms_codes")]);
            for (method, name) in all {
                for body in BODIES {
                    request_code(
                        &client,
                        |mobile, id, answer| {
                            let [path, _] = paths(prefix, name);
                            let fields = vec![
                                field("mobile", &mobile),
                                field("image_code", &answer),
                                field("image_code_id", &id),
                            ];
                            (bare(&method, path), fields)
                        },
                        body,
                    )
                    .await;
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_is_texted_under_every_name() {
    const MOBILES: [&str; 2] = ["mobile", "phone_num"];
    const TEXTS: [&str; 7] =
        ["image_code", "image_code_text", "image_codes", "imageCode", "img_code", "text", "code"];
    const IDS: [&str; 7] =
        ["image_code_id", "imageCodeId", "img_code_id", "image_code_key", "codeId", "uuid", "id"];
    on_each_with(&HIGH_BUDGET, async |app| {
        let client = app.client();
        let cases = MOBILES.into_iter().map(|mobile| (mobile, TEXTS[0], IDS[0]));
        let cases = cases.chain(TEXTS.into_iter().map(|text| (MOBILES[0], text, IDS[0])));
        let cases = cases.chain(IDS.into_iter().map(|id| (MOBILES[0], TEXTS[0], id)));
        for (of_mobile, of_text, of_id) in cases {
            for method in [Method::GET, Method::POST] {
                request_code(
                    &client,
                    |mobile, id, answer| {
                        let fields = [(of_mobile, mobile), (of_text, answer), (of_id, id)];
                        let fields = fields.map(|(name, value)| (name.to_owned(), value)).into();
                        (bare(&method, "/api/v1.0/sms_codes".to_owned()), fields)
                    },
                    Body::Json,
                )
                .await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_person_registers_under_every_path_and_name_and_is_signed_in() {
    const CODES: [&str; 6] =
        ["sms_code", "smscode", "phonecode", "phoneCode", "phone_code", "mobile_code"];
    const PASSWORDS: [&str; 3] = ["password", "passwd", "pwd"];
    on_each(async |app| {
        let of_paths = PREFIXES.into_iter().flat_map(|prefix| {
            ["users", "user", "register"].into_iter().flat_map(move |name| paths(prefix, name))
        });
        let of_paths = of_paths.map(|path| (path, "mobile", CODES[0], PASSWORDS[0], "password2"));
        let path = || "/api/v1.0/users".to_owned();
        let of_codes = CODES.map(|code| (path(), "phone_num", code, PASSWORDS[0], "passwd2"));
        let of_passwords = PASSWORDS.map(|password| (path(), "mobile", CODES[0], password, "cpwd"));
        let cases = of_paths.chain(of_codes).chain(of_passwords);
        for ((path, of_mobile, of_code, of_password, of_again), body) in
            cases.zip(BODIES.into_iter().cycle())
        {
            let (client, mobile) = (app.client(), fresh_mobile());
            let code = texted(app, &client, &mobile).await;
            let register = Request {
                method: Method::POST,
                path,
                fields: vec![
                    (of_mobile, &mobile),
                    (of_code, &code),
                    (of_password, PASSWORD),
                    (of_again, PASSWORD),
                    ("nobody_knows", "what this is"),
                ],
            };

            let registered = register.by(&client, body).await;

            assert_is_person(&assert_answer(&registered, "0"), &mobile);
            assert!(client.is_signed_in().await, "{}", register.path);
        }
    })
    .await;
}

#[tokio::test]
async fn two_passwords_that_differ_are_refused_before_the_code_is_touched() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let code = texted(app, &client, &mobile).await;
        for (again, errno) in [("correct horse 8", "4103"), (PASSWORD, "0")] {
            for name in ["password2", "passwd2", "cpwd"] {
                let fields = vec![
                    ("mobile", &*mobile),
                    ("sms_code", &*code),
                    ("password", PASSWORD),
                    (name, again),
                ];
                let path = "/api/v1.0/users".to_owned();
                let register = Request { method: Method::POST, path, fields };
                let response = register.by(&client, Body::Json).await;
                let json = assert_answer(&response, errno);
                if errno == "0" {
                    return;
                }
                let message = json["errmsg"].as_str().expect("a text").to_owned();
                assert!(message.contains("两次输入的密码不一致"), "{message}");
            }
        }
    })
    .await;
}

/// The paths where front-ends ask who is signed in, or for a part of the profile.
const USER_PATHS: [&str; 19] = [
    "session",
    "sessions",
    "users/sessions",
    "checklogin",
    "check_login",
    "check_index_login",
    "user",
    "users",
    "my",
    "profile",
    "profile/info",
    "user/info",
    "users/info",
    "user-info",
    "user_info",
    "user/avatar",
    "users/avatar",
    "users/show_avatar",
    "users/show_name-mobile",
];

#[tokio::test]
async fn a_person_signs_in_and_out_under_every_path_and_name() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let ins = ["sessions", "session", "login"];
        let outs = [
            ("session", Method::DELETE),
            ("sessions", Method::DELETE),
            ("logout", Method::DELETE),
            ("logout", Method::GET),
        ];
        let names = ["mobile", "phone", "phone_num", "username"];
        let passwords = ["password", "passwd", "pwd"];
        for prefix in PREFIXES {
            for (turn, (out, method)) in outs.iter().enumerate() {
                let client = app.client();
                let [path, _] = paths(prefix, ins[turn % ins.len()]);
                let fields = vec![
                    (names[turn], mobile.as_str()),
                    (passwords[turn % passwords.len()], PASSWORD),
                    ("image_code", "abcd"),
                ];
                let sign_in = Request { method: Method::POST, path, fields };
                let entered = assert_answer(&sign_in.by(&client, BODIES[turn % 3]).await, "0");
                assert_is_person(&entered, &mobile);
                assert_eq!(entered["next_url"], "/");
                for name in USER_PATHS {
                    for path in paths(prefix, name) {
                        let me = assert_answer(&client.get(&path).await, "0");
                        assert_is_person(&me, &mobile);
                        assert_eq!(me.get("code"), (prefix == "/api").then_some(&json!("200")));
                    }
                }

                let [_, path] = paths(prefix, out);
                let left = Request { method: method.clone(), path, fields: Vec::new() };
                assert_answer(&left.by(&client, Body::Form).await, "0");

                assert!(!client.is_signed_in().await);
                for name in USER_PATHS {
                    let [path, _] = paths(prefix, name);
                    assert_no_user(&client, prefix, &path).await;
                }
            }
        }
    })
    .await;
}

/// Checks the answer without a session; one path reports success then.
async fn assert_no_user(client: &TestClient<'_>, prefix: &str, path: &str) {
    let response = client.get(path).await;
    if path == "/api/1.0/sessions" {
        let json = assert_answer(&response, "0");
        assert_eq!((&json["data"], &json["user"]), (&json!({}), &json!({})));
        return;
    }
    let json = assert_answer(&response, "4101");
    assert_eq!((&json["data"], &json["errmsg"]), (&json!({}), &json!("用户未登录")));
    assert_eq!(json.get("code"), (prefix == "/api").then_some(&json!("4101")));
}
