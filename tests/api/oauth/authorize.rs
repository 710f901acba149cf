//! `/oauth/authorize`: who is sent where, and what a client may ask for.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use test_support::app::{PASSWORD, fresh_mobile, on_each, on_each_with};
use url::Url;

use super::{
    CALLBACK, Client, answer, authorize_path, claims, code, code_for, exchange, foreign_client,
    new_client, own_client, public_client, query, register, signed_in, text, tokens_for,
};

const OWN: &str = "https://id.example.com";

/// Returns the address that a page of sign-in leads to afterwards.
fn next_of(location: &str) -> String {
    let url = Url::parse(&format!("https://own.invalid{location}")).expect("a path");
    assert_eq!(url.path(), "/login", "{location}");
    url.query_pairs().find(|(name, _)| name == "next").expect("next").1.into_owned()
}

#[tokio::test]
async fn a_person_who_is_signed_in_goes_straight_back_with_a_code() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;

        let answer = answer(&browser.get(&authorize_path(&client, &[])).await);

        assert_eq!(answer["state"], "the state");
        assert_eq!(answer["iss"], app.origin, "RFC 9207");
        assert!(answer["code"].starts_with("haoma_ac_"), "{answer:?}");
        assert_eq!(answer.len(), 3, "{answer:?}");
    })
    .await;
}

#[tokio::test]
async fn who_is_not_signed_in_signs_in_on_the_way() {
    on_each_with(&[("PUBLIC_URL", OWN)], async |app| {
        let client = own_client(app).await;
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let browser = app.client();
        let sent = browser.get(&authorize_path(&client, &[("login_hint", &mobile)])).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        let login = sent.header("location").to_owned();
        let next = next_of(&login);

        let page = browser.get(&login).await;

        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://app.example.com;"), "{policy}");
        assert!(page.body.contains(&format!("value=\"{mobile}\"")), "the hint is filled in");
        let fields = [("login", &*mobile), ("password", PASSWORD), ("next", &*next)];
        let done = browser.post_form("/login", &fields).await;
        assert_eq!(done.header("location"), next, "{done:?}");
        code(&browser.get(&next).await);
    })
    .await;
}

#[tokio::test]
async fn the_sign_in_page_may_lead_to_the_client_only_if_we_have_sealed_that() {
    on_each(async |app| {
        let client = own_client(app).await;
        for next in [
            authorize_path(&client, &[]),
            authorize_path(&client, &[("resume", "forged")]),
            authorize_path(&client, &[("redirect_uri", "https://evil.example/")]),
        ] {
            let page = app.client().get(&format!("/login?{}", query(&[("next", &*next)]))).await;
            let policy = page.header("content-security-policy");
            assert!(policy.contains("form-action 'self';"), "{next}: {policy}");
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_the_client_has_not_registered() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let unknown = Client { id: "unknown".to_owned(), secret: String::new() };
        let nobody = Client { id: String::new(), secret: String::new() };
        let mut paths = vec![authorize_path(&unknown, &[]), authorize_path(&nobody, &[])];
        for uri in [
            "",
            "https://evil.example/callback",
            "https://app.example.com/callback/more",
            "https://app.example.com/callback?x=1",
            "https://app.example.com.evil.example/callback",
            "http://app.example.com/callback",
            "javascript:alert(1)",
        ] {
            paths.push(authorize_path(&client, &[("redirect_uri", uri)]));
        }
        let twice =
            format!("{}&redirect_uri=https%3A%2F%2Fevil.example", authorize_path(&client, &[]));
        paths.push(twice);
        for path in paths {
            let page = browser.get(&path).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{path}: {page:?}");
            assert_eq!(page.header("location"), "", "{path}");
            assert!(page.body.contains("error") || page.body.contains("<h1>"), "{page:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_that_cannot_be_served_is_answered_to_the_client() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        for (pairs, error) in [
            ([("response_type", "token")], "unsupported_response_type"),
            ([("response_type", "code id_token")], "unsupported_response_type"),
            ([("response_type", "")], "invalid_request"),
            ([("scope", "")], "invalid_scope"),
            ([("scope", "email")], "invalid_scope"),
            ([("request", "a.b.c")], "request_not_supported"),
            ([("request_uri", "https://app.example.com/r")], "request_uri_not_supported"),
            ([("registration", "{}")], "registration_not_supported"),
            ([("response_mode", "fragment")], "invalid_request"),
            ([("code_challenge_method", "plain")], "invalid_request"),
            ([("code_challenge_method", "")], "invalid_request"),
            ([("code_challenge", "short")], "invalid_request"),
            ([("max_age", "-1")], "invalid_request"),
            ([("max_age", "soon")], "invalid_request"),
            ([("prompt", "none login")], "invalid_request"),
            ([("prompt", "create")], "invalid_request"),
        ] {
            let answer = answer(&browser.get(&authorize_path(&client, &pairs)).await);
            assert_eq!(answer["error"], error, "{pairs:?}: {answer:?}");
            assert_eq!(answer["state"], "the state");
            assert_eq!(answer["iss"], app.origin);
            assert!(!answer.contains_key("code"), "{answer:?}");
        }
        let twice = format!("{}&scope=openid", authorize_path(&client, &[]));
        assert_eq!(answer(&browser.get(&twice).await)["error"], "invalid_request");
    })
    .await;
}

#[tokio::test]
async fn unknown_parameters_scopes_and_hints_are_ignored() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let pairs = [
            ("scope", "groups email profile openid address"),
            ("nonce", ""),
            ("claims", "{}"),
            ("display", "popup"),
            ("acr_values", "7"),
            ("ui_locales", "se"),
            ("claims_locales", "se"),
            ("extra", "foobar"),
        ];
        let code = code_for(&browser, &client, &pairs).await;
        let body = exchange(app, &client, &code).await.json();
        assert_eq!(text(&body, "scope"), "openid profile");
        assert!(claims(text(&body, "id_token")).get("nonce").is_none(), "{body}");
    })
    .await;
}

