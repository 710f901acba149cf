//! A form that is refused redirects to its page, which shows once what was typed and what is wrong with it.

use std::time::Duration;

use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::{FORM, TestClient, TestResponse, form_of},
    interface::{assert_has_retry_after, message_text},
    sms_codes::{self, other_than},
    tokens::execute,
};

/// The most bytes of the cookie: browsers keep 4096 with its name and attributes.
const MOST: usize = 3000;
const REGISTER: &str = "haoma_form_register";
/// A number that is none, with a captcha that nobody looks at.
const MISTYPED: [(&str, &str); 4] = [
    ("mobile", "123"),
    ("captcha_id", "0b5f2f9e-6a55-4a51-8c0a-5d0b3e6f7a10"),
    ("captcha", "abcd"),
    ("step", "send"),
];

async fn on_each(test: impl AsyncFn(&TestApp)) {
    on_each_with(&[("SMS_PER_MOBILE_HOUR", "100")], test).await;
}

/// Sends a form without following the redirect.
async fn post(client: &TestClient<'_>, path: &str, fields: &[(&str, &str)]) -> TestResponse {
    let request = client.request(Method::POST, path).header(CONTENT_TYPE, FORM);
    client.send(request.body(form_of(fields))).await
}

/// Checks that the answer redirects to the page and that its cookie is small and contains none of the texts, and returns
/// the page.
async fn shown(
    client: &TestClient<'_>,
    answer: &TestResponse,
    (page, cookie): (&str, &str),
    secrets: &[&str],
) -> TestResponse {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    assert_eq!(answer.header("location"), page, "{answer:?}");
    assert_eq!(answer.body, "");
    let cookies = answer.cookies();
    let cookie = cookies.iter().find(|it| it.name() == cookie).expect("the form");
    assert!(cookie.value().len() < MOST, "{}", cookie.value().len());
    assert_eq!((cookie.http_only(), cookie.path()), (Some(true), Some("/")));
    for secret in secrets {
        assert!(!answer.headers_and_body().contains(secret), "{secret} is in {answer:?}");
    }
    let shown = client.get(page).await;
    let jar = client.cookie_jar();
    assert!(!jar.keys().any(|name| name.contains("haoma_form_")), "it is deleted: {jar:?}");
    shown
}

