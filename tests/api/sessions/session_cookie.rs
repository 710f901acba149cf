//! The cookie of a session.

use actix_web::cookie::{Cookie, SameSite, time};
use reqwest::Method;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each, on_each_with},
    client::{TestClient, TestResponse},
    interface::{Interface, interfaces},
};

/// Returns the session cookie that an answer sets.
fn session_cookie(response: &TestResponse, name: &str) -> Cookie<'static> {
    let found: Vec<_> =
        response.cookies().into_iter().filter(|cookie| cookie.name() == name).collect();
    let [cookie] = found.as_slice() else { panic!("one {name}: {response:?}") };
    cookie.clone()
}

#[tokio::test]
async fn the_session_cookie_is_same_site_and_http_only() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let registered = app.client().register(&mobile).await;
        let mut responses = vec![registered];
        for interface in interfaces() {
            responses.push(interface.sign_in(&app.client(), &mobile, PASSWORD).await);
        }
        for response in responses {
            let cookie = session_cookie(&response, "haoma");
            assert_eq!(cookie.http_only(), Some(true));
            assert_eq!(cookie.same_site(), Some(SameSite::Lax));
            assert_eq!(cookie.path(), Some("/"));
            assert_eq!((cookie.domain(), cookie.secure()), (None, None));
            assert!(cookie.value().len() < 4096);
        }
    })
    .await;
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    on_each_with(&[("PUBLIC_URL", "https://id.example.com")], async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let registered = client.register(&mobile).await;
        assert_eq!(registered.status.as_u16(), 201, "{registered:?}");

        let cookie = session_cookie(&registered, "__Host-haoma");
        assert_eq!((cookie.secure(), cookie.http_only()), (Some(true), Some(true)));
        assert_eq!((cookie.path(), cookie.domain()), (Some("/"), None));
        assert_eq!(cookie.same_site(), Some(SameSite::Lax));
        assert!(client.is_signed_in().await);
        let page = client.get("/login?lang=en").await;
        assert!(page.cookies().iter().all(|cookie| cookie.secure() == Some(true)), "{page:?}");
        assert_eq!(names(&page), ["__Host-haoma_lang"]);
        let old = client.request(Method::GET, "/login").header("cookie", "haoma_lang=en");
        let old = app.client().send(old).await;
        assert_eq!(old.header("content-language"), "en", "chosen before the name had the prefix");
        assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
        let gone = session_cookie(&Interface::Page.sign_out(&client).await, "__Host-haoma");
        assert_eq!((gone.secure(), gone.path()), (Some(true), Some("/")));
    })
    .await;
}

fn names(response: &TestResponse) -> Vec<String> {
    response.cookies().iter().map(|cookie| cookie.name().to_owned()).collect()
}

/// Requests a code on a page, and returns the names of the cookies that were set.
async fn asked_for(client: &TestClient<'_>, page: &str, by: &str, mobile: &str) -> Vec<String> {
    let (captcha_id, captcha) = client.solve_captcha().await;
    let form = [
        ("by", by),
        ("mobile", mobile),
        ("captcha_id", &captcha_id),
        ("captcha", &captcha),
        ("step", "send"),
    ];
    let form = if by.is_empty() { &form[1..] } else { &form[..] };
    let asked = client.post_form(page, form).await;
    assert_eq!(asked.status.as_u16(), 303, "{asked:?}");
    let cookies = asked.cookies();
    assert!(
        cookies.iter().all(|cookie| cookie.secure() == Some(true) && cookie.path() == Some("/"))
    );
    assert!(
        cookies.iter().all(|cookie| cookie.http_only() == Some(true) && cookie.domain().is_none())
    );
    names(&asked)
}

#[tokio::test]
async fn over_https_every_cookie_is_bound_to_the_host() {
    let settings = [("PUBLIC_URL", "https://id.example.com"), ("ACCOUNT_PASSWORD", "required")];
    on_each_with(&settings, async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let register = asked_for(&client, "/register", "", &fresh_mobile()).await;
        assert_eq!(register, ["__Host-haoma_register", "__Host-haoma_device"]);
        let reset = asked_for(&client, "/reset-password", "", &fresh_mobile()).await;
        assert_eq!(reset, ["__Host-haoma_reset"]);
        let login = asked_for(&client, "/login", "sms", &mobile).await;
        assert_eq!(login, ["__Host-haoma_login"]);
        let page = client.get("/login?by=sms").await;
        assert_eq!(
            page.value_after("autocomplete=\"tel\" required value=\""),
            mobile,
            "it is read again"
        );

        app.wait_for_background_tasks().await;
        let code = app.gateway.code_for(&mobile);
        let form = [("by", "sms"), ("mobile", &*mobile), ("sms_code", &code), ("step", "login")];
        let proved = client.post_form("/login", &form).await;
        assert_eq!(proved.header("location"), "/register", "{proved:?}");
        assert_eq!(names(&proved), ["__Host-haoma_proof"]);
        // A cookie that another host could have set is ignored.
        let jar = client.cookie_jar();
        let bare = app.client();
        bare.set_cookies(
            jar.iter().map(|(name, value)| (name.replace("__Host-", ""), value.clone())).collect(),
        );
        let masked = format!("139****{}", &mobile[7..]);
        assert!(!bare.get("/register").await.body.contains(&masked));
        assert!(client.get("/register").await.body.contains(&masked));

        let registered = client.post_form("/register", &[("password", PASSWORD)]).await;
        assert_eq!(registered.header("location"), "/account", "{registered:?}");
        let mut set = names(&registered);
        set.sort_unstable();
        let done = "__Host-haoma_done";
        assert_eq!(set, ["__Host-haoma", "__Host-haoma_device", done, "__Host-haoma_proof"]);
        assert!(!client.cookie_jar().contains_key("__Host-haoma_proof"), "it is taken away again");
    })
    .await;
}

