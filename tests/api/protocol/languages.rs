//! Pages are in Chinese by default, and in English for browsers that prefer it.

use reqwest::{Method, header::ACCEPT_LANGUAGE};
use serde_json::json;
use test_support::{app::on_each, client::TestClient};

async fn get_in(
    client: &TestClient<'_>,
    path: &str,
    languages: &str,
) -> test_support::client::TestResponse {
    client.send(client.request(Method::GET, path).header(ACCEPT_LANGUAGE, languages)).await
}

#[tokio::test]
async fn a_page_comes_in_the_language_that_the_browser_prefers() {
    on_each(async |app| {
        let cases = [
            ("", "zh-CN"),
            ("en", "en"),
            ("en-US,en;q=0.9,zh;q=0.1", "en"),
            ("zh-TW,en;q=0.5", "zh-TW"),
            ("zh-Hant-HK", "zh-TW"),
            ("zh-HK,zh;q=0.9,en;q=0.8", "zh-TW"),
            ("zh-Hans-TW", "zh-CN"),
            ("zh-SG", "zh-CN"),
            ("ja,en-US;q=0.9", "ja"),
            ("ko-KR,en;q=0.5", "ko"),
            ("fr,de", "zh-CN"),
            ("*", "zh-CN"),
            (";;;,,q=9,\u{1}", "zh-CN"),
        ];
        for (languages, tag) in cases {
            let client = app.client();
            let request = client.request(Method::GET, "/login");
            let header =
                reqwest::header::HeaderValue::from_bytes(languages.replace('\u{1}', "").as_bytes());
            let answer =
                client.send(request.header(ACCEPT_LANGUAGE, header.expect("a header"))).await;
            assert_eq!(answer.header("content-language"), tag, "{languages}");
            assert!(answer.body.contains(&format!("<html lang=\"{tag}\">")));
            assert!(answer.header("vary").contains("accept-language"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_chosen_language_beats_the_browsers_and_is_remembered() {
    on_each(async |app| {
        let client = app.client();
        let chosen = get_in(&client, "/login?lang=en", "zh-CN").await;
        let later = get_in(&client, "/register", "zh-CN").await;
        let back = get_in(&client, "/register?lang=zh-CN", "en").await;
        let odd = get_in(&client, "/register?lang=%3Cb%3E", "en").await;

        assert_eq!(chosen.header("content-language"), "en");
        assert_eq!(later.header("content-language"), "en");
        assert_eq!(back.header("content-language"), "zh-CN");
        assert_eq!(odd.header("content-language"), "zh-CN", "what is no language chooses none");
        assert!(!odd.body.contains("<b>"));
        let cookie = chosen.cookies().into_iter().next().expect("a cookie");
        assert_eq!(
            (cookie.name(), cookie.value(), cookie.http_only()),
            ("haoma_lang", "en", Some(true))
        );
    })
    .await;
}

#[tokio::test]
async fn every_page_links_to_itself_in_the_other_language() {
    on_each(async |app| {
        let page = app.client().get("/register?next=%2Faccount&x=%22%3E").await;
        let elsewhere = app.client().get("//elsewhere.example/").await;

        let href = "href=\"?next=%2Faccount&amp;x=%22%3E&amp;lang=en\"";
        assert!(page.body.contains(href), "{page:?}");
        assert!(
            !elsewhere.body.contains("elsewhere"),
            "no path leads to another site: {elsewhere:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_error_is_in_the_language_of_the_request() {
    on_each(async |app| {
        let client = app.client();
        let request = client.request(Method::POST, "/api/v1/session?lang=en");
        let body = json!({"login": "nobody", "password": "x"}).to_string();
        let json = client.send(request.header("content-type", "application/json").body(body)).await;
        let page = get_in(&client, "/nowhere", "en").await;

        assert_eq!(json.json()["errmsg"], "Wrong number, name or password.");
        assert!(page.body.contains("Page not found"), "{page:?}");
        assert!(page.body.contains("<html lang=\"en\">"));
    })
    .await;
}

#[tokio::test]
async fn a_language_chosen_on_a_redirecting_page_is_kept() {
    on_each(async |app| {
        for (asked, sent_to) in [
            ("/?lang=en", "/login?lang=en"),
            ("/account?lang=en", "/login?lang=en&next=%2Faccount%3Flang%3Den"),
            ("/?lang=xx", "/login"),
            ("/", "/login"),
        ] {
            let client = app.client();
            let sent = get_in(&client, asked, "zh-CN").await;
            assert_eq!((sent.status.as_u16(), sent.header("location")), (303, sent_to));
            let arrived = get_in(&client, sent_to, "zh-CN").await;
            let language = if sent_to.contains("lang") { "en" } else { "zh-CN" };
            assert_eq!(arrived.header("content-language"), language);
        }
    })
    .await;
}