#[tokio::test]
async fn a_refused_registration_is_shown_once_with_its_good_code() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.get("/register").await;
        let sms_code = sms_codes::code(&client, &mobile, "register").await;
        let fields = [
            ("mobile", &*mobile),
            ("sms_code", &*sms_code),
            ("password", "password1"),
            ("step", "register"),
        ];

        let refused = post(&client, "/register", &fields).await;

        let secrets = ["password1", &*mobile, &*sms_code];
        let page = shown(&client, &refused, ("/register", REGISTER), &secrets).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page:?}");
        let problem = page.text_of("password-problem").expect("a problem");
        assert_eq!(problem, "密码过于常见，容易被猜到，请换一个");
        assert_eq!(page.value_after("maxlength=\"300\" required value=\""), sms_code);
        assert_eq!(page.value_after("autocomplete=\"tel\" required value=\""), mobile);
        assert!(!page.body.contains("password1"), "{page:?}");
        assert!(!page.body.contains("请求编号"), "{page:?}");

        let later = client.get("/register").await;
        assert_eq!(later.status, StatusCode::OK);
        assert_eq!(later.text_of("password-problem").as_deref(), Some(""), "{later:?}");
        assert!(!later.body.contains(&sms_code), "{later:?}");

        // The code is still good.
        let right = [("mobile", &*mobile), ("sms_code", &*sms_code), ("password", PASSWORD)];
        let registered = post(&client, "/register", &right).await;
        assert_eq!(registered.status, StatusCode::SEE_OTHER, "{registered:?}");
        assert!(client.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_code_is_not_shown_again() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.get("/login").await;
        let wrong = other_than(&sms_codes::code(&client, &mobile, "login").await);
        let fields = [
            ("by", "sms"),
            ("mobile", &*mobile),
            ("sms_code", &*wrong),
            ("remember", "on"),
            ("next", "/account/name"),
        ];

        let refused = post(&client, "/login", &fields).await;

        let address = "/login?next=%2Faccount%2Fname";
        let page = shown(&client, &refused, (address, "haoma_form_login"), &[&wrong]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{page:?}");
        let problem = page.text_of("sms_code-problem").expect("a problem");
        assert!(problem.starts_with("验证码错误"), "{problem}");
        assert!(!page.body.contains(&wrong), "{page:?}");
        assert_eq!(page.value_after("name=\"next\" value=\""), "/account/name");
        assert!(page.body.contains("name=\"remember\" value=\"on\" checked"), "{page:?}");
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_is_refused_on_every_page_that_asks_for_one() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let owner = app.client().signed_in(&mobile).await;
        let stranger = app.client();
        stranger.get("/login?by=password").await;
        let wrong = "not the right one";

        let fields = [("login", &*mobile), ("password", wrong), ("remember", "on")];
        let refused = post(&stranger, "/login", &fields).await;
        let cookie = "haoma_form_login_by_password";
        let page = shown(&stranger, &refused, ("/login?by=password", cookie), &[wrong]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page:?}");
        assert_eq!(page.text_of("alert").as_deref(), Some("账号或密码错误"));
        let id = refused.header("x-request-id");
        assert!(page.body.contains(id), "the id of the refused request: {page:?}");
        assert!(page.body.contains("name=\"remember\" value=\"on\" checked"), "{page:?}");
        assert!(!page.body.contains(wrong), "{page:?}");

        for (path, cookie) in [
            ("/account/delete", "haoma_form_account_delete"),
            ("/account/password", "haoma_form_account_password"),
        ] {
            let fields = [("password", wrong), ("new_password", "battery staple 8")];
            let fields = if path.ends_with("delete") { &fields[..1] } else { &fields[..] };
            let refused = post(&owner, path, fields).await;
            let secrets = [wrong, "battery"];
            let page = shown(&owner, &refused, (path, cookie), &secrets).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
            let problem = page.text_of("password-problem").expect("a problem");
            assert!(problem.starts_with("当前密码错误"), "{problem}");
        }

        let refused = post(&owner, "/account/name", &[("name", "!")]).await;
        let cookie = "haoma_form_account_name";
        let page = shown(&owner, &refused, ("/account/name", cookie), &[]).await;
        assert!(!page.text_of("name-problem").expect("a problem").is_empty());
        assert_eq!(page.value_after("spellcheck=\"false\" required value=\""), "!");
    })
    .await;
}

/// They are no forms to fill in, so the page of the account says what went wrong.
#[tokio::test]
async fn a_button_of_the_account_that_fails_leads_back_to_its_page() {
    on_each(async |app| {
        let owner = app.client().signed_in(&fresh_mobile()).await;
        let listed = owner.get("/api/v1/user/devices").await.json();
        let id = listed["data"]["devices"][0]["id"].as_str().expect("an id").to_owned();
        execute(app, "ALTER TABLE known_devices RENAME TO elsewhere").await;

        let refused = post(&owner, "/account/devices", &[("forget", &id)]).await;

        execute(app, "ALTER TABLE elsewhere RENAME TO known_devices").await;
        let page = shown(&owner, &refused, ("/account", "haoma_form_account"), &[&id]).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{page:?}");
        assert_has_retry_after(&page);
        assert_eq!(page.text_of("alert"), Some(message_text("error-store", &[])));
        assert!(page.body.contains(refused.header("x-request-id")), "{page:?}");
        let later = owner.get("/account").await;
        assert_eq!(later.status, StatusCode::OK);
        assert_eq!(later.text_of("alert").as_deref(), Some(""), "said once: {later:?}");
        assert!(later.body.contains(&id), "the device is still known");
    })
    .await;
}

#[tokio::test]
async fn a_registered_number_is_carried_to_the_sign_in_page() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let client = app.client();
        client.get("/register").await;
        let (captcha_id, captcha) = client.solve_captcha().await;
        let fields = [
            ("mobile", &*mobile),
            ("captcha_id", &*captcha_id),
            ("captcha", &*captcha),
            ("next", "/account/name"),
            ("step", "send"),
        ];

        let taken = client.post_form("/register", &fields).await;

        let beside = taken.body.split_once("id=\"mobile-problem\">").expect("a place").1;
        let beside = beside.split("</p>").next().expect("its end");
        let link = "<a href=\"/login?next=%2Faccount%2Fname\">用此号码登录</a>";
        assert_eq!(beside, format!("该手机号已注册 {link}"));
        let page = client.get("/login?next=%2Faccount%2Fname").await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.value_after("autocomplete=\"tel\" required value=\""), mobile);
        assert_eq!(page.value_after("name=\"next\" value=\""), "/account/name");
    })
    .await;
}

