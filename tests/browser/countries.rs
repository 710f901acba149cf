//! The menu of countries beside a number: by keyboard, by pasting, and without scripts.

use fantoccini::key::Key;
use serde_json::json;

use crate::person::{Person, Script, on_each_with, on_sqlite};

pub(super) const SETTINGS: [(&str, &str); 1] = [("SMS_REGIONS", "CN,HK,SG")];

/// What the menu has chosen, and the prefix that stands before the number.
const CHOSEN: &str = "return [document.querySelector('select').value, \
    (document.querySelector('.country') || {}).textContent || '']";

async fn code_for(person: &Person<'_>, mobile: &str) -> String {
    let sent = async || (person.app.gateway.count_for(mobile) > 0).then_some(());
    person.until("message", sent).await;
    person.app.gateway.code_for(mobile)
}

#[tokio::test]
async fn a_country_is_chosen_by_keyboard_and_says_how_digits_are_read() {
    on_each_with(&SETTINGS, Script::On, async |person| {
        person.open("/login").await;
        person.has_focus_in("mobile").await;
        person.press_with_shift(Key::Tab).await;
        person.has_focus_in("country").await;
        person.press_key(Key::Down).await;
        assert_eq!(person.run(CHOSEN).await, json!(["HK", "+852"]));
        person.press_key(Key::Tab).await;
        person.has_focus_in("mobile").await;

        for letter in "9123".chars() {
            person.press_key(letter).await;
        }
        person.press_key(Key::Enter).await;
        person.sees_error_beside("mobile", "请输入正确的手机号，例如 5123 4567").await;
        assert!(person.browser.find(fantoccini::Locator::Css("#sheet[open]")).await.is_err());
        for letter in "4567".chars() {
            person.press_key(letter).await;
        }
        person.press_key(Key::Enter).await;
        person.has_focus_in("captcha").await;
        person.solve_the_picture().await;
        person.has("form.asked").await;
        let code = code_for(person, "+85291234567").await;
        person.type_into("sms_code", &code).await;
        person.is_at("/account").await;
        person.sees("+852****4567").await;
    })
    .await;
}

#[tokio::test]
async fn a_pasted_prefix_chooses_its_country_and_a_choice_lasts() {
    on_sqlite(&SETTINGS, Script::On, async |person| {
        person.open("/login").await;
        assert_eq!(person.run(CHOSEN).await, json!(["CN", "+86"]));
        for (typed, chosen) in [
            ("+65 9123 4567", json!(["SG", "+65"])),
            ("0085291234567", json!(["HK", "+852"])),
            ("＋８６ 138 0013 8000", json!(["CN", "+86"])),
        ] {
            person.type_into("mobile", typed).await;
            assert_eq!(person.run(CHOSEN).await, chosen, "{typed}");
        }
        assert_eq!(person.number().await, "13800138000", "grouped without its prefix");
        // A number of a country that is not served keeps its prefix, and only the server can say so.
        person.type_into("mobile", "+1 650 253 0000").await;
        person.send().await;
        person.sees_error_beside("mobile", "暂不支持该国家或地区的手机号：美国").await;

        person.click("select option[value=SG]").await;
        person.type_into("mobile", "").await;
        person.open("/register").await;
        assert_eq!(person.run(CHOSEN).await, json!(["SG", "+65"]), "in this tab");
        person.type_into("mobile", "9123 4567").await;
        person.open("/login?by=password").await;
        assert_eq!(person.run(CHOSEN).await, json!(["SG", "+65"]), "with the number");
    })
    .await;
}

#[tokio::test]
async fn a_country_is_chosen_without_scripts() {
    on_each_with(&SETTINGS, Script::Off, async |person| {
        person.open("/login").await;
        person.click("select option[value=HK]").await;
        person.type_into("mobile", "9123 4567").await;
        person.send().await;
        person.sees("验证码已发送至 +852 9123 4567").await;
        assert_eq!(person.run(CHOSEN).await[0], "HK");
        let code = code_for(person, "+85291234567").await;
        person.type_into("sms_code", &code).await;
        person.press_enter_in("sms_code").await;
        person.is_at("/account").await;
        person.sees("+852****4567").await;
    })
    .await;
}
