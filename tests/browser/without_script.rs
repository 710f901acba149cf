//! The same pages in a browser that runs no scripts.

use test_support::{
    app::{PASSWORD, fresh_mobile},
    sms_codes::other_than,
    sms_gateway::Answer,
};

use crate::person::{Person, Script, on_each_with};

const NEW_PASSWORD: &str = "battery staple 8";

async fn on_each(test: impl AsyncFn(&Person<'_>)) {
    on_each_with(&[], Script::Off, test).await;
}

#[tokio::test]
async fn a_person_registers_and_lands_on_the_account() {
    on_each(async |person| {
        let mobile = fresh_mobile();

        let code = person.ask_for_a_code(&mobile).await;
        person.has_focus_in("sms_code").await;
        assert_eq!(person.number().await, mobile);
        person.finish_registration(&code).await;
        person.press("退出登录").await;
        person.is_at("/login").await;
    })
    .await;
}

#[tokio::test]
async fn another_captcha_is_shown_and_the_number_is_kept() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.begin_registration(&mobile).await;
        let picture = person.picture().await;

        person.press("看不清？换一张").await;

        person.sees_another_picture(&picture).await;
        assert_eq!(person.number().await, mobile);
        assert!(person.app.gateway.messages().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_wrong_captcha_shows_another_picture_and_keeps_the_number() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.begin_registration(&mobile).await;
        person.misread_the_picture().await;
        let picture = person.picture().await;

        person.press("获取验证码").await;

        person.sees_error_beside("captcha", "图形验证码错误").await;
        person.sees_another_picture(&picture).await;
        person.has_focus_in("captcha").await;
        assert_eq!(person.number().await, mobile);
    })
    .await;
}

#[tokio::test]
async fn the_wait_is_shown_as_text_with_a_button_to_reload() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.ask_for_a_code(&mobile).await;
        person.seconds_left(60).await;
        person.sees("秒后可重新获取").await;

        let look_again = async || {
            let picture = person.picture().await;
            person.press("刷新页面").await;
            person.sees_another_picture(&picture).await;
        };
        look_again().await;
        assert!(person.is_waiting().await);
        person.app.skip_resend_wait().await;
        look_again().await;

        person.can_press("send", "重新获取").await;
        person.sees("收不到验证码？").await;
        assert_eq!(person.number().await, mobile);
        person.solve_the_picture().await;
        person.press("重新获取").await;
        person.seconds_left(60).await;
        assert_eq!(person.app.gateway.messages().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn another_number_need_not_wait() {
    on_each(async |person| {
        let (mistyped, mobile) = (fresh_mobile(), fresh_mobile());
        person.ask_for_a_code(&mistyped).await;
        person.type_into("mobile", &mobile).await;
        person.solve_the_picture().await;

        person.press("获取验证码").await;

        person.sees(&format!("{} {} {}", &mobile[..3], &mobile[3..7], &mobile[7..])).await;
        assert_eq!(person.app.gateway.count_for(&mobile), 1);
    })
    .await;
}

#[tokio::test]
async fn a_refused_message_can_be_asked_for_again_at_once() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.app.gateway.answer(Answer::Status(401));
        person.begin_registration(&mobile).await;
        person.solve_the_picture().await;
        let picture = person.picture().await;

        person.press("获取验证码").await;

        person.sees("短信发送失败，请稍后再试").await;
        person.sees_another_picture(&picture).await;
        person.can_press("send", "获取验证码").await;
        assert_eq!(person.number().await, mobile);
    })
    .await;
}

#[tokio::test]
async fn an_account_is_renamed_gets_another_password_and_is_deleted() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.open("/login?by=password&next=%2Faccount%2Fname").await;
        person.type_into("login", &mobile).await;
        person.type_into("password", PASSWORD).await;
        person.press("登录").await;
        person.is_at("/account/name").await;
        person.type_into("name", "somebody-else").await;
        person.press("保存").await;
        person.is_at("/account").await;
        person.sees("用户名已修改").await;
        person.sees("somebody-else").await;

        person.open("/account/password").await;
        person.type_into("password", PASSWORD).await;
        person.type_into("new_password", NEW_PASSWORD).await;
        person.press("保存").await;
        person.is_at("/account").await;

        person.click("main summary").await;
        person.press("注销账号").await;
        person.type_into("password", PASSWORD).await;
        person.press("确认注销").await;
        person.sees_error_beside("password", "当前密码错误").await;
        person.type_into("password", NEW_PASSWORD).await;
        person.press("确认注销").await;
        person.is_at("/login").await;
        person.sees("账号已注销").await;
    })
    .await;
}

