//! Registration, with JavaScript.

use test_support::{
    app::{PASSWORD, fresh_mobile},
    sms_gateway::Answer,
};

use crate::person::on_each;

#[tokio::test]
async fn a_person_registers_and_lands_on_the_account() {
    on_each(async |person| {
        let mobile = fresh_mobile();

        let code = person.ask_for_a_code(&mobile).await;
        person.has_focus_in("sms_code").await;
        person.finish_registration(&code).await;
        person.sees("我的账号").await;
        person.sees(&format!("139****{}", &mobile[7..])).await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_captcha_shows_another_picture_and_keeps_what_was_typed() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.begin_registration(&mobile).await;
        let picture = person.picture().await;

        person.send_misread().await;

        person.sees_error_beside("captcha", "图形验证码错误").await;
        person.sees_another_picture(&picture).await;
        person.has_focus_in("captcha").await;
        assert_eq!(person.number().await, mobile);
        assert!(person.app.gateway.messages().is_empty());
    })
    .await;
}

#[tokio::test]
async fn another_captcha_is_shown_on_request() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.begin_registration(&mobile).await;
        person.open_the_sheet().await;
        person.type_into("captcha", "abc").await;
        let picture = person.picture().await;

        person.press("看不清？换一张").await;

        person.sees_another_picture(&picture).await;
        person.has_focus_in("captcha").await;
        assert_eq!(person.number().await, mobile);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_sms_code_shows_an_error_beside_its_field_and_keeps_the_number() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        let code = person.ask_for_a_code(&mobile).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        person.type_into("sms_code", wrong).await;
        person.has_focus_in("password").await;
        person.type_into("password", PASSWORD).await;

        person.press("注册").await;

        person.sees_error_beside("sms_code", "验证码错误，还可尝试 4 次").await;
        person.has_focus_in("sms_code").await;
        assert_eq!(person.number().await, mobile);
        assert_eq!(person.typed_in("password").await, PASSWORD);
        assert_eq!(person.typed_in("sms_code").await, "");

        // Only the code is typed again.
        person.type_into("sms_code", &code).await;
        person.press("注册").await;
        person.is_at("/account").await;
    })
    .await;
}

#[tokio::test]
async fn a_taken_number_shows_an_error_beside_the_number() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        let registered = person.app.client().register(&mobile).await;
        assert!(registered.status.is_success(), "{registered:?}");
        person.begin_registration(&mobile).await;

        person.send().await;

        person.sees_error_beside("mobile", "该手机号已注册").await;
        person.has_focus_in("mobile").await;
        assert_eq!(person.app.gateway.messages().len(), 1);
        // The number goes along.
        person.press("用此号码登录").await;
        person.is_at("/login").await;
        assert_eq!(person.number().await, mobile);
    })
    .await;
}

#[tokio::test]
async fn enter_sends_the_code_first_and_then_the_form() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.open("/register").await;
        person.has_focus_in("mobile").await;
        person.can_press("send", "获取验证码").await;
        person.type_into("mobile", &mobile).await;
        person.press_enter_in("mobile").await;
        person.has_focus_in("captcha").await;
        person.press_enter_in("captcha").await;
        assert!(person.app.gateway.messages().is_empty());

        person.solve_the_picture().await;
        person.sees("验证码已发送至").await;
        // Only the code is missing, and another one may not be requested yet.
        person.type_into("password", PASSWORD).await;
        person.press_enter_in("password").await;
        person.has_focus_in("sms_code").await;
        assert_eq!(person.app.gateway.messages().len(), 1);

        person.type_into("sms_code", &person.app.gateway.code_for(&mobile)).await;
        person.press_enter_in("sms_code").await;
        person.is_at("/account").await;
    })
    .await;
}

#[tokio::test]
async fn enter_in_the_password_registers() {
    on_each(async |person| {
        let code = person.ask_for_a_code(&fresh_mobile()).await;
        person.type_into("sms_code", &code).await;
        person.type_into("password", PASSWORD).await;

        person.press_enter_in("password").await;

        person.is_at("/account").await;
    })
    .await;
}

#[tokio::test]
async fn a_person_registers_in_english() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.open("/register?lang=en").await;
        person.sees("Create an account with your mobile number.").await;
        person.type_into("mobile", &mobile).await;
        person.send_misread().await;
        person.sees_error_beside("captcha", "That didn’t match").await;

        person.solve_the_picture().await;
        person.sees("Code sent to").await;
        person.type_into("sms_code", &person.app.gateway.code_for(&mobile)).await;
        person.type_into("password", PASSWORD).await;
        person.press("Sign up").await;

        person.is_at("/account").await;
        person.sees("Your account").await;
    })
    .await;
}

/// The controls below an error stay in place, so that a click does not miss them.
#[tokio::test]
async fn the_layout_does_not_move_when_an_error_appears() {
    on_each(async |person| {
        person.set_viewport(360, 740).await;
        person.prefer(&[("prefers-reduced-motion", "reduce")]).await;
        let places = "return [...document.querySelectorAll('input:not([name=captcha]), .first, .after')] \
            .map((it) => it.getBoundingClientRect().top + scrollY)";
        person.open("/register").await;
        let before = person.run(places).await;
        person.type_into("mobile", "123").await;
        person.press("获取验证码").await;
        person.sees_error_beside("mobile", "请输入正确的手机号").await;
        assert_eq!(person.run(places).await, before);

        person.type_into("mobile", &fresh_mobile()).await;
        person.open_the_sheet().await;
        let in_sheet = "return [...document.querySelectorAll('#sheet *')] \
            .filter((it) => it.offsetHeight && !it.matches('.problem, .hint')) \
            .map((it) => it.getBoundingClientRect().top)";
        let sheet_before = person.run(in_sheet).await;
        person.misread_the_picture().await;
        person.sees_error_beside("captcha", "图形验证码错误").await;
        assert_eq!(person.run(in_sheet).await, sheet_before);

        person.app.gateway.answer(Answer::Status(401));
        person.solve_the_picture().await;
        person.sees("短信发送失败，请稍后再试").await;
        assert_eq!(person.run(places).await, before);
    })
    .await;
}