#[tokio::test]
async fn every_sign_in_has_a_new_session_key_and_ends_the_old_session() {
    on_each(async |app| {
        for interface in interfaces() {
            let mobile = fresh_mobile();
            let client = app.client().signed_in(&mobile).await;
            let old = client.cookie_jar();

            interface.assert_success(&interface.sign_in(&client, &mobile, PASSWORD).await, 200);

            assert_ne!(client.cookie_jar()["haoma"], old["haoma"]);
            let thief = app.client();
            thief.set_cookies(old);
            assert!(client.is_signed_in().await);
            assert!(!thief.is_signed_in().await);
        }
    })
    .await;
}

#[tokio::test]
async fn signing_out_kills_the_session_at_once_and_twice_is_harmless() {
    on_each(async |app| {
        for interface in interfaces() {
            let mobile = fresh_mobile();
            let (client, elsewhere) = (app.client().signed_in(&mobile).await, app.client());
            interface.assert_success(&interface.sign_in(&elsewhere, &mobile, PASSWORD).await, 200);
            let copy = app.client();
            copy.set_cookies(client.cookie_jar());

            let out = interface.sign_out(&client).await;

            interface.assert_success(&out, 200);
            assert!(!client.cookie_jar().contains_key("haoma"), "the cookie goes too");
            assert!(!copy.is_signed_in().await, "a copy of the cookie is worth nothing");
            assert!(elsewhere.is_signed_in().await, "other sessions live on");
            interface.assert_success(&interface.sign_out(&client).await, 200);
            interface.assert_success(&interface.sign_out(&copy).await, 200);
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_key_of_a_client_is_ignored() {
    on_each(async |app| {
        let (mobile, client) = (fresh_mobile(), app.client());
        client.register(&mobile).await;
        let genuine = client.cookie_jar()["haoma"].clone();
        let mut flipped: Vec<char> = genuine.chars().rev().collect();
        flipped[3] = if flipped[3] == 'A' { 'B' } else { 'A' };
        let flipped: String = flipped.into_iter().rev().collect();
        let plain = "A".repeat(43);
        let long = "A".repeat(3000);
        for forged in ["", "x", "%00", "null", "{\"user_id\":1}", &flipped, &plain, &long] {
            let stranger = app.client();
            stranger.set_cookies([("haoma".to_owned(), forged.to_owned())].into());
            let response = stranger.get("/api/v1/session").await;
            Interface::Json.assert_refused(&response, (401, "4101"), "error-not-signed-in", &[]);
            assert_eq!(stranger.get("/login").await.status.as_u16(), 200);
            sign_in_with_forged_cookie(&stranger, &mobile, forged).await;
        }
        assert!(client.is_signed_in().await);
    })
    .await;
}

/// Signing in with a forged cookie creates a new session key.
async fn sign_in_with_forged_cookie(stranger: &TestClient<'_>, mobile: &str, forged: &str) {
    Interface::Page.assert_success(&Interface::Page.sign_in(stranger, mobile, PASSWORD).await, 200);
    assert_ne!(stranger.cookie_jar()["haoma"], forged);
    assert!(stranger.is_signed_in().await);
}

#[tokio::test]
async fn visiting_pages_creates_no_session() {
    on_each(async |app| {
        let client = app.client();
        for path in ["/", "/register", "/login", "/account", "/api/v1/session", "/nowhere"] {
            let response = client.get(path).await;
            // Which says only that the browser keeps cookies.
            let others = response.cookies().iter().filter(|it| it.name() != "haoma_form").count();
            assert_eq!(others, 0, "{path}: {response:?}");
        }
        assert!(!client.is_signed_in().await);
    })
    .await;
}

/// R89.
#[tokio::test]
async fn ten_sessions_are_enough_for_one_person() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let first = app.client().signed_in(&mobile).await;
        let mut others = Vec::new();
        for _ in 0..10 {
            let client = app.client();
            Interface::Json
                .assert_success(&Interface::Json.sign_in(&client, &mobile, PASSWORD).await, 200);
            others.push(client);
        }

        assert!(!first.is_signed_in().await, "the longest idle one gave way");
        for client in &others {
            assert!(client.is_signed_in().await);
        }
    })
    .await;
}

#[tokio::test]
async fn only_a_remembered_session_outlives_the_browser() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let login = |remember: bool| {
            serde_json::json!({ "login": mobile, "password": PASSWORD, "remember": remember })
        };

        let kept = app.client().post_json("/api/v1/session", &login(true)).await;
        let passing = app.client().post_json("/api/v1/session", &login(false)).await;
        let form = [("login", mobile.as_str()), ("password", PASSWORD), ("remember", "on")];
        let page = app.client().post_form("/login", &form).await;

        let lives = [kept, passing, page].map(|other| {
            let cookies = other.cookies();
            let own = cookies.iter().find(|cookie| cookie.name() == "haoma").expect("a session");
            own.max_age().map(time::Duration::whole_days)
        });
        assert_eq!(lives, [Some(30), None, Some(30)]);
    })
    .await;
}
