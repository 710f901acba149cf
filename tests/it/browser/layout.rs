//! Pages on narrow and wide screens, and what the browser says about them.

use std::fs;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::person::{Person, on_each};
use crate::{
    databases::variable,
    haoma::{PASSWORD, fresh_mobile},
};

const PAGES: [&str; 8] = [
    "/register",
    "/login",
    "/reset-password",
    "/account",
    "/account/name",
    "/account/password",
    "/account/mobile",
    "/account/delete",
];

#[tokio::test]
async fn the_browser_has_no_complaints_about_any_page() {
    on_each(async |person| {
        enter(person).await;
        for page in PAGES {
            person.open(page).await;
            person.open(&format!("{page}?lang=en")).await;
        }
        let complaints = person.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
        person.open("/nowhere").await;

        // That there is no such page is complained about, and nothing on it.
        let complaints = person.complaints().await;
        assert_eq!(complaints.len(), 1, "{complaints:?}");
    })
    .await;
}

#[tokio::test]
async fn pages_fit_narrow_and_wide() {
    on_each(async |person| {
        for (language, submit) in [("zh-CN", "注册"), ("en", "Sign up")] {
            person.open(&format!("/nowhere?lang={language}")).await;
            fits(person, &format!("nowhere-{language}")).await;
            for page in ["login", "reset-password", "register"] {
                person.open(&format!("/{page}?lang={language}")).await;
                fits(person, &format!("{page}-{language}")).await;
            }
            person.press(submit).await;
            fits(person, &format!("register-problems-{language}")).await;
        }
        person.open("/login?lang=zh-CN").await;
        enter(person).await;
        for language in ["zh-CN", "en"] {
            person.open(&format!("/login?by=sms&lang={language}")).await;
            fits(person, &format!("login-by-sms-{language}")).await;
            for page in ["name", "password", "mobile", "delete"] {
                person.open(&format!("/account/{page}?lang={language}")).await;
                fits(person, &format!("account-{page}-{language}")).await;
            }
            for page in ["account", "register"] {
                person.open(&format!("/{page}?lang={language}")).await;
                fits(person, &format!("{page}-after-{language}")).await;
            }
        }
    })
    .await;
}

/// Nothing has to be scrolled sideways, on a small phone as on a desk.
async fn fits(person: &Person<'_>, name: &str) {
    for (width, height) in [(320, 568), (390, 844), (1280, 800)] {
        person.hold(width, height).await;
        let (reaches, seen) = person.widths().await;
        assert!(reaches <= seen, "{name}: {reaches} of {seen}");
        if let Some(folder) = variable("HAOMA_SCREENSHOTS") {
            let picture = BASE64_STANDARD.decode(person.photograph().await).expect("base64");
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(format!("{folder}/{name}-{width}.png"), picture).expect("a file");
        }
    }
}

/// Registers, and so signs in.
async fn enter(person: &Person<'_>) {
    let code = person.ask_for_a_code(&fresh_mobile()).await;
    person.type_into("sms_code", &code).await;
    person.type_into("password", PASSWORD).await;
    person.press("注册").await;
    person.is_at("/account").await;
}