#[tokio::test]
async fn the_sign_in_page_is_in_the_language_that_the_client_asks_for() {
    on_each(async |app| {
        let client = own_client(app).await;
        for (locales, language) in [("se ja en", "ja"), ("en", "en"), ("xx", "zh-CN")] {
            let pairs = [("ui_locales", locales), ("claims_locales", locales)];
            let sent = app.client().get(&authorize_path(&client, &pairs)).await;
            let page = app.client().get(sent.header("location")).await;
            assert_eq!(page.header("content-language"), language, "{locales}");
        }
    })
    .await;
}

#[tokio::test]
async fn without_a_sign_in_prompt_none_is_refused() {
    on_each(async |app| {
        let (own, foreign) = (own_client(app).await, foreign_client(app).await);
        let none = [("prompt", "none")];
        let refused = answer(&app.client().get(&authorize_path(&own, &none)).await);
        assert_eq!(refused["error"], "login_required");
        let (browser, _) = signed_in(app).await;
        code(&browser.get(&authorize_path(&own, &none)).await);
        let refused = answer(&browser.get(&authorize_path(&foreign, &none)).await);
        assert_eq!(refused["error"], "consent_required");
    })
    .await;
}

#[tokio::test]
async fn prompt_login_asks_for_one_more_sign_in_and_not_for_two() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, mobile) = signed_in(app).await;
        let first = code_for(&browser, &client, &[]).await;
        let first = exchange(app, &client, &first).await.json();
        app.advance(Duration::from_secs(5)).await;

        let sent = browser.get(&authorize_path(&client, &[("prompt", "login")])).await;
        let next = next_of(sent.header("location"));
        // The link alone is no sign-in.
        next_of(browser.get(&next).await.header("location"));
        let fields = [("login", &*mobile), ("password", PASSWORD), ("next", &*next)];
        browser.post_form("/login", &fields).await;
        let code = code(&browser.get(&next).await);

        let second = exchange(app, &client, &code).await.json();
        let time = |body: &serde_json::Value| {
            claims(text(body, "id_token"))["auth_time"].as_i64().expect("a time")
        };
        assert!(time(&second) >= time(&first) + 5, "{first} {second}");
        assert_eq!(claims(text(&second, "id_token"))["amr"], serde_json::json!(["pwd"]));
    })
    .await;
}

