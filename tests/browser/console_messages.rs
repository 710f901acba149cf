//! Messages in the browser's console.

use test_support::app::fresh_mobile;

use crate::person::{Person, on_each};

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
async fn no_page_logs_to_the_browser_console() {
    on_each(async |person| {
        enter(person).await;
        for page in PAGES {
            person.open(page).await;
            person.open(&format!("{page}?lang=en")).await;
        }
        let complaints = person.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
        person.open("/nowhere").await;

        // The only message is that the page does not exist.
        let complaints = person.complaints().await;
        assert_eq!(complaints.len(), 1, "{complaints:?}");
    })
    .await;
}

/// Registers, which signs in.
async fn enter(person: &Person<'_>) {
    let code = person.ask_for_a_code(&fresh_mobile()).await;
    person.finish_registration(&code).await;
}
