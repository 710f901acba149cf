//! The code from the text message: pasted, read by the browser itself, or not arrived.

use fantoccini::key::Key;
use test_support::app::{PASSWORD, fresh_mobile};

use crate::person::{Script, on_each, on_each_with};

/// Simulates a browser that reads text messages: `window.arrive("123456")` delivers a message.
const READER: &str = "
    window.OTPCredential = class {};
    window.asked = [];
    navigator.credentials.get = (how) => new Promise((arrive, abort) => {
        window.asked.push(how.otp.transport.join());
        how.signal.addEventListener('abort', () => abort(new DOMException('', 'AbortError')));
        window.arrive = (code) => arrive({ code });
    });";

#[tokio::test]
async fn a_code_is_found_in_a_pasted_message() {
    on_each(async |person| {
        person.ask_for_a_code(&fresh_mobile()).await;
        for (pasted, code) in [
            ("123 456", "123456"),
            (" 123-456 ", "123456"),
            ("【号码】验证码 123456，5 分钟内有效", "123456"),
            ("Code: 123456.", "123456"),
            ("1234567", "1234567"),
        ] {
            let paste = format!(
                "const it = document.getElementById('sms_code'); it.focus(); it.select(); \
                 document.execCommand('insertText', false, {pasted:?});"
            );
            person.run(&paste).await;
            assert_eq!(person.typed_in("sms_code").await, code, "{pasted}");
        }
        assert_eq!(person.attribute("#sms_code", "inputmode").await.as_deref(), Some("numeric"));
        let fill = person.attribute("#sms_code", "autocomplete").await;
        assert_eq!(fill.as_deref(), Some("one-time-code"));
    })
    .await;
}

#[tokio::test]
async fn without_scripts_a_space_in_the_code_does_no_harm() {
    on_each_with(&[], Script::Off, async |person| {
        let code = person.ask_for_a_code(&fresh_mobile()).await;
        person.type_into("sms_code", &format!("{} {}", &code[..3], &code[3..])).await;
        person.type_into("password", PASSWORD).await;

        person.press_key(Key::Enter).await;

        person.is_at("/account").await;
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_reads_messages_fills_the_code_in() {
    on_each(async |person| {
        person.run_before_all(READER).await;
        let code = person.ask_for_a_code(&fresh_mobile()).await;
        assert_eq!(person.run("return window.asked.join()").await, "sms");

        person.run(&format!("window.arrive('{code}')")).await;

        person.has_focus_in("password").await;
        assert_eq!(person.typed_in("sms_code").await, code);
        person.type_into("password", PASSWORD).await;
        person.press_enter_in("password").await;
        person.is_at("/account").await;
    })
    .await;
}

#[tokio::test]
async fn a_code_is_filled_in_after_a_reload_and_never_over_typed_text() {
    on_each(async |person| {
        person.run_before_all(READER).await;
        person.open("/register").await;
        assert_eq!(person.run("return window.asked.length").await, 0);
        person.ask_for_a_code(&fresh_mobile()).await;
        person.reload().await;
        person.type_into("sms_code", "12").await;
        assert_eq!(person.run("return window.asked.join()").await, "sms");

        person.run("window.arrive('654321')").await;

        assert_eq!(person.run("return document.getElementById('sms_code').value").await, "12");
    })
    .await;
}

#[tokio::test]
async fn advice_appears_when_no_code_has_come() {
    on_each_with(&[("SMS_RESEND_SECONDS", "3")], Script::On, async |person| {
        person.open("/login").await;
        assert!(!person.is_shown(".missed").await, "nothing was sent yet");
        let mobile = fresh_mobile();
        person.ask_for_a_code(&mobile).await;
        person.click("main summary").await;
        person.sees("确认手机号填写正确").await;

        person.can_press("resend", "重新获取").await;
        person.press("修改").await;
        person.has_focus_in("mobile").await;
        let typed = "const it = document.activeElement; \
            return it.value.slice(it.selectionStart, it.selectionEnd)";
        let typed = person.run(typed).await.as_str().map(|typed| typed.replace(' ', ""));
        assert_eq!(typed.as_deref(), Some(mobile.as_str()));

        person.reload().await;
        person.can_press("resend", "重新获取").await;
        person.press("登录").await;
        person.is_at("/login").await;
        assert_eq!(person.number().await, mobile);
        person.press("密码登录").await;
        person.is_at("/login?by=password").await;
        assert_eq!(person.typed_in("login").await.replace(' ', ""), mobile);
    })
    .await;
}
