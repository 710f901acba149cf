//! Image captchas: each is drawn and answered once.

use std::collections::BTreeSet;

use haoma::{
    domain::captcha::{CaptchaAnswer, Colors, Difficulty, Letters},
    errors::Error,
};
use reqwest::Method;
use test_support::{
    app::{fresh_mobile, on_each, on_each_with},
    client::TestResponse,
    interface::{Action, Interface, interfaces},
};

#[tokio::test]
async fn a_picture_is_a_png_of_its_own_each_time() {
    on_each(async |app| {
        let client = app.client();
        let first = client.get("/api/v1/captchas/my-picture").await;
        let answer = app.answer_of("my-picture").await.expect("kept");
        let second = client.get("/api/v1/captchas/my-picture").await;

        assert_eq!(first.status.as_u16(), 200);
        assert_eq!(first.header("content-type"), "image/png");
        assert!(first.body.contains("PNG"));
        assert_ne!(first.body, second.body);
        assert!(!first.headers_and_body().to_lowercase().contains(&format!("\"{answer}\"")));
        assert_eq!(answer.len(), 4);
        assert!(first.cookies().is_empty(), "a picture needs no cookie");
    })
    .await;
}

/// Returns width and height from the header of a PNG.
fn size(picture: &[u8]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().expect("4 bytes"));
    (number(16), number(20))
}

