//! Every page in every state that a person can bring it into: empty, with errors, waiting, done.

use std::time::Duration;

use haoma::domain::oauth::client::OauthClient;
use test_support::{
    app::{PASSWORD, fresh_mobile},
    oauth_clients,
};
use url::form_urlencoded;

use crate::person::Person;

/// The settings that these states need: the registration page has a checkbox for terms only if there are any.
pub(super) const SETTINGS: [(&str, &str); 2] =
    [("TERMS_URL", "https://example.com/terms"), ("TERMS_VERSION", "2026-11")];

/// A person on the way through pages, and the function to call at every state.
pub(super) struct Walk<'a, F> {
    pub(super) person: &'a Person<'a>,
    pub(super) look: F,
}

/// Brings the browser into each state, and calls `look` with its name.
pub(super) async fn walk(person: &Person<'_>, language: &str, look: impl AsyncFn(&str)) {
    let walk = Walk { person, look };
    // The chosen language is remembered from here on.
    person.open(&format!("/login?by=password&lang={language}")).await;
    walk.look_at("login-by-password", "#login").await;
    let mobile = walk.register().await;
    walk.change_the_account().await;
    walk.sign_in_to_an_application().await;
    walk.sign_out().await;
    walk.sign_in(&mobile).await;
    walk.sign_in_by_code().await;
    walk.sign_in_again().await;
    walk.reset(&mobile).await;
    walk.miss_pages().await;
}

