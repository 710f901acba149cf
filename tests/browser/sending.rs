//! The page while a message is being sent, and after sending has failed.

use test_support::{app::fresh_mobile, sms_gateway::Answer};

use crate::person::on_each;

#[tokio::test]
async fn the_button_is_disabled_while_the_request_is_pending() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.app.gateway.answer(Answer::Held);
        person.begin_registration(&mobile).await;

        person.send().await;

        person.cannot_press("send", "正在发送…").await;
        person.press_enter_in("captcha").await;
        person.app.gateway.answer(Answer::Accept);
        person.seconds_left(60).await;
        assert_eq!(person.app.gateway.messages().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_refused_message_enables_the_button_with_another_captcha() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.app.gateway.answer(Answer::Status(401));
        person.begin_registration(&mobile).await;
        let picture = person.picture().await;

        person.send().await;

        person.sees("短信发送失败，请稍后再试").await;
        person.can_press("send", "获取验证码").await;

        person.app.gateway.answer(Answer::Accept);
        person.open_the_sheet().await;
        person.sees_another_picture(&picture).await;
        person.solve_the_picture().await;
        person.sees("验证码已发送至").await;
    })
    .await;
}