/// R8: `harder=on` and `dark=on` are the only parameters of a captcha, and only our own route has them.
#[tokio::test]
async fn no_parameter_but_harder_changes_a_captcha() {
    // The types show it: drawing gets the letters and two colours, and choosing letters gets their number, and neither
    // gets anything else.
    let _: fn(&CaptchaAnswer, &Letters, Colors) -> Result<Vec<u8>, Error> = CaptchaAnswer::draw;
    let _: fn(Difficulty) -> CaptchaAnswer = CaptchaAnswer::random;
    let wishes = "len=100000&length=1&count=1&chars=a&alphabet=a&charset=a&size=1&width=9000&height=9000\
        &w=1&h=1&font=x&seed=42&noise=0&dots=0&difficulty=easy&complexity=0&text=aaaa&code=aaaa";
    on_each(async |app| {
        let client = app.client();
        for (path, more, letters) in [
            ("/api/v1/captchas/ID", "", 4),
            ("/api/v1/captchas/ID", "&harder=6", 4),
            ("/api/v1/captchas/ID", "&harder=on", 6),
            ("/api/v1.0/image_codes/ID", "&harder=on", 4),
            ("/passport/image_code", "&image_code_id=ID&harder=on", 4),
        ] {
            let mut seen = BTreeSet::new();
            for _ in 0..8 {
                let id = uuid::Uuid::new_v4().to_string();
                let path = format!("{path}?{wishes}{more}").replace("ID", &id);
                let request = client.request(Method::GET, &path).header("x-captcha-length", "1");
                let picture = request.send().await.expect("an answer");
                assert_eq!(picture.status().as_u16(), 200, "{path}");
                let picture = picture.bytes().await.expect("a picture");
                let answer = app.answer_of(&id).await.expect("kept");
                assert_eq!(answer.len(), letters, "{path}");
                assert_eq!(
                    size(&picture),
                    (50 * u32::try_from(letters).expect("few"), 80),
                    "{path}"
                );
                let is_ours = |character: char| "347abcdehkmnprtuvwxy".contains(character);
                assert!(answer.chars().all(is_ours), "{path}: {answer}");
                seen.insert(answer);
            }
            assert!(seen.len() > 4, "{path}: a client cannot choose the seed: {seen:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_id_of_a_picture_is_short_and_plain() {
    on_each(async |app| {
        let long = "a".repeat(65);
        for id in ["a%20b", "a.b", "%C3%A9", "a%00b", "%FF", "%2e%2e%2f", "{x}", "a:b", &long] {
            let response = app.client().get(&format!("/api/v1/captchas/{id}")).await;
            Interface::Json.assert_field_refused(&response, "id", "problem-malformed");
        }
        for id in ["a", &"a".repeat(64), "0B1C-d"] {
            let response = app.client().get(&format!("/api/v1/captchas/{id}")).await;
            assert_eq!(response.status.as_u16(), 200, "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn case_and_outer_spaces_of_the_answer_do_not_count() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let (id, answer) = client.solve_captcha().await;
            let typed = format!("  {} ", answer.to_uppercase());
            interface.assert_success(
                &interface.request_code_with(&client, &mobile, (&id, &typed)).await,
                200,
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_wrong_answer_invalidates_the_captcha() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let (id, answer) = client.solve_captcha().await;

            let wrong = interface.request_code_with(&client, &mobile, (&id, "zzzz")).await;
            let right = interface.request_code_with(&client, &mobile, (&id, &answer)).await;

            interface.assert_refused(&wrong, (422, "4004"), "error-captcha-wrong", &[]);
            interface.assert_refused(&right, (422, "4002"), "error-captcha-gone", &[]);
            assert_eq!(app.gateway.count_for(&mobile), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn part_of_the_answer_is_wrong() {
    on_each(async |app| {
        for part in [1, 3] {
            let (client, mobile) = (app.client(), fresh_mobile());
            let (id, answer) = client.solve_captcha().await;
            let refused =
                Interface::Json.request_code_with(&client, &mobile, (&id, &answer[..part])).await;
            Interface::Json.assert_refused(&refused, (422, "4004"), "error-captcha-wrong", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_used_captcha_sends_no_second_message() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, one, other) = (app.client(), fresh_mobile(), fresh_mobile());
            let (id, answer) = client.solve_captcha().await;
            interface.assert_success(
                &interface.request_code_with(&client, &one, (&id, &answer)).await,
                200,
            );

            let again = interface.request_code_with(&client, &other, (&id, &answer)).await;

            interface.assert_refused(&again, (422, "4002"), "error-captcha-gone", &[]);
            assert_eq!(app.gateway.count_for(&other), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn an_unknown_or_expired_captcha_is_refused() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let never = uuid::Uuid::new_v4().to_string();
            let refused = interface.request_code_with(&client, &mobile, (&never, "abcd")).await;
            interface.assert_refused(&refused, (422, "4002"), "error-captcha-gone", &[]);

            let (id, answer) = client.solve_captcha().await;
            app.forget_captcha(&id, &answer).await;
            let refused = interface.request_code_with(&client, &mobile, (&id, &answer)).await;
            interface.assert_refused(&refused, (422, "4002"), "error-captcha-gone", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn another_picture_under_the_same_id_replaces_the_first() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let (id, first) = client.solve_captcha().await;
        let mut second = first.clone();
        while second == first {
            client.get(&format!("/api/v1/captchas/{id}")).await;
            second = app.answer_of(&id).await.expect("kept");
        }

        let sent = Interface::Json.request_code_with(&client, &mobile, (&id, &second)).await;

        Interface::Json.assert_success(&sent, 200);
    })
    .await;
}

#[tokio::test]
async fn every_rendered_form_has_a_new_captcha() {
    on_each(async |app| {
        let client = app.client();
        let id_of = |page: &TestResponse| page.value_after("name=\"captcha_id\" value=\"");
        let first = client.get("/register").await;
        let second = Interface::Page.perform(&client, Action::Send, &[("mobile", "13800138000")]).await;
        let another = client.post_form("/register", &[("step", "picture"), ("mobile", "138")]).await;

        assert_ne!(id_of(&first), id_of(&second));
        assert_ne!(id_of(&second), id_of(&another));
        assert_eq!(another.status.as_u16(), 200);
        assert_eq!(another.value_after("name=\"mobile\" type=\"tel\" inputmode=\"tel\" autocomplete=\"tel\" required value=\""), "138");
        let picture = client.get(&format!("/api/v1/captchas/{}", id_of(&another))).await;
        assert_eq!(picture.header("content-type"), "image/png");
    })
    .await;
}

/// A captcha on a foreign page would use up the limits of the person who reads that page.
#[tokio::test]
async fn another_site_gets_no_captcha_and_none_is_counted() {
    let two = [("CAPTCHAS_PER_ADDRESS_MINUTE", "2"), ("CAPTCHAS_PER_ADDRESS_HOUR", "2")];
    on_each_with(&two, async |app| {
        let client = app.client();
        let id = uuid::Uuid::new_v4().to_string();
        let paths = [
            format!("/api/v1/captchas/{id}"),
            format!("/api/v1/captchas/{id}/audio"),
            "/api/v1/proof-of-work".to_owned(),
            format!("/api/v1.0/image_codes/{id}"),
            format!("/api/image_code?cur_id={id}"),
            format!("/passport/image_code?code_id={id}"),
            format!("/image_code?code_id={id}"),
        ];
        let elsewhere: [&[(&str, &str)]; 4] = [
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "image")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", &app.base)],
            &[("origin", "https://evil.example")],
        ];
        for path in &paths {
            for headers in elsewhere {
                let request = client.request_without_origin(Method::GET, path);
                let request = headers
                    .iter()
                    .fold(request, |request, (name, value)| request.header(*name, *value));
                let refused = client.send(request).await;
                assert_eq!(refused.status.as_u16(), 403, "{path} {headers:?}: {refused:?}");
                assert_eq!(refused.errno(), "4201");
            }
        }
        assert_eq!(app.answer_of(&id).await, None, "nothing was drawn");

        // Our own pages get captchas, and so does a captcha that is opened by itself, until the limit is reached.
        for site in ["same-origin", "none"] {
            let request = client
                .request_without_origin(Method::GET, &paths[0])
                .header("sec-fetch-site", site);
            assert_eq!(client.send(request).await.status.as_u16(), 200, "{site}");
        }
        assert_eq!(client.get(&paths[0]).await.status.as_u16(), 400);
    })
    .await;
}
