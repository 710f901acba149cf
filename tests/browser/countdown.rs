//! The countdown to the next message, which shows the server's seconds everywhere.

use serde_json::json;
use test_support::app::fresh_mobile;

use crate::person::{Script, on_each, on_each_with};

#[tokio::test]
async fn the_countdown_shows_the_remaining_seconds_in_every_tab_and_form() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.ask_for_a_code(&mobile).await;
        let first = person.seconds_left(60).await;
        let later = person.seconds_left(first - 1).await;

        person.reload().await;
        let reloaded = person.seconds_left(60).await;
        assert!(reloaded <= later, "{reloaded} after {later}");
        assert_eq!(person.number().await, mobile);

        person.open("/login").await;
        person.go_back().await;
        let back = person.seconds_left(60).await;
        assert!(back <= reloaded, "{back} after {reloaded}");

        person.open_a_second_tab().await;
        person.open("/register").await;
        let second = person.seconds_left(60).await;
        assert!(second <= back, "{second} after {back}");
        person.seconds_left(second - 1).await;
    })
    .await;
}

#[tokio::test]
async fn a_tab_that_was_open_before_counts_down_for_the_same_number() {
    on_each(async |person| {
        let (mobile, other) = (fresh_mobile(), fresh_mobile());
        person.begin_registration(&mobile).await;
        let here = person.browser.window().await.expect("a tab");
        person.open_a_second_tab().await;
        let there = person.ask_for_a_code(&mobile).await;
        let seconds = person.seconds_left(60).await;

        person.browser.switch_to_window(here).await.expect("the tab");

        assert!(person.seconds_left(60).await <= seconds);
        person.press("修改").await;
        person.type_into("mobile", &other).await;
        person.can_press("send", "获取验证码").await;
        person.type_into("mobile", &mobile).await;
        person.press("输入验证码").await;
        person.seconds_left(60).await;
        // The code is valid for the number, whichever tab has requested it.
        person.finish_registration(&there).await;
    })
    .await;
}

#[tokio::test]
async fn the_button_is_enabled_when_the_countdown_ends() {
    on_each_with(&[("SMS_RESEND_SECONDS", "5")], Script::On, async |person| {
        let mobile = fresh_mobile();
        person.ask_for_a_code(&mobile).await;

        person.can_press("resend", "重新获取").await;

        person.send().await;
        person.seconds_left(5).await;
        assert_eq!(person.app.gateway.messages().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn another_number_need_not_wait() {
    on_each(async |person| {
        let (mistyped, mobile) = (fresh_mobile(), fresh_mobile());
        person.ask_for_a_code(&mistyped).await;
        person.seconds_left(60).await;

        person.press("修改").await;
        person.type_into("mobile", &mobile).await;

        person.can_press("send", "获取验证码").await;
        person.send().await;
        person.seconds_left(60).await;
        assert!(!person.app.gateway.code_for(&mobile).is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_ends_the_wait_and_one_set_back_does_not_make_it_longer() {
    on_each(async |person| {
        person.ask_for_a_code(&fresh_mobile()).await;
        let first = person.seconds_left(60).await;
        person.run("const now = Date.now; Date.now = () => now() - 3600e3;").await;
        person.seconds_left(first - 2).await;

        // The device has been asleep for an hour.
        let wake = "const now = Date.now; Date.now = () => now() + 7200e3; \
            document.dispatchEvent(new Event('visibilitychange'));";
        person.run(wake).await;

        person.can_press("resend", "重新获取").await;
    })
    .await;
}

#[tokio::test]
async fn the_button_is_enabled_when_a_wait_ends_while_shown() {
    on_each(async |person| {
        person.ask_for_a_code(&fresh_mobile()).await;
        person.seconds_left(60).await;

        // From the second look at the clock on, an hour has passed.
        let late =
            "const now = Date.now; let asked = 0; Date.now = () => now() + (asked++ ? 3600e3 : 0);";
        person.run(late).await;

        person.can_press("resend", "重新获取").await;
    })
    .await;
}

#[tokio::test]
async fn the_countdown_is_announced_at_its_beginning_and_end_only() {
    on_each_with(&[("SMS_RESEND_SECONDS", "5")], Script::On, async |person| {
        person.open("/register").await;
        let listen = "window.spoken = []; const place = document.getElementById('spoken'); \
            new MutationObserver(() => window.spoken.push(place.textContent)) \
                .observe(place, { childList: true, characterData: true, subtree: true });";
        person.run(listen).await;
        person.type_into("mobile", &fresh_mobile()).await;
        person.send().await;
        person.can_press("resend", "重新获取").await;

        let spoken = person.run("return window.spoken").await;
        assert_eq!(spoken, json!(["5 秒后重新获取", "现在可以重新获取验证码"]));
        assert_eq!(person.attribute("#spoken", "aria-live").await.as_deref(), Some("polite"));
    })
    .await;
}
