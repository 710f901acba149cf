//! Every error state of the pages: refused, limited, expired, unavailable.

use haoma::{
    domain::{account::AccountSelector, mobile::Mobile},
    flows::lock_user::lock_user,
};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, USER_AGENT},
};
use serde_json::json;
use test_support::{
    app::{PASSWORD, fresh_mobile},
    databases::registered,
    processes::Process,
    sms_gateway::Answer,
};

use crate::{person::Person, states::Walk};

/// The settings that these states need: few tries for passwords and codes.
pub(super) const SETTINGS: [(&str, &str); 4] = [
    ("SMS_CODE_TRIES", "1"),
    ("SIGN_IN_FAILURES", "3"),
    ("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10"),
    ("ACCOUNT_PASSWORD", "required"),
];

/// An error of no field: at the top, or beside the button.
const SAID: &str = "#alert:not(:empty), #send-problem:not(:empty)";

/// User agents of other sessions; the last one is unknown.
const DEVICES: [&str; 4] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
     Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (Linux; Android 15; PLB110) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 \
     Chrome/130.0.6723.103 Mobile Safari/537.36 MicroMessenger/8.0.60.2800(0x28003C35) WeChat/arm64",
    "",
];

/// The longest possible name, in the widest letters.
const LONG_NAME: &str = "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW";

/// Brings the browser into each of these states; the database is gone at the end.
pub(super) async fn walk(
    person: &Person<'_>,
    database: &mut Process,
    language: &str,
    look: impl AsyncFn(&str),
) {
    let walk = Walk { person, look };
    person.open(&format!("/login?lang={language}")).await;
    walk.show_error_pages(language).await;
    walk.show_field_errors().await;
    let has_scripts = person.run("return document.documentElement.className").await == "js";
    if has_scripts {
        walk.show_password_states().await;
        walk.show_a_slow_server().await;
    }
    walk.show_many_sessions().await;
    walk.show_a_taken_name().await;
    walk.show_failing_providers().await;
    database.kill();
    walk.show_a_database_outage().await;
}