/// A page that the browser could show only by sending a form once more has no form of ours.
async fn goes_back_and_reloads(person: &Person<'_>) {
    person.go_back().await;
    person.has("form[action]").await;
    person.reload().await;
    person.has("form[action]").await;
}

#[tokio::test]
async fn a_slip_loses_nothing_and_back_asks_nothing() {
    let terms = [("TERMS_URL", "https://example.com/terms"), ("TERMS_VERSION", "2026-11")];
    on_each_with(&terms, Script::Off, async |person| {
        let mobile = fresh_mobile();
        person.open("/login?by=password").await;
        person.begin_registration(&mobile).await;
        person.solve_the_picture().await;
        person.press("获取验证码").await;
        person.sees("验证码已发送至").await;
        let code = person.app.gateway.code_for(&mobile);

        person.type_into("sms_code", &code).await;
        person.type_into("password", PASSWORD).await;
        person.press("注册").await;
        person.sees_error_beside("terms", "请先阅读并同意").await;
        assert_eq!(person.typed_in("sms_code").await, code);
        assert_eq!(person.number().await, mobile);

        person.click("[name=terms]").await;
        person.type_into("sms_code", &other_than(&code)).await;
        person.type_into("password", PASSWORD).await;
        person.press("注册").await;
        person.sees_error_beside("sms_code", "验证码错误").await;
        assert_eq!(person.typed_in("sms_code").await, "");

        person.type_into("sms_code", &code).await;
        person.type_into("password", PASSWORD).await;
        person.press("注册").await;
        person.is_at("/account").await;
        goes_back_and_reloads(person).await;

        person.open("/account/delete").await;
        person.type_into("password", "not the right one").await;
        person.press("确认注销").await;
        person.sees_error_beside("password", "当前密码错误").await;
        person.reload().await;
        person.type_into("password", PASSWORD).await;
        person.press("确认注销").await;
        person.is_at("/login").await;
        goes_back_and_reloads(person).await;
    })
    .await;
}

#[tokio::test]
async fn back_after_a_wrong_password_shows_the_form() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.open("/login?by=password").await;
        person.type_into("login", &mobile).await;
        person.type_into("password", "not the right one").await;
        person.click("[name=remember]").await;
        person.press("登录").await;
        person.sees("账号或密码错误").await;
        person.is_at("/login?by=password").await;
        person.has("[name=remember]:checked").await;
        person.type_into("password", PASSWORD).await;
        person.press("登录").await;
        person.is_at("/account").await;
        goes_back_and_reloads(person).await;
    })
    .await;
}

#[tokio::test]
async fn after_failures_signing_in_asks_for_a_captcha() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.open("/login?by=password").await;
        person.type_into("login", &mobile).await;
        for _ in 0..3 {
            person.type_into("password", "not the right one").await;
            person.press_enter_in("password").await;
            person.sees("账号或密码错误").await;
            person.run("document.getElementById('alert').textContent = ''").await;
        }
        person.type_into("password", PASSWORD).await;
        person.solve_the_picture().await;
        person.press("登录").await;
        person.is_at("/account").await;
    })
    .await;
}

#[tokio::test]
async fn enter_sends_the_code_first_and_then_the_form() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.begin_registration(&mobile).await;
        person.solve_the_picture().await;
        person.press_enter_in("captcha").await;
        person.sees("验证码已发送至").await;

        person.type_into("password", PASSWORD).await;
        person.type_into("sms_code", &person.app.gateway.code_for(&mobile)).await;
        person.press_enter_in("sms_code").await;

        person.is_at("/account").await;
    })
    .await;
}
