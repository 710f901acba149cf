//! Signing in and out.

use test_support::app::{PASSWORD, fresh_mobile};

use crate::person::{Script, on_each, on_each_with};

#[tokio::test]
async fn a_person_signs_in_by_password_and_out_again() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.open("/").await;
        person.is_at("/login").await;

        person.press("密码登录").await;
        person.is_at("/login?by=password").await;
        person.type_into("login", &mobile).await;
        person.type_into("password", PASSWORD).await;
        person.press("登录").await;
        person.is_at("/account").await;
        person.open("/").await;
        person.is_at("/account").await;

        person.click("form[action='/logout'] button").await;
        person.is_at("/login").await;
        person.sees("已退出登录").await;
        person.reload().await;
        person.lacks("已退出登录").await;
        person.open("/account").await;
        person.is_at("/login?next=%2Faccount").await;
    })
    .await;
}

/// A tick beside an error would say that both are so.
#[tokio::test]
async fn an_error_takes_the_place_of_what_was_done_before() {
    for script in [Script::On, Script::Off] {
        on_each_with(&[], script, async |person| {
            let mobile = fresh_mobile();
            person.app.client().register(&mobile).await;
            person.open("/login?by=password").await;
            person.type_into("login", &mobile).await;
            person.type_into("password", PASSWORD).await;
            person.press("登录").await;
            person.is_at("/account").await;
            person.click("form[action='/logout'] button").await;
            person.sees("已退出登录").await;
            person.type_number("123").await;
            let bar = "return getComputedStyle(document.querySelector('.number'), '::after').backgroundColor";
            let before = person.run(bar).await;

            person.click("#send").await;

            person.sees("请输入正确的手机号").await;
            person.lacks("已退出登录").await;
            assert_ne!(person.run(bar).await, before, "the line below the number");
        })
        .await;
    }
}

#[tokio::test]
async fn a_wrong_password_shows_an_error_and_keeps_the_number() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.open("/login?by=password").await;
        person.type_into("login", &mobile).await;
        person.type_into("password", "not the right one").await;

        person.press("登录").await;

        person.sees_error_beside("password", "账号或密码错误").await;
        person.has_focus_in("password").await;
        assert_eq!(person.typed_in("login").await, mobile);
        // All of it is selected, so that typing replaces it.
        assert_eq!(person.typed_in("password").await, "not the right one");
    })
    .await;
}

#[tokio::test]
async fn enter_signs_in() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.open("/login?by=password&next=%2Faccount%3Ffrom%3Denter").await;
        person.has_focus_in("login").await;
        person.type_into("login", &mobile).await;
        person.press_enter_in("login").await;
        person.sees_error_beside("password", "请输入密码").await;
        person.has_focus_in("password").await;

        person.type_into("password", PASSWORD).await;
        person.press_enter_in("password").await;

        person.is_at("/account?from=enter").await;
    })
    .await;
}

#[tokio::test]
async fn a_password_can_be_looked_at() {
    on_each(async |person| {
        person.open("/login?by=password").await;
        person.type_into("password", PASSWORD).await;
        assert!(person.is_shown("input[type=password]").await);

        person.press("显示").await;
        assert!(person.is_shown("input#password[type=text]").await);
        person.press("隐藏").await;

        assert!(person.is_shown("input#password[type=password]").await);
        assert_eq!(person.typed_in("password").await, PASSWORD);
    })
    .await;
}