impl<F: AsyncFn(&str)> Walk<'_, F> {
    /// Shows error pages without a form.
    async fn show_error_pages(&self, language: &str) {
        let person = self.person;
        let login = format!("/login?lang={language}");
        let form = format!("<form method=post action='{}{login}'>", person.app.base);
        let page = format!("data:text/html,{form}<button>Go</button></form>");
        person.browser.goto(&page).await.expect("a page");
        person.click("button").await;
        self.look_at("refused-other-site", ".request").await;
        person.open("/account/sessions").await;
        self.look_at("refused-method", ".request").await;
        person.open("/login?by=password").await;
        person.run("document.getElementById('login').value = 'a'.repeat(20000)").await;
        self.submit(&[]).await;
        self.look_at("refused-too-large", ".request, #alert:not(:empty)").await;
        let elsewhere = person.app.base.replace("127.0.0.1", "other.localhost");
        person.browser.goto(&format!("{elsewhere}{login}")).await.expect("a page");
        self.look_at("refused-host", ".request").await;
    }

    async fn show_field_errors(&self) {
        self.show_an_expired_captcha().await;
        self.show_wrong_codes().await;
        self.show_taken_numbers().await;
        self.show_a_proved_number().await;
        self.show_login_limits().await;
    }

    /// Proves a number that has no account, which then needs a password.
    async fn show_a_proved_number(&self) {
        let (person, mobile) = (self.person, fresh_mobile());
        person.open("/login").await;
        self.ask(&mobile).await;
        person.has("form.waiting").await;
        person
            .until("message", async || (person.app.gateway.count_for(&mobile) > 0).then_some(()))
            .await;
        let code = person.app.gateway.code_for(&mobile);
        self.submit_code(&code).await;
        person.is_at("/register").await;
        self.look_at("register-proved", "#password").await;
        self.submit(&[]).await;
        self.look_at("register-proved-problems", "#password-problem:not(:empty)").await;
        // The other states are of a form that asks for a number.
        person.browser.delete_cookie("haoma_proof").await.expect("forgets the number");
    }

    /// Answers an expired captcha.
    async fn show_an_expired_captcha(&self) {
        let (person, mobile) = (self.person, fresh_mobile());
        person.begin_registration(&mobile).await;
        person.open_the_sheet().await;
        let answer = person.answer_of_the_picture().await;
        person.app.forget_captcha(&person.picture().await, &answer).await;
        person.type_into("captcha", &answer).await;
        person.send_without_scripts().await;
        self.look_at("register-captcha-gone", "#captcha-problem:not(:empty)").await;
    }

    /// Types wrong codes and codes that were never sent.
    async fn show_wrong_codes(&self) {
        let (person, mobile) = (self.person, fresh_mobile());
        person.open("/register").await;
        self.ask(&mobile).await;
        person.has("form.waiting").await;
        let code = person.app.gateway.code_for(&mobile);
        let wrong = if code == "000000" { "111111" } else { "000000" };
        self.submit(&[("sms_code", wrong), ("password", PASSWORD)]).await;
        self.look_at("register-code-dead", "#sms_code-problem:not(:empty)").await;

        person.open("/reset-password").await;
        let mobile = fresh_mobile();
        person.type_number(&mobile).await;
        person.run("document.querySelector('.js form')?.classList.add('asked')").await;
        self.submit(&[("sms_code", "123456"), ("password", PASSWORD)]).await;
        self.look_at("reset-password-code-gone", "#sms_code-problem:not(:empty)").await;
    }

    /// Types numbers that are taken or have just got a message.
    async fn show_taken_numbers(&self) {
        let person = self.person;
        let (taken, texted) = (fresh_mobile(), fresh_mobile());
        person.app.client().register(&taken).await;
        person.app.client().request_code(&texted).await;
        person.open("/register").await;
        self.ask(&taken).await;
        self.look_at("register-taken", "#mobile-problem:not(:empty)").await;
        self.ask(&texted).await;
        self.look_at("register-too-often", SAID).await;
    }

    async fn ask(&self, mobile: &str) {
        self.person.type_number(mobile).await;
        if self.person.has_scripts().await {
            return self.person.send().await;
        }
        self.person.solve_the_picture().await;
        // The button is disabled for another number too.
        self.person.press_enter_in("captcha").await;
    }

    async fn show_login_limits(&self) {
        let person = self.person;
        let (locked, guessed) = (fresh_mobile(), fresh_mobile());
        person.app.client().register(&locked).await;
        let mobile = Mobile::from_stored(locked.clone());
        lock_user(&person.app.state.db, &AccountSelector::Mobile(mobile)).await.expect("locked");
        person.open("/login?by=password").await;
        self.submit(&[("login", &locked), ("password", PASSWORD)]).await;
        self.look_at("login-locked", SAID).await;
        let wrong = json!({ "login": guessed, "password": "not the right one" });
        for _ in 0..3 {
            person.app.client().post_json("/api/v1/session", &wrong).await;
        }
        person.open("/login?by=password").await;
        self.submit(&[("login", &guessed), ("password", PASSWORD)]).await;
        self.look_at("login-price", "#captcha-problem:not(:empty), #sheet[open]").await;
    }

    /// Shows the states of a password and of an audio captcha that need scripts.
    async fn show_password_states(&self) {
        let person = self.person;
        person.open("/register").await;
        self.ask(&fresh_mobile()).await;
        person.has("form.asked").await;
        person.type_into("password", "abc").await;
        self.look_at("register-password-short", "#password").await;
        person.type_into("password", "correct horse battery").await;
        person.click(".inside button").await;
        self.look_at("register-password-strong", "#password[type=text]").await;
        self.show_a_recording().await;
    }

    async fn show_a_recording(&self) {
        let person = self.person;
        person.type_number(&fresh_mobile()).await;
        person.open_the_sheet().await;
        person.click(".listen button").await;
        self.look_at("register-listening", "#audio").await;
    }

    /// Shows the states of a slow or unreachable server that need scripts.
    async fn show_a_slow_server(&self) {
        let person = self.person;
        person.open("/register").await;
        person.run("window.fetch = () => new Promise(() => {})").await;
        self.ask(&fresh_mobile()).await;
        self.look_at("register-sending", "#send:disabled").await;
        person.open("/register").await;
        person.run("window.fetch = () => Promise.reject(new TypeError())").await;
        self.ask(&fresh_mobile()).await;
        self.look_at("register-offline", SAID).await;
    }

    async fn show_many_sessions(&self) {
        let (person, mobile) = (self.person, fresh_mobile());
        let known = person.app.client().signed_in(&mobile).await;
        let name = json!({ "name": LONG_NAME }).to_string();
        let rename = known.request(Method::PATCH, "/api/v1/user").body(name);
        known.send(rename.header(CONTENT_TYPE, "application/json")).await;
        let login = json!({ "login": mobile, "password": PASSWORD }).to_string();
        for device in DEVICES {
            let there = person.app.client();
            let sign_in = there.request(Method::POST, "/api/v1/session").body(login.clone());
            let sign_in = sign_in.header(CONTENT_TYPE, "application/json");
            there.send(sign_in.header(USER_AGENT, device)).await;
        }
        person.open("/login?by=password").await;
        self.submit(&[("login", &mobile), ("password", PASSWORD)]).await;
        person.is_at("/account").await;
        self.look_at("account-many-sessions", "[value=others]").await;
    }

    async fn show_a_taken_name(&self) {
        let person = self.person;
        let mobile = fresh_mobile();
        let taken = format!("taken-{mobile}");
        registered(&person.app.state.db, &fresh_mobile(), &taken).await;
        person.open("/account/name").await;
        self.submit(&[("name", &taken)]).await;
        self.look_at("account-name-taken", "#name-problem:not(:empty)").await;
    }

    /// Lets all providers fail, until none is asked any more.
    async fn show_failing_providers(&self) {
        let person = self.person;
        // Who is signed in is asked for no number.
        let session = person.browser.get_named_cookie("haoma").await.expect("a session");
        person.browser.delete_cookie("haoma").await.expect("signs out");
        person.app.gateway.answer(Answer::Status(401));
        person.open("/register").await;
        self.ask(&fresh_mobile()).await;
        self.look_at("register-sms-refused", SAID).await;
        person.app.gateway.answer(Answer::Status(503));
        let mobile = Mobile::from_stored(fresh_mobile());
        while person.app.state.sms.paused_for(&mobile).is_none() {
            person.app.client().request_code(&fresh_mobile()).await;
        }
        person.open("/register").await;
        self.ask(&fresh_mobile()).await;
        self.look_at("register-sms-paused", SAID).await;
        person.browser.add_cookie(session).await.expect("signs in");
    }

    async fn show_a_database_outage(&self) {
        let person = self.person;
        person.open("/account").await;
        self.look_at("unavailable", ".request").await;
        person.begin_registration(&fresh_mobile()).await;
        person.open_the_sheet().await;
        person.type_into("captcha", "abcd").await;
        person.send_without_scripts().await;
        self.look_at("register-unavailable", SAID).await;
    }
}