impl<F: AsyncFn(&str)> Walk<'_, F> {
    async fn miss_pages(&self) {
        self.person.open("/nowhere").await;
        self.look_at("not-found", "h1").await;
        self.person.open(&format!("/{}", "a-long-address-of-one-word".repeat(20))).await;
        self.look_at("not-found-long", "h1").await;
    }

    /// Waits for the element that marks the state, and calls `look`.
    pub(super) async fn look_at(&self, name: &str, sign: &str) {
        self.person.has(sign).await;
        (self.look)(name).await;
    }

    /// Shows the states between a number and its captcha.
    async fn open_the_sheet(&self, page: &str) {
        let person = self.person;
        self.look_at(&format!("{page}-ready"), "form.ready").await;
        person.click("#send").await;
        if person.find_field("terms").await.is_some() {
            self.look_at(&format!("{page}-terms"), "#agree[open]").await;
            person.click("#agree [value=agree]").await;
        }
        self.look_at(&format!("{page}-captcha"), "#sheet[open]").await;
    }

    /// Shows the states that every form with a code has.
    async fn ask_for_a_code(&self, page: &str, mobile: &str) {
        let person = self.person;
        let before = person.app.gateway.count_for(mobile);
        person.type_number(mobile).await;
        if person.has_scripts().await {
            self.open_the_sheet(page).await;
        }
        person.misread_the_picture().await;
        person.send_without_scripts().await;
        self.look_at(&format!("{page}-captcha-wrong"), "#captcha-problem:not(:empty)").await;
        person.solve_the_picture().await;
        person.send_without_scripts().await;
        self.look_at(&format!("{page}-waiting"), "form.waiting").await;
        person
            .until("message", async || {
                (person.app.gateway.count_for(mobile) > before).then_some(())
            })
            .await;
    }

    /// Fills in fields, accepts the terms if there are any, and clicks the button of the form.
    pub(super) async fn submit(&self, fields: &[(&str, &str)]) {
        for (field, text) in fields {
            self.person.type_into(field, text).await;
        }
        if !fields.is_empty() {
            self.person.run("document.querySelectorAll('[name=terms]:not(:checked)').forEach((it) => it.click())").await;
        }
        self.person.click("form > .first, .step-code > .first").await;
    }

    /// Types a code, whose sixth digit sends it where scripts run.
    pub(super) async fn submit_code(&self, code: &str) {
        if self.person.has_scripts().await {
            self.person.type_into("sms_code", code).await;
        } else {
            self.submit(&[("sms_code", code)]).await;
        }
    }

    /// Shows an empty form, and its errors when it is submitted empty.
    async fn open_a_form(&self, page: &str, path: &str, first: &str) {
        self.person.open(path).await;
        self.look_at(page, &format!("#{first}")).await;
        let has_scripts = self.person.has_scripts().await;
        if first == "mobile" {
            // The number of the last page may be there.
            self.person.type_number(" ").await;
        }
        if first == "mobile" && has_scripts {
            self.person.click("#send").await;
        } else {
            self.submit(&[]).await;
        }
        let sign = format!("#{first}-problem:not(:empty)");
        self.look_at(&format!("{page}-problems"), &sign).await;
    }

    /// Registers and returns the number.
    async fn register(&self) -> String {
        let (person, mobile) = (self.person, fresh_mobile());
        self.open_a_form("register", "/register", "mobile").await;
        self.ask_for_a_code("register", &mobile).await;
        let code = person.app.gateway.code_for(&mobile);
        let wrong = if code == "000000" { "111111" } else { "000000" };
        for (state, code, password, sign) in [
            ("password-common", &*code, "password1", "#password-problem:not(:empty)"),
            ("code-wrong", wrong, PASSWORD, "#sms_code-problem:not(:empty)"),
        ] {
            self.submit(&[("sms_code", code), ("password", password)]).await;
            self.look_at(&format!("register-{state}"), sign).await;
        }
        self.submit(&[("sms_code", &code), ("password", PASSWORD)]).await;
        person.is_at("/account").await;
        mobile
    }

    async fn change_the_account(&self) {
        let person = self.person;
        self.look_at("account", "#sessions").await;
        for (page, field) in [("name", "name"), ("password", "password"), ("delete", "password")] {
            person.open(&format!("/account/{page}")).await;
            self.look_at(&format!("account-{page}"), "form").await;
            self.submit(&[(field, "!")]).await;
            self.look_at(&format!("account-{page}-problem"), ".problem:not(:empty)").await;
        }
        self.open_a_form("account-mobile", "/account/mobile", "mobile").await;
        self.ask_for_a_code("account-mobile", &fresh_mobile()).await;
    }

    async fn sign_out(&self) {
        self.person.open("/account").await;
        self.person.click("form[action='/logout'] button").await;
        self.person.is_at("/login").await;
    }

    /// Lets an application know something. It is on our own host, because nothing else answers here.
    async fn sign_in_to_an_application(&self) {
        let person = self.person;
        let back_to = format!("{}/account", person.app.base);
        let foreign = OauthClient { is_own: false, ..oauth_clients::new_client(&back_to) };
        let client = oauth_clients::register(person.app, foreign, None).await;
        let query = [
            ("response_type", "code"),
            ("client_id", &*client.id),
            ("redirect_uri", &*back_to),
            ("scope", "openid profile phone offline_access"),
        ];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        person.open(&format!("/oauth/authorize?{query}")).await;
        self.look_at("oauth-consent", ".scopes").await;
        person.click("[name=decision][value=allow]").await;
        self.look_at("account-applications", "#applications").await;
        person.open("/oauth/logout").await;
        self.look_at("oauth-logout", "form[action^='/oauth/logout/confirmed']").await;
    }

    async fn sign_in(&self, mobile: &str) {
        let person = self.person;
        person.open("/login?by=password").await;
        let wrong = [("login", mobile), ("password", "not the right one")];
        let states = if person.has_scripts().await {
            vec![
                ("login-wrong", "#password-problem:not(:empty)"),
                ("login-wrong-again", "#password-problem:not(:empty)"),
                ("login-captcha", "#sheet[open]"),
            ]
        } else {
            vec![
                ("login-wrong", "#alert:not(:empty)"),
                ("login-wrong-again", "#alert:not(:empty)"),
                ("login-captcha", ".captcha"),
                ("login-captcha-missing", "#captcha-problem:not(:empty)"),
            ]
        };
        for (state, sign) in states {
            self.submit(&wrong).await;
            self.look_at(state, sign).await;
        }
    }

    /// Signs in with a number that has no account, which registers it.
    async fn sign_in_by_code(&self) {
        let (person, mobile) = (self.person, fresh_mobile());
        self.open_a_form("login-by-code", "/login", "mobile").await;
        self.ask_for_a_code("login-by-code", &mobile).await;
        // Moves the browser's clock to the end of the countdown; without scripts it would take a minute.
        let later = "const now = Date.now; Date.now = () => now() + 120e3; \
            document.dispatchEvent(new Event('visibilitychange')); \
            document.querySelector('form').classList.remove('waiting'); \
            document.querySelector('.missed').open = true;";
        person.run(later).await;
        self.look_at("login-by-code-missed", ".missed").await;
        self.submit_code(&person.app.gateway.code_for(&mobile)).await;
        person.is_at("/account").await;
        self.look_at("account-new", "#notice:not(:empty)").await;
        self.change_an_account_without_a_password().await;
        person.open("/login").await;
        self.look_at("login-signed-in", ".done a").await;
    }

    async fn change_an_account_without_a_password(&self) {
        let person = self.person;
        person.click("main summary").await;
        self.look_at("account-more", "main details[open]").await;
        person.open("/account/password").await;
        self.look_at("account-first-password", "#new_password").await;
        person.open("/account/delete").await;
        self.look_at("account-delete-confirm", "[name=confirm]").await;
        self.submit(&[]).await;
        self.look_at("account-delete-unconfirmed", "#confirm-problem:not(:empty)").await;
    }

    /// Comes back to an account without a password when the sign-in is too old for a change.
    async fn sign_in_again(&self) {
        self.person.app.advance(Duration::from_mins(11)).await;
        self.person.open("/account/password").await;
        self.look_at("login-again", "#notice:not(:empty)").await;
    }

    async fn reset(&self, mobile: &str) {
        self.open_a_form("reset-password", "/reset-password", "mobile").await;
        self.ask_for_a_code("reset-password", mobile).await;
        let code = self.person.app.gateway.code_for(mobile);
        self.submit(&[("sms_code", &code), ("password", "battery staple 8")]).await;
        self.person.is_at("/login?by=password").await;
        self.look_at("login-after-reset", "#notice:not(:empty)").await;
        self.submit(&[("login", &fresh_mobile()), ("password", "not the right one")]).await;
        let sign = "#password-problem:not(:empty), #alert:not(:empty)";
        self.look_at("login-after-reset-wrong", sign).await;
    }
}
