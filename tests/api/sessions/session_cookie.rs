//! The cookie of a signed-in person.

use actix_web::cookie::{Cookie, SameSite, time};
use reqwest::Method;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each, on_each_with},
    client::{TestClient, TestResponse},
    interface::{INTERFACES, Interface},
};

/// The one session cookie that an answer sets.
fn session_cookie(answer: &TestResponse, name: &str) -> Cookie<'static> {
    let found: Vec<_> = answer.cookies().into_iter().filter(|it| it.name() == name).collect();
    let [cookie] = found.as_slice() else { panic!("one {name}: {answer:?}") };
    cookie.clone()
}

#[tokio::test]
async fn the_cookie_is_for_this_site_and_for_no_script() {
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        let registered = haoma.client().register(&mobile).await;
        let mut answers = vec![registered];
        for face in INTERFACES {
            answers.push(face.sign_in(&haoma.client(), &mobile, PASSWORD).await);
        }
        for answer in answers {
            let cookie = session_cookie(&answer, "haoma");
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
    on_each_with(&[("PUBLIC_URL", "https://id.example.com")], async |haoma| {
        let (who, mobile) = (haoma.client(), fresh_mobile());
        let registered = who.register(&mobile).await;
        assert_eq!(registered.status.as_u16(), 201, "{registered:?}");

        let cookie = session_cookie(&registered, "__Host-haoma");
        assert_eq!((cookie.secure(), cookie.http_only()), (Some(true), Some(true)));
        assert_eq!((cookie.path(), cookie.domain()), (Some("/"), None));
        assert_eq!(cookie.same_site(), Some(SameSite::Lax));
        assert!(who.is_signed_in().await);
        let page = who.get("/login?lang=en").await;
        assert!(page.cookies().iter().all(|it| it.secure() == Some(true)), "{page:?}");
        assert_eq!(names(&page), ["__Host-haoma_lang"]);
        let old = who.request(Method::GET, "/login").header("cookie", "haoma_lang=en");
        let old = haoma.client().send(old).await;
        assert_eq!(old.header("content-language"), "en", "chosen before the name had the prefix");
        assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
        let gone = session_cookie(&Interface::Page.sign_out(&who).await, "__Host-haoma");
        assert_eq!((gone.secure(), gone.path()), (Some(true), Some("/")));
    })
    .await;
}

fn names(answer: &TestResponse) -> Vec<String> {
    answer.cookies().iter().map(|it| it.name().to_owned()).collect()
}

/// Asks for a code on a page, and says which cookies came back.
async fn asked_for(who: &TestClient<'_>, page: &str, by: &str, mobile: &str) -> Vec<String> {
    let (captcha_id, captcha) = who.solve_captcha().await;
    let form = [
        ("by", by),
        ("mobile", mobile),
        ("captcha_id", &captcha_id),
        ("captcha", &captcha),
        ("step", "send"),
    ];
    let form = if by.is_empty() { &form[1..] } else { &form[..] };
    let asked = who.post_form(page, form).await;
    assert_eq!(asked.status.as_u16(), 303, "{asked:?}");
    let cookies = asked.cookies();
    assert!(cookies.iter().all(|it| it.secure() == Some(true) && it.path() == Some("/")));
    assert!(cookies.iter().all(|it| it.http_only() == Some(true) && it.domain().is_none()));
    names(&asked)
}

#[tokio::test]
async fn over_https_every_cookie_is_bound_to_the_host() {
    on_each_with(&[("PUBLIC_URL", "https://id.example.com")], async |haoma| {
        let (who, mobile) = (haoma.client(), fresh_mobile());
        let register = asked_for(&who, "/register", "", &fresh_mobile()).await;
        assert_eq!(register, ["__Host-haoma_register"]);
        let reset = asked_for(&who, "/reset-password", "", &fresh_mobile()).await;
        assert_eq!(reset, ["__Host-haoma_reset"]);
        let login = asked_for(&who, "/login", "sms", &mobile).await;
        assert_eq!(login, ["__Host-haoma_login"]);
        let page = who.get("/login?by=sms").await;
        assert_eq!(
            page.value_after("autocomplete=\"tel\" required value=\""),
            mobile,
            "it is read again"
        );

        haoma.wait_for_background_tasks().await;
        let code = haoma.gateway.code_for(&mobile);
        let form = [("by", "sms"), ("mobile", &*mobile), ("sms_code", &code), ("step", "login")];
        let proved = who.post_form("/login", &form).await;
        assert_eq!(proved.header("location"), "/register", "{proved:?}");
        assert_eq!(names(&proved), ["__Host-haoma_proof"]);
        // One that another host could have set is not read.
        let jar = who.cookie_jar();
        let bare = haoma.client();
        bare.set_cookies(
            jar.iter().map(|(name, it)| (name.replace("__Host-", ""), it.clone())).collect(),
        );
        let masked = format!("139****{}", &mobile[7..]);
        assert!(!bare.get("/register").await.body.contains(&masked));
        assert!(who.get("/register").await.body.contains(&masked));

        let registered = who.post_form("/register", &[("password", PASSWORD)]).await;
        assert_eq!(registered.header("location"), "/account", "{registered:?}");
        let mut set = names(&registered);
        set.sort_unstable();
        assert_eq!(set, ["__Host-haoma", "__Host-haoma_proof"]);
        assert!(!who.cookie_jar().contains_key("__Host-haoma_proof"), "it is taken away again");
    })
    .await;
}

#[tokio::test]
async fn every_sign_in_has_a_new_key_and_the_old_one_is_dead() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let mobile = fresh_mobile();
            let who = haoma.client().signed_in(&mobile).await;
            let old = who.cookie_jar();

            face.assert_success(&face.sign_in(&who, &mobile, PASSWORD).await, 200);

            assert_ne!(who.cookie_jar()["haoma"], old["haoma"]);
            let thief = haoma.client();
            thief.set_cookies(old);
            assert!(who.is_signed_in().await);
            assert!(!thief.is_signed_in().await);
        }
    })
    .await;
}

