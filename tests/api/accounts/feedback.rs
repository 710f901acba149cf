//! Every change and every end of a session is told in one line on the page that follows.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::{TestClient, TestResponse},
    sms_codes,
};

const NEW_PASSWORD: &str = "battery staple 8";

async fn on_each(test: impl AsyncFn(&TestApp)) {
    on_each_with(&[("SMS_PER_MOBILE_HOUR", "100")], test).await;
}

/// Checks what the page says that the answer leads to, in both languages, and that it says so once.
async fn assert_told(client: &TestClient<'_>, answer: &TestResponse, page: &str, told: [&str; 2]) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    let location = answer.header("location");
    assert!(location.starts_with(page), "{location} is not {page}");
    assert!(!location.contains("done"), "it is no matter of the address: {location}");
    let jar = client.cookie_jar();
    for (language, sentence) in ["zh-CN", "en"].into_iter().zip(told) {
        client.set_cookies(jar.clone());
        let joint = if location.contains('?') { '&' } else { '?' };
        let shown = client.get(&format!("{location}{joint}lang={language}")).await;
        assert_eq!(shown.status, StatusCode::OK, "{shown:?}");
        assert_eq!(shown.text_of("notice").as_deref(), Some(sentence), "{shown:?}");
    }
    let later = client.get(location).await;
    assert_eq!(later.text_of("notice").as_deref(), Some(""), "said once: {later:?}");
}

async fn code(client: &TestClient<'_>, mobile: &str, purpose: &str) -> String {
    client.app.skip_resend_wait().await;
    sms_codes::code(client, mobile, purpose).await
}

async fn sign_in<'a>(app: &'a TestApp, mobile: &str, password: &str) -> TestClient<'a> {
    let client = app.client();
    let body = json!({ "login": mobile, "password": password });
    let entered = client.post_json("/api/v1/session", &body).await;
    assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    client
}

#[tokio::test]
async fn a_change_of_the_account_is_told_on_its_page() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "register").await;
        let fields = [
            ("mobile", &*mobile),
            ("sms_code", &*sms_code),
            ("password", PASSWORD),
            ("step", "register"),
        ];
        let registered = client.post_form("/register", &fields).await;
        let told = ["注册成功", "Your account has been created."];
        assert_told(&client, &registered, "/account", told).await;

        let name = format!("ada_{}", &mobile[5..]);
        let named = client.post_form("/account/name", &[("name", &name)]).await;
        let told = ["用户名已修改", "Your user name has been changed."];
        assert_told(&client, &named, "/account", told).await;

        let fields = [("password", PASSWORD), ("new_password", NEW_PASSWORD)];
        let changed = client.post_form("/account/password", &fields).await;
        let told = [
            "密码已修改，其他设备已退出登录",
            "Your password has been changed. All your other devices are signed out.",
        ];
        assert_told(&client, &changed, "/account", told).await;

        let new = fresh_mobile();
        let sms_code = code(&client, &new, "rebind").await;
        let fields = [
            ("mobile", &*new),
            ("sms_code", &*sms_code),
            ("password", NEW_PASSWORD),
            ("step", "save"),
        ];
        let moved = client.post_form("/account/mobile", &fields).await;
        let told = [
            "手机号已更换，其他设备已退出登录",
            "Your number has been changed. All your other devices are signed out.",
        ];
        assert_told(&client, &moved, "/account", told).await;
    })
    .await;
}

#[tokio::test]
async fn who_signs_in_for_the_first_time_is_told_of_the_account() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        for told in ["注册成功", ""] {
            let sms_code = code(&client, &mobile, "login").await;
            let fields =
                [("by", "sms"), ("mobile", &*mobile), ("sms_code", &*sms_code), ("step", "login")];
            let entered = client.post_form("/login", &fields).await;
            let page = client.get(entered.header("location")).await;
            assert_eq!(page.text_of("notice").as_deref(), Some(told), "{page:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_end_of_another_session_is_told_on_both_devices() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let here = app.client().signed_in(&mobile).await;
        for (end, told) in [
            ("one", ["已退出该设备", "That device has been signed out."]),
            ("others", ["已退出其他所有设备", "All your other devices have been signed out."]),
        ] {
            let there = sign_in(app, &mobile, PASSWORD).await;
            let listed = there.get("/api/v1/sessions").await.json();
            let id = listed["data"]["sessions"][0]["id"].as_str().expect("an id").to_owned();
            let end = if end == "one" { id.as_str() } else { end };

            let ended = here.post_form("/account/sessions", &[("end", end)]).await;

            assert_told(&here, &ended, "/account", told).await;
            for path in ["/account", "/"] {
                let sent = there.get(path).await;
                let told = [
                    "你已在其他设备上退出登录，请重新登录",
                    "You were signed out on another device. Please sign in again.",
                ];
                assert_told(&there, &sent, "/login", told).await;
                let page = there.get(path).await;
                let page = there.get(page.header("location")).await;
                assert!(page.body.contains("<p class=\"done why\""), "no tick: {page:?}");
            }
        }
        let listed = here.get("/api/v1/user/devices").await.json();
        let id = listed["data"]["devices"][0]["id"].as_str().expect("an id").to_owned();
        let forgotten = here.post_form("/account/devices", &[("forget", &id)]).await;
        let told = ["已移除该设备", "That device has been removed."];
        assert_told(&here, &forgotten, "/account", told).await;
    })
    .await;
}