#[tokio::test]
async fn max_age_asks_for_a_sign_in_that_is_recent_enough() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        app.advance(Duration::from_secs(100)).await;
        code(&browser.get(&authorize_path(&client, &[("max_age", "1000")])).await);
        next_of(
            browser.get(&authorize_path(&client, &[("max_age", "99")])).await.header("location"),
        );
        let none = [("max_age", "99"), ("prompt", "none")];
        let refused = answer(&browser.get(&authorize_path(&client, &none)).await);
        assert_eq!(refused["error"], "login_required");
    })
    .await;
}

#[tokio::test]
async fn an_id_token_says_who_is_expected() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (first, _) = signed_in(app).await;
        let (second, mobile) = signed_in(app).await;
        let tokens = tokens_for(app, &first, &client, "openid").await;
        let hint = text(&tokens, "id_token");
        let pairs = [("id_token_hint", hint), ("prompt", "none")];
        code(&first.get(&authorize_path(&client, &pairs)).await);
        let refused = answer(&second.get(&authorize_path(&client, &pairs)).await);
        assert_eq!(refused["error"], "login_required");
        // Who signs in as somebody else is not asked for ever.
        let sent = second.get(&authorize_path(&client, &[("id_token_hint", hint)])).await;
        let next = next_of(sent.header("location"));
        let login = [("login", &*mobile), ("password", PASSWORD), ("next", &*next)];
        app.advance(Duration::from_secs(1)).await;
        second.post_form("/login?by=password", &login).await;
        assert_eq!(answer(&second.get(&next).await)["error"], "login_required");
        let forged = [("id_token_hint", "a.b.c"), ("prompt", "none")];
        let refused = answer(&first.get(&authorize_path(&client, &forged)).await);
        assert_eq!(refused["error"], "login_required");
    })
    .await;
}

#[tokio::test]
async fn a_request_by_post_leads_to_the_same_by_get() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let path = authorize_path(&client, &[]);
        let (endpoint, body) = path.split_once('?').expect("a query");
        let request = browser.request_without_origin(Method::POST, endpoint);
        let request = request.header("origin", "https://app.example.com");
        let request = request.header("sec-fetch-site", "cross-site");
        let form = request.header("content-type", "application/x-www-form-urlencoded");
        let sent = browser.send(form.body(body.to_owned())).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        code(&browser.get(sent.header("location")).await);
    })
    .await;
}

#[tokio::test]
async fn form_post_sends_the_answer_in_a_form() {
    on_each(async |app| {
        let client = own_client(app).await;
        let (browser, _) = signed_in(app).await;
        let page = browser.get(&authorize_path(&client, &[("response_mode", "form_post")])).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        assert!(page.body.contains(&format!("<form method=\"post\" action=\"{CALLBACK}\">")));
        for name in ["code", "state", "iss"] {
            assert!(page.body.contains(&format!("name=\"{name}\"")), "{name}: {}", page.body);
        }
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://app.example.com;"), "{policy}");
        let script = page.value_after("<script src=\"/static/continue");
        assert!(!script.is_empty(), "{}", page.body);
        let pairs = [("response_mode", "form_post"), ("scope", "email")];
        let refused = browser.get(&authorize_path(&client, &pairs)).await;
        assert!(refused.body.contains("value=\"invalid_scope\""), "{}", refused.body);
    })
    .await;
}

#[tokio::test]
async fn a_client_without_a_secret_needs_pkce_and_an_app_may_listen_on_any_port() {
    on_each(async |app| {
        let client = public_client(app).await;
        let (browser, _) = signed_in(app).await;
        let without = [("code_challenge", ""), ("code_challenge_method", "")];
        let refused = answer(&browser.get(&authorize_path(&client, &without)).await);
        assert_eq!(refused["error"], "invalid_request");
        let mut native = new_client();
        native.redirect_uris = vec!["http://127.0.0.1/callback".to_owned()];
        let native = register(app, native, None).await;
        let to = [("redirect_uri", "http://127.0.0.1:51004/callback")];
        let sent = browser.get(&authorize_path(&native, &to)).await;
        assert!(
            sent.header("location").starts_with("http://127.0.0.1:51004/callback?code="),
            "{sent:?}"
        );
    })
    .await;
}