#[tokio::test]
async fn signing_out_kills_the_session_at_once_and_twice_is_harmless() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let mobile = fresh_mobile();
            let (who, elsewhere) = (haoma.client().signed_in(&mobile).await, haoma.client());
            face.assert_success(&face.sign_in(&elsewhere, &mobile, PASSWORD).await, 200);
            let copy = haoma.client();
            copy.set_cookies(who.cookie_jar());

            let out = face.sign_out(&who).await;

            face.assert_success(&out, 200);
            assert!(!who.cookie_jar().contains_key("haoma"), "the cookie goes too");
            assert!(!copy.is_signed_in().await, "a copy of the cookie is worth nothing");
            assert!(elsewhere.is_signed_in().await, "other sessions live on");
            face.assert_success(&face.sign_out(&who).await, 200);
            face.assert_success(&face.sign_out(&copy).await, 200);
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_that_the_service_did_not_make_is_nobody() {
    on_each(async |haoma| {
        let (mobile, who) = (fresh_mobile(), haoma.client());
        who.register(&mobile).await;
        let genuine = who.cookie_jar()["haoma"].clone();
        let mut flipped: Vec<char> = genuine.chars().rev().collect();
        flipped[3] = if flipped[3] == 'A' { 'B' } else { 'A' };
        let flipped: String = flipped.into_iter().rev().collect();
        let plain = "A".repeat(43);
        let long = "A".repeat(3000);
        for forged in ["", "x", "%00", "null", "{\"user_id\":1}", &flipped, &plain, &long] {
            let stranger = haoma.client();
            stranger.set_cookies([("haoma".to_owned(), forged.to_owned())].into());
            let answer = stranger.get("/api/v1/session").await;
            Interface::Json.assert_refused(&answer, (401, "4101"), "error-not-signed-in", &[]);
            assert_eq!(stranger.get("/login").await.status.as_u16(), 200);
            face_to_face(&stranger, &mobile, forged).await;
        }
        assert!(who.is_signed_in().await);
    })
    .await;
}

/// Signing in with a forged cookie makes a key of our own.
async fn face_to_face(stranger: &TestClient<'_>, mobile: &str, forged: &str) {
    Interface::Page.assert_success(&Interface::Page.sign_in(stranger, mobile, PASSWORD).await, 200);
    assert_ne!(stranger.cookie_jar()["haoma"], forged);
    assert!(stranger.is_signed_in().await);
}

#[tokio::test]
async fn nobody_is_signed_in_by_looking_around() {
    on_each(async |haoma| {
        let who = haoma.client();
        for path in ["/", "/register", "/login", "/account", "/api/v1/session", "/nowhere"] {
            let answer = who.get(path).await;
            assert!(answer.cookies().is_empty(), "{path}: {answer:?}");
        }
        assert!(!who.is_signed_in().await);
    })
    .await;
}

/// R89.
#[tokio::test]
async fn ten_sessions_are_enough_for_one_person() {
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        let first = haoma.client().signed_in(&mobile).await;
        let mut others = Vec::new();
        for _ in 0..10 {
            let who = haoma.client();
            Interface::Json
                .assert_success(&Interface::Json.sign_in(&who, &mobile, PASSWORD).await, 200);
            others.push(who);
        }

        assert!(!first.is_signed_in().await, "the longest idle one gave way");
        for who in &others {
            assert!(who.is_signed_in().await);
        }
    })
    .await;
}

#[tokio::test]
async fn only_a_remembered_session_outlives_the_browser() {
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        haoma.client().register(&mobile).await;
        let login = |remember: bool| {
            serde_json::json!({ "login": mobile, "password": PASSWORD, "remember": remember })
        };

        let kept = haoma.client().post_json("/api/v1/session", &login(true)).await;
        let passing = haoma.client().post_json("/api/v1/session", &login(false)).await;
        let form = [("login", mobile.as_str()), ("password", PASSWORD), ("remember", "on")];
        let page = haoma.client().post_form("/login", &form).await;

        let lives = [kept, passing, page].map(|it| {
            let cookies = it.cookies();
            let own = cookies.iter().find(|it| it.name() == "haoma").expect("a session");
            own.max_age().map(time::Duration::whole_days)
        });
        assert_eq!(lives, [Some(30), None, Some(30)]);
    })
    .await;
}
