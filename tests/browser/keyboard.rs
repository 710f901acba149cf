//! Every flow on a narrow phone by keyboard alone, without any pointer.

use fantoccini::key::Key;
use test_support::app::{PASSWORD, fresh_mobile};

use crate::person::{Person, Script, on_each_with};

const NEW_PASSWORD: &str = "battery staple 8";
const ACCOUNT: &str = "/account";

/// The maximum of key presses to reach a control on a page.
const STEPS: usize = 40;

async fn on_each(test: impl AsyncFn(&Person<'_>)) {
    let settings = [("SMS_RESEND_SECONDS", "1"), ("SMS_PER_MOBILE_HOUR", "100")];
    on_each_with(&settings, Script::On, async |person| {
        person.set_viewport(360, 740).await;
        test(person).await;
    })
    .await;
}

/// Presses Tab, or Shift+Tab, until the focus is on this element; the focus has to be visible all the way.
async fn go_to(person: &Person<'_>, css: &str) {
    let script = format!(
        "const it = document.activeElement, box = it.getBoundingClientRect(); \
         const ring = getComputedStyle(it).outlineStyle !== 'none'; \
         const wanted = document.querySelector({css:?}); \
         const is_before = wanted && it.compareDocumentPosition(wanted) & 2; \
         return [it === wanted, it === document.body || ring && box.width > 1, !!is_before]"
    );
    for _ in 0..STEPS {
        // A page that has just been loaded may have the focus a moment before it is drawn.
        let look =
            async || Some(person.run(&script).await).filter(|rectangle| rectangle[1] == true);
        let focus = person.until("focus that can be seen", look).await;
        if focus[0] == true {
            return;
        }
        if focus[2] == true {
            person.press_with_shift(Key::Tab).await;
        } else {
            person.press_key(Key::Tab).await;
        }
    }
    panic!("no way to {css} on {}", person.browser.current_url().await.expect("a page"));
}

async fn fill_in(person: &Person<'_>, field: &str, text: &str) {
    go_to(person, &format!("[name={field}]")).await;
    // A number may be filled in already.
    if ["login", "mobile"].contains(&field) {
        person.press_with_control('a').await;
    }
    for letter in text.chars() {
        person.press_key(letter).await;
    }
}

async fn press(person: &Person<'_>, css: &str) {
    go_to(person, css).await;
    person.press_key(Key::Enter).await;
}

/// Fills in number, captcha and code: Enter and the last character do the next step, and the focus follows.
async fn enter_code(person: &Person<'_>, mobile: &str) {
    let before = person.app.gateway.count_for(mobile);
    fill_in(person, "mobile", mobile).await;
    person.press_key(Key::Enter).await;
    person.has_focus_in("captcha").await;
    let answer = person.answer_of_the_picture().await;
    fill_in(person, "captcha", &answer).await;
    person.has_focus_in("sms_code").await;
    person
        .until("message", async || (person.app.gateway.count_for(mobile) > before).then_some(()))
        .await;
    fill_in(person, "sms_code", &person.app.gateway.code_for(mobile)).await;
}

async fn sign_in(person: &Person<'_>, mobile: &str, password: &str) {
    fill_in(person, "login", mobile).await;
    fill_in(person, "password", password).await;
    person.press_key(Key::Enter).await;
    person.is_at(ACCOUNT).await;
}

#[tokio::test]
async fn registration_and_every_account_setting_work_by_keyboard() {
    on_each(async |person| {
        let (mobile, other) = (fresh_mobile(), fresh_mobile());
        person.open("/login?by=password").await;
        press(person, "a[href='/register']").await;
        person.is_at("/register").await;
        enter_code(person, &mobile).await;
        fill_in(person, "password", PASSWORD).await;
        press(person, "form > .first, .step-code > .first").await;
        person.is_at(ACCOUNT).await;

        press(person, "a[href='/account/name']").await;
        go_to(person, "[name=name]").await;
        person.press_key(Key::End).await;
        fill_in(person, "name", "-2").await;
        person.press_key(Key::Enter).await;
        person.is_at(ACCOUNT).await;
        person.sees("-2").await;

        press(person, "a[href='/account/password']").await;
        fill_in(person, "password", PASSWORD).await;
        fill_in(person, "new_password", NEW_PASSWORD).await;
        press(person, "form > .first, .step-code > .first").await;
        person.is_at(ACCOUNT).await;

        press(person, "a[href='/account/mobile']").await;
        enter_code(person, &other).await;
        fill_in(person, "password", NEW_PASSWORD).await;
        press(person, "form > .first, .step-code > .first").await;
        person.is_at(ACCOUNT).await;
        person.sees(&other[7..]).await;

        press(person, "form[action='/logout'] button").await;
        person.is_at("/login").await;
        press(person, ".after a[href='/login?by=password']").await;
        person.is_at("/login?by=password").await;
        sign_in(person, &other, NEW_PASSWORD).await;
        press(person, "main summary").await;
        press(person, "a[href='/account/delete']").await;
        fill_in(person, "password", NEW_PASSWORD).await;
        press(person, "form > .first, .step-code > .first").await;
        person.is_at("/login").await;
        person.sees("账号已注销").await;
    })
    .await;
}

#[tokio::test]
async fn code_sign_in_reset_and_ending_other_sessions_work_by_keyboard() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.app.skip_resend_wait().await;
        person.open("/login").await;
        enter_code(person, &mobile).await;
        person.is_at(ACCOUNT).await;
        press(person, "button[value=others]").await;
        person.sees("已退出其他所有设备").await;
        press(person, "form[action='/logout'] button").await;
        person.is_at("/login").await;

        person.app.skip_resend_wait().await;
        press(person, ".after a[href='/login?by=password']").await;
        person.is_at("/login?by=password").await;
        press(person, "a[href='/reset-password']").await;
        person.is_at("/reset-password").await;
        enter_code(person, &mobile).await;
        fill_in(person, "password", NEW_PASSWORD).await;
        press(person, "form > .first, .step-code > .first").await;
        person.is_at("/login?by=password").await;
        sign_in(person, &mobile, NEW_PASSWORD).await;
    })
    .await;
}