/// However long the key of the session is sent afterwards, and whether the row is deleted or not.
#[tokio::test]
async fn an_expired_session_is_told_apart_from_one_that_was_ended() {
    on_each(async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        app.advance(Duration::from_hours(24 * 40)).await;
        for _ in 0..2 {
            let sent = client.get("/account").await;
            let told =
                ["登录已过期，请重新登录", "Your session has expired. Please sign in again."];
            assert_told(&client, &sent, "/login", told).await;
        }
    })
    .await;
}

#[tokio::test]
async fn who_leaves_is_told_so_on_the_sign_in_page() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let client = app.client().signed_in(&mobile).await;
        let out = client.post_form("/logout", &[]).await;
        let jar = client.cookie_jar();
        let page = client.get("/login").await;
        assert!(page.body.contains("<p class=\"done\""), "with a tick: {page:?}");
        client.set_cookies(jar);
        assert_told(&client, &out, "/login", ["已退出登录", "You have signed out."]).await;

        let sms_code = code(&client, &mobile, "reset").await;
        let fields = [
            ("mobile", &*mobile),
            ("sms_code", &*sms_code),
            ("password", NEW_PASSWORD),
            ("step", "reset"),
        ];
        let reset = client.post_form("/reset-password", &fields).await;
        let told = [
            "密码已重置，请使用新密码登录",
            "Your password has been reset. Sign in with the new one.",
        ];
        assert_told(&client, &reset, "/login", told).await;

        let client = sign_in(app, &mobile, NEW_PASSWORD).await;
        let deleted = client.post_form("/account/delete", &[("password", NEW_PASSWORD)]).await;
        let told = ["账号已注销", "Your account has been deleted."];
        assert_told(&client, &deleted, "/login", told).await;
    })
    .await;
}

/// Only what has just happened is told: neither a link can make a page say so, nor a cookie that is too old, nor another
/// page.
#[tokio::test]
async fn nobody_else_can_make_a_page_say_something() {
    on_each(async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        for path in ["/account?done=name", "/account?done=deleted", "/account?done="] {
            let page = client.get(path).await;
            assert_eq!(page.text_of("notice").as_deref(), Some(""), "{path}: {page:?}");
        }
        client
            .post_form("/account/name", &[("name", &format!("ada_{}", &fresh_mobile()[5..]))])
            .await;
        let told = client.cookie_jar().get("haoma_done").expect("a cookie").clone();
        let page = client.get("/login").await;
        assert_eq!(page.text_of("notice").as_deref(), Some(""), "{page:?}");
        for made_up in ["name", "deleted", &told] {
            let jar = [("haoma_done".to_owned(), made_up.to_owned())].into();
            let stranger = app.client();
            stranger.set_cookies(jar);
            let page = stranger.get("/login").await;
            assert_eq!(page.text_of("notice").as_deref(), Some(""), "{made_up}: {page:?}");
        }
        app.advance(Duration::from_secs(61)).await;
        let page = client.get("/account").await;
        assert_eq!(page.text_of("notice").as_deref(), Some(""), "{page:?}");
    })
    .await;
}

/// Nobody who comes for the first time is welcomed back.
#[tokio::test]
async fn a_page_that_nothing_happened_on_says_nothing() {
    on_each(async |app| {
        for path in ["/", "/login", "/login?by=sms"] {
            let client = app.client();
            let first = client.get(path).await;
            let page = if first.status == StatusCode::SEE_OTHER {
                client.get(first.header("location")).await
            } else {
                first
            };
            assert_eq!(page.text_of("notice").as_deref(), Some(""), "{path}: {page:?}");
            assert!(!page.body.contains("欢迎回来") && !page.body.contains("你已登录"), "{page:?}");
        }
    })
    .await;
}
