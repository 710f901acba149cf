//! Choosing a password: its strength in words, and the reasons for a refusal.

use test_support::app::fresh_mobile;

use crate::person::on_each;

#[tokio::test]
async fn the_strength_of_a_password_is_shown_as_it_is_typed() {
    on_each(async |person| {
        let mobile = fresh_mobile();
        person.ask_for_a_code(&mobile).await;
        for (password, words) in [
            ("abc", "还差 5 位"),
            ("abcdefgh", "密码强度：弱"),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "密码强度：弱"),
            ("password123", "密码强度：弱"),
            (&format!("{mobile}ab"), "密码强度：弱"),
            ("tree-lamp-7", "密码强度：中"),
            ("correct horse battery", "密码强度：强"),
            ("一二三四五六七八九", "密码强度：强"),
        ] {
            person.type_into("password", password).await;
            let said = person.shown_in("#password-hint").await;
            assert!(said.starts_with(words), "{password}: {said}");
        }
        // When the field is emptied, the hint is shown again.
        let empty = "const it = document.getElementById('password'); it.value = ''; \
            it.dispatchEvent(new Event('input'));";
        person.run(empty).await;
        assert_eq!(person.shown_in("#password-hint").await, "可不填。至少 8 位");
        let live = person.attribute("#password-hint", "aria-live").await;
        assert_eq!(live.as_deref(), Some("polite"));
    })
    .await;
}

#[tokio::test]
async fn the_strength_is_shown_after_a_refused_password_too() {
    on_each(async |person| {
        let code = person.ask_for_a_code(&fresh_mobile()).await;
        person.type_into("sms_code", &code).await;
        person.type_into("password", "tree-lamp-7").await;
        person.press("注册").await;
        person.is_at("/account").await;
        person.open("/account/password").await;
        person.type_into("password", "tree-lamp-7").await;
        person.type_into("new_password", "password1").await;
        person.press("保存").await;
        person.sees_error_beside("new_password", "密码过于常见").await;

        person.type_into("new_password", "correct horse battery").await;

        assert_eq!(person.shown_in("#new_password-hint").await, "密码强度：强");
        assert_eq!(person.attribute("#new_password", "aria-invalid").await, None);
    })
    .await;
}

#[tokio::test]
async fn a_common_password_is_refused_with_the_reason_and_costs_no_code() {
    on_each(async |person| {
        let code = person.ask_for_a_code(&fresh_mobile()).await;
        for password in ["password1", "1qaz2wsx"] {
            person.type_into("sms_code", &code).await;
            person.type_into("password", password).await;
            person.press("注册").await;
            person.sees_error_beside("password", "密码过于常见，容易被猜到，请换一个").await;
        }
        person.type_into("sms_code", &code).await;
        person.type_into("password", "tree-lamp-7").await;
        person.press("注册").await;
        person.is_at("/account").await;
    })
    .await;
}