/// A screen reader reads the error with the focused field.
#[tokio::test]
async fn an_error_describes_the_focused_field() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        let description = "const it = document.activeElement; \
            return it.getAttribute('aria-describedby').split(' ') \
                .map((id) => document.getElementById(id).textContent.trim()).join(' ').trim()";
        person.open("/login?by=password").await;
        person.press_key(Key::Enter).await;
        person.has_focus_in("login").await;
        person.sees_error_beside("login", "请输入手机号或用户名").await;
        assert_eq!(person.run(description).await, "请输入手机号或用户名");

        fill_in(person, "login", &mobile).await;
        fill_in(person, "password", "not the right one").await;
        person.press_key(Key::Enter).await;
        person.sees("账号或密码错误").await;
        person.has_focus_in("password").await;
        let description = person.run(description).await;
        assert!(
            description.as_str().is_some_and(|text| text.contains("账号或密码错误")),
            "{description}"
        );
        let title = person.browser.title().await.expect("a title");
        assert!(title.starts_with("请检查"), "{title}");
    })
    .await;
}

/// Another window has the focus, which happens when tests run at the same time.
#[tokio::test]
async fn the_focus_is_visible_in_an_inactive_window() {
    on_each(async |person| {
        let first = person.browser.window().await.expect("a window");
        person.browser.new_window(false).await.expect("another window");
        person.browser.switch_to_window(first).await.expect("the window");
        person.open("/login?by=password").await;

        go_to(person, "[name=password]").await;
    })
    .await;
}

#[tokio::test]
async fn reduced_motion_disables_animations() {
    on_each(async |person| {
        person.open("/login").await;
        let moving = "return [...document.querySelectorAll('*')].filter((it) => { \
            const { transitionDuration, animationName } = getComputedStyle(it); \
            return transitionDuration !== '0s' || animationName !== 'none'; }).length";
        assert_ne!(person.run(moving).await, 0, "there is something to be still");

        person.prefer(&[("prefers-reduced-motion", "reduce")]).await;

        assert_eq!(person.run(moving).await, 0);
    })
    .await;
}
