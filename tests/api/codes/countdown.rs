//! Countdowns show the server's time.

use std::time::Duration;

use test_support::{
    app::{fresh_mobile, on_each},
    interface::Interface,
};

#[tokio::test]
async fn a_reload_shows_the_remaining_seconds() {
    on_each(async |app| {
        for asked_over in test_support::interface::INTERFACES {
            let (client, mobile) = (app.client(), fresh_mobile());
            asked_over.assert_success(&asked_over.request_code(&client, &mobile).await, 200);

            let first = client.get("/register").await;
            app.advance(Duration::from_secs(10)).await;
            let second = client.get("/register").await;
            let seconds =
                Interface::Json.resend_after(&Interface::Json.request_code(&client, &mobile).await);

            let (one, two) =
                (Interface::Page.resend_after(&first), Interface::Page.resend_after(&second));
            assert!((1..=60).contains(&one), "{one}");
            assert!(two + 10 <= one, "{two} after {one}");
            assert!(seconds <= two, "{seconds} after {two}");
            assert!(first.body.contains("disabled"), "the button waits");
            assert!(first.body.contains(&format!("value=\"{mobile}\"")), "the number is filled in");
            let shown = format!("{} {} {}", &mobile[..3], &mobile[3..7], &mobile[7..]);
            assert!(first.text_of("sent").expect("a notice").contains(&shown));
        }
    })
    .await;
}

#[tokio::test]
async fn other_browsers_see_no_countdown_and_no_number() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.request_code(&mobile).await;

        let page = app.client().get("/register").await;

        assert_eq!(Interface::Page.resend_after(&page), 0);
        assert!(!page.body.contains(&mobile));
    })
    .await;
}

#[tokio::test]
async fn a_cookie_that_was_tampered_with_shows_nothing() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.request_code(&mobile).await;
        let (name, value) = client.cookie_jar().into_iter().next().expect("the pending cookie");
        let mut letters: Vec<char> = value.chars().collect();
        letters[10] = if letters[10] == 'A' { 'B' } else { 'A' };
        for value in
            [letters.into_iter().collect(), format!("9999999999 {mobile}"), "%00".to_owned()]
        {
            client.set_cookies([(name.clone(), value)].into());
            let page = client.get("/register").await;

            assert_eq!(page.status.as_u16(), 200);
            assert_eq!(Interface::Page.resend_after(&page), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn when_the_time_is_over_the_button_is_free_again() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.request_code(&mobile).await;
        app.skip_resend_wait().await;

        let page = client.get("/register").await;

        assert_eq!(Interface::Page.resend_after(&page), 0);
        assert!(page.body.contains(&format!("value=\"{mobile}\"")));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_answer_does_not_hide_a_countdown_that_runs() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.request_code(&mobile).await;

        let weak = Interface::Page.register(&client, &mobile, "123456", "short").await;

        Interface::Page.assert_field_refused(&weak, "password", "problem-password-short");
        assert!(Interface::Page.resend_after(&weak) > 0);
    })
    .await;
}