#[tokio::test]
async fn a_client_without_cookies_is_answered_at_once() {
    on_each(async |app| {
        for cookies in [true, false] {
            let client = app.client();
            let form = client.get("/login?by=password").await;
            let mark = form.cookies();
            let mark: Vec<_> = mark.iter().map(|cookie| (cookie.name(), cookie.value())).collect();
            assert_eq!(mark, [("haoma_form", "on")]);
            if !cookies {
                client.set_cookies([].into());
            }
            let fields = [("login", "13800138000"), ("password", PASSWORD)];
            let refused = post(&client, "/login", &fields).await;
            let expected = if cookies { StatusCode::SEE_OTHER } else { StatusCode::UNAUTHORIZED };
            assert_eq!(refused.status, expected, "{refused:?}");
            if !cookies {
                assert_eq!(refused.text_of("alert").as_deref(), Some("账号或密码错误"));
            }
        }
    })
    .await;
}

/// Who has another page open in a second tab finds nothing of this one there.
#[tokio::test]
async fn a_form_is_shown_on_its_own_page_only_and_not_for_long() {
    on_each(async |app| {
        let client = app.client();
        client.get("/register").await;
        for (wait, shows) in [(Duration::ZERO, true), (Duration::from_secs(61), false)] {
            post(&client, "/register", &MISTYPED).await;
            for page in ["/login", "/login?by=password", "/reset-password"] {
                let other = client.get(page).await;
                assert_eq!(other.status, StatusCode::OK, "{other:?}");
                assert!(other.messages().len() <= 1, "the lead alone: {other:?}");
            }
            app.advance(wait).await;
            let page = client.get("/register").await;
            let problem = page.text_of("mobile-problem").expect("a place");
            assert_eq!(!problem.is_empty(), shows, "{page:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn another_captcha_keeps_what_was_typed_and_reloads_without_a_question() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.get("/register").await;
        let fields = [("mobile", &*mobile), ("captcha", "abcd"), ("step", "picture")];

        let answer = post(&client, "/register", &fields).await;

        let page = shown(&client, &answer, ("/register", REGISTER), &[]).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.value_after("autocomplete=\"tel\" required value=\""), mobile);
        assert!(!page.body.contains("abcd"));
    })
    .await;
}

/// What no person types is left out, and an address that would be too long is not redirected to.
#[tokio::test]
async fn a_cookie_never_grows_beyond_what_browsers_keep() {
    on_each(async |app| {
        let client = app.client();
        client.get("/register").await;
        let long = "9".repeat(4000);
        let long = [("mobile", &*long), ("sms_code", &*long), ("name", &*long)];
        let sent = [&long[..], &MISTYPED[1..]].concat();
        let refused = post(&client, "/register", &sent).await;
        let page = shown(&client, &refused, ("/register", REGISTER), &["9999999999"]).await;
        assert!(!page.text_of("mobile-problem").expect("a problem").is_empty(), "{page:?}");

        let next = format!("/{}", "x".repeat(3000));
        let sent = [&MISTYPED[..], &[("next", &*next)]].concat();
        let refused = post(&client, "/register", &sent).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
        assert!(!refused.text_of("mobile-problem").expect("a problem").is_empty(), "{refused:?}");
    })
    .await;
}

/// A cookie that we have not made, or not for this page, shows nothing.
#[tokio::test]
async fn a_made_up_cookie_shows_nothing() {
    on_each(async |app| {
        let client = app.client();
        client.get("/register").await;
        let made = post(&client, "/register", &MISTYPED).await;
        let made = made.cookies();
        let made = made.iter().find(|it| it.name() == REGISTER).expect("the form").value();
        for (name, value) in
            [(REGISTER, "{}"), (REGISTER, "AAAA"), ("haoma_form_reset_password", made)]
        {
            let client = app.client();
            client.set_cookies([(name.to_owned(), value.to_owned())].into());
            for page in ["/register", "/reset-password"] {
                let page = client.get(page).await;
                assert_eq!(page.status, StatusCode::OK, "{page:?}");
                assert_eq!(page.text_of("mobile-problem").as_deref(), Some(""), "{page:?}");
            }
        }
    })
    .await;
}
