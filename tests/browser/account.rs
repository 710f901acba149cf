//! Signing in by SMS code, and the account pages.

use std::time::Duration;

use test_support::{
    app::{PASSWORD, fresh_mobile},
    sms_codes::other_than,
};
use tokio::time::sleep;

use crate::person::{Person, Script, on_each_with};

const NEW_PASSWORD: &str = "battery staple 8";

/// Runs a test with scripts and without, with one second between messages, so that a test can request two.
async fn on_each(test: impl AsyncFn(&Person<'_>)) {
    let settings = [("SMS_RESEND_SECONDS", "1"), ("SMS_PER_MOBILE_HOUR", "100")];
    on_each_with(&settings, Script::On, &test).await;
    on_each_with(&settings, Script::Off, &test).await;
}

/// Registers a number through the API, and moves the clock forward until it may be texted again.
async fn registered(person: &Person<'_>) -> String {
    let mobile = fresh_mobile();
    person.app.client().register(&mobile).await;
    person.app.skip_resend_wait().await;
    mobile
}

/// Fills in number and captcha, requests a code, and types it.
async fn enter_code(person: &Person<'_>, mobile: &str) {
    let before = person.app.gateway.messages().len();
    person.type_into("mobile", mobile).await;
    person.send().await;
    person.sees("验证码已发送至").await;
    // The code for a reset is sent after the answer.
    while person.app.gateway.messages().len() == before {
        sleep(Duration::from_millis(20)).await;
    }
    person.type_into("sms_code", &person.app.gateway.code_for(mobile)).await;
}

#[tokio::test]
async fn a_person_signs_in_by_sms_code() {
    on_each(async |person| {
        let mobile = registered(person).await;
        person.open("/login?next=%2Faccount").await;

        enter_code(person, &mobile).await;
        // Scripts send the form with the sixth digit.
        if !person.has_scripts().await {
            person.press("登录").await;
        }

        person.is_at("/account").await;
    })
    .await;
}

#[tokio::test]
async fn a_new_number_gets_an_account_by_its_code_alone() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.open("/login").await;
        enter_code(person, &mobile).await;
        if !person.has_scripts().await {
            person.press("登录").await;
        }
        person.is_at("/account").await;
        person.sees("注册成功").await;
        assert_eq!(person.app.gateway.messages().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn where_accounts_need_a_password_a_new_number_goes_on_to_registration_without_another_code()
{
    let required = ("ACCOUNT_PASSWORD", "required");
    for script in [Script::On, Script::Off] {
        on_each_with(&[required], script, async |person| {
            let mobile = fresh_mobile();
            person.open("/login").await;
            enter_code(person, &mobile).await;
            if !person.has_scripts().await {
                person.press("登录").await;
            }
            person.is_at("/register").await;
            person.sees("已验证").await;

            person.type_into("password", PASSWORD).await;
            person.press("注册").await;

            person.is_at("/account").await;
            assert_eq!(person.app.gateway.messages().len(), 1);
        })
        .await;
    }
}

#[tokio::test]
async fn a_forgotten_password_is_reset() {
    on_each(async |person| {
        let mobile = registered(person).await;
        person.open("/login?by=password").await;
        person.press("忘记密码？").await;

        enter_code(person, &mobile).await;
        person.type_into("password", NEW_PASSWORD).await;
        person.press("重置密码").await;

        person.is_at("/login?by=password").await;
        person.sees("密码已重置").await;
        // The number is there already.
        person.has_focus_in("password").await;
        person.type_into("password", NEW_PASSWORD).await;
        person.press("登录").await;
        person.is_at("/account").await;
    })
    .await;
}

#[tokio::test]
async fn a_user_signs_out_another_browser() {
    on_each(async |here| {
        let mobile = registered(here).await;
        let there = here.another_browser().await;
        for person in [here, &there] {
            person.open("/login?by=password").await;
            person.type_into("login", &mobile).await;
            person.type_into("password", PASSWORD).await;
            person.press("登录").await;
            person.is_at("/account").await;
        }

        here.open("/account").await;
        // The third session is that of the registration.
        here.press("退出其他所有设备").await;

        here.sees("已退出其他所有设备").await;
        there.open("/account").await;
        there.is_at("/login?next=%2Faccount").await;
        there.sees("你已在其他设备上退出登录").await;
        here.open("/account").await;
        here.is_at("/account").await;
    })
    .await;
}

#[tokio::test]
async fn a_session_in_the_list_is_ended_by_its_button() {
    on_each(async |person| {
        let mobile = registered(person).await;
        person.open("/login?by=password").await;
        person.type_into("login", &mobile).await;
        person.type_into("password", PASSWORD).await;
        person.press("登录").await;
        person.is_at("/account").await;

        person.click("button[name=end]:not([value=others])").await;

        person.sees("已退出该设备").await;
        person.sees("本机").await;
        person.is_at("/account").await;
    })
    .await;
}

#[tokio::test]
async fn an_account_moves_to_another_number() {
    on_each(async |person| {
        let (old, new) = (registered(person).await, fresh_mobile());
        person.open("/login?by=password&next=%2Faccount%2Fmobile").await;
        person.type_into("login", &old).await;
        person.type_into("password", PASSWORD).await;
        person.press("登录").await;
        person.is_at("/account/mobile").await;

        enter_code(person, &new).await;
        person.type_into("password", PASSWORD).await;
        person.press("确认更换").await;

        person.is_at("/account").await;
        person.sees(new.get(7..).expect("a tail")).await;
    })
    .await;
}

/// With scripts the last step is a request: the page stays, and so does everything that is good.
#[tokio::test]
async fn a_refused_last_step_leaves_the_page_as_it_is() {
    let settings = [("ACCOUNT_PASSWORD", "required"), ("SMS_RESEND_SECONDS", "1")];
    on_each_with(&settings, Script::On, async |person| {
        let (old, new) = (registered(person).await, fresh_mobile());
        person.open("/login").await;
        enter_code(person, &old).await;
        person.is_at("/account").await;

        person.open("/account/mobile").await;
        person.run("window.stays = true").await;
        enter_code(person, &new).await;
        person.type_into("password", "not the right one").await;
        person.press("确认更换").await;
        person.sees_error_beside("password", "当前密码错误").await;
        assert_eq!(person.typed_in("sms_code").await, person.app.gateway.code_for(&new));
        assert_eq!(person.run("return window.stays").await, true, "nothing was loaded");
        person.type_into("password", PASSWORD).await;
        person.press("确认更换").await;
        person.is_at("/account").await;
        person.sees("手机号已更换").await;
        person.reload().await;
        person.lacks("手机号已更换").await;
        person.click("form[action='/logout'] button").await;

        // A code of a number without an account, where accounts need a password.
        let mobile = fresh_mobile();
        person.is_at("/login").await;
        person.run("window.stays = true").await;
        person.type_into("mobile", &mobile).await;
        person.send().await;
        person.has_focus_in("sms_code").await;
        let code = person.app.gateway.code_for(&mobile);
        person.type_into("sms_code", &other_than(&code)).await;
        person.sees_error_beside("sms_code", "验证码错误").await;
        assert_eq!(person.run("return window.stays").await, true, "nothing was loaded");
        person.type_into("sms_code", &code).await;
        person.is_at("/register").await;
        person.sees("手机号已验证").await;

        // Another number is offered there.
        person.press("修改").await;
        person.has_focus_in("mobile").await;
        assert_eq!(person.number().await, "");
    })
    .await;
}

#[tokio::test]
async fn a_number_of_another_account_is_refused_in_words_that_fit() {
    on_each(async |person| {
        let (old, taken) = (registered(person).await, registered(person).await);
        person.open("/login?by=password&next=%2Faccount%2Fmobile").await;
        person.type_into("login", &old).await;
        person.type_into("password", PASSWORD).await;
        person.press("登录").await;
        person.is_at("/account/mobile").await;
        person.type_into("mobile", &taken).await;
        person.send().await;
        person.sees_error_beside("mobile", "该手机号已绑定其他账号，请换一个").await;
    })
    .await;
}

/// With scripts the request for the code is one of the JSON API, which the page tells what the number is for.
#[tokio::test]
async fn ones_own_number_is_refused_as_the_new_one_before_a_message_is_sent() {
    on_each(async |person| {
        let mobile = registered(person).await;
        person.open("/login?by=password&next=%2Faccount%2Fmobile").await;
        person.type_into("login", &mobile).await;
        person.type_into("password", PASSWORD).await;
        person.press("登录").await;
        person.is_at("/account/mobile").await;
        let before = person.app.gateway.messages().len();

        person.type_into("mobile", &mobile).await;
        person.send().await;

        person.sees_error_beside("mobile", "这就是你当前的手机号").await;
        assert_eq!(person.app.gateway.messages().len(), before);
    })
    .await;
}
