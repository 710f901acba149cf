//! Several session cookies in one request, and cookies that only look like ours.

use reqwest::Method;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    client::{TestClient, TestResponse},
    interface::{INTERFACES, Interface},
};

const HTTPS: [(&str, &str); 1] = [("PUBLIC_URL", "https://id.example.com")];

/// Asks with these `Cookie` headers, as a browser with an empty jar of its own.
async fn request_code(
    haoma: &TestApp,
    method: Method,
    path: &str,
    cookies: &[&[u8]],
) -> TestResponse {
    let who = haoma.client();
    let request = who.request(method, path);
    who.send(cookies.iter().fold(request, |request, it| request.header("cookie", *it))).await
}

async fn signed_in(haoma: &TestApp, mobile: &str) -> String {
    let who = haoma.client();
    Interface::Json.assert_success(&Interface::Json.sign_in(&who, mobile, PASSWORD).await, 200);
    session_of(&who)
}

fn session_of(who: &TestClient<'_>) -> String {
    let jar = who.cookie_jar();
    let own = jar.iter().find(|(name, _)| name.ends_with("haoma"));
    own.map(|(name, value)| format!("{name}={value}")).expect("a session")
}

async fn is_known(haoma: &TestApp, cookie: &str) -> bool {
    let answer = request_code(haoma, Method::GET, "/api/v1/session", &[cookie.as_bytes()]).await;
    answer.status.as_u16() == 200
}

#[tokio::test]
async fn over_http_each_cookie_of_the_name_is_tried() {
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        haoma.client().register(&mobile).await;
        let ended = signed_in(haoma, &mobile).await;
        request_code(haoma, Method::DELETE, "/api/v1/session", &[ended.as_bytes()]).await;
        let live = signed_in(haoma, &mobile).await;
        let forged = "haoma=nonsense";
        let doubled = [
            vec![format!("{forged}; {live}")],
            vec![format!("{live};{forged}")],
            vec![format!("{live}; haoma=")],
            vec![format!("{ended}; {live}")],
            vec![format!("{live}; {ended}")],
            vec![format!("{live}; {live}")],
            vec![forged.to_owned(), live.clone(), ended.clone()],
            vec![format!("haoma_x=1; haoma=x ;\t{live}; haomax=1; x=haoma")],
        ];
        for cookies in &doubled {
            let cookies: Vec<_> = cookies.iter().map(String::as_bytes).collect();
            for path in ["/api/v1/session", "/account", "/api/v1/forward-auth", "/api/v1.0/user"] {
                let answer = request_code(haoma, Method::GET, path, &cookies).await;
                assert_eq!(answer.status.as_u16(), 200, "{path} {cookies:?}: {answer:?}");
            }
        }
        assert!(is_known(haoma, &live).await);
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_every_session_that_came_along() {
    on_each(async |haoma| {
        let out = [
            (Method::DELETE, "/api/v1/session", 200),
            (Method::POST, "/logout", 303),
            (Method::DELETE, "/api/v1.0/session", 200),
            (Method::DELETE, "/passport/logout", 200),
        ];
        for (method, path, status) in out {
            let (ada, eve) = (fresh_mobile(), fresh_mobile());
            for mobile in [&ada, &eve] {
                haoma.client().register(mobile).await;
            }
            let hers = [signed_in(haoma, &ada).await, signed_in(haoma, &ada).await];
            let others = [signed_in(haoma, &eve).await];
            let elsewhere = signed_in(haoma, &ada).await;
            let both = [hers.as_slice(), &others].concat().join("; ");
            let doubled = format!("haoma=x; {both}");

            let gone = request_code(haoma, method, path, &[doubled.as_bytes()]).await;

            assert_eq!(gone.status.as_u16(), status, "{path}: {gone:?}");
            for ended in hers.iter().chain(&others) {
                assert!(!is_known(haoma, ended).await, "{path}");
            }
            assert!(is_known(haoma, &elsewhere).await, "no cookie of it came along");
        }
    })
    .await;
}

/// A stranger's session that a sibling host has put beside one's own.
#[tokio::test]
async fn between_two_people_nobody_is_believed_until_somebody_signs_in() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (ada, eve) = (fresh_mobile(), fresh_mobile());
            for mobile in [&ada, &eve] {
                haoma.client().register(mobile).await;
            }
            let (hers, planted) = (signed_in(haoma, &ada).await, signed_in(haoma, &eve).await);
            let many = format!("{hers}; {}", vec!["haoma=x"; 20].join("; "));
            assert_eq!(
                request_code(haoma, Method::GET, "/account", &[many.as_bytes()])
                    .await
                    .status
                    .as_u16(),
                200,
                "what is not signed costs nothing"
            );
            for doubled in [format!("{hers}; {planted}"), format!("{planted}; {hers}")] {
                let nobody =
                    request_code(haoma, Method::GET, "/api/v1/session", &[doubled.as_bytes()])
                        .await;
                Interface::Json.assert_refused(&nobody, (401, "4101"), "error-not-signed-in", &[]);
                assert!(nobody.cookies().is_empty());
                let proxy =
                    request_code(haoma, Method::GET, "/api/v1/forward-auth", &[doubled.as_bytes()])
                        .await;
                assert_eq!(proxy.status.as_u16(), 401, "{proxy:?}");
            }
            // Signing in ends both, so that there is only one person afterwards.
            let who = haoma.client();
            who.set_cookies(
                [("haoma".to_owned(), format!("{}; {planted}", &hers["haoma=".len()..]))].into(),
            );
            face.assert_success(&face.sign_in(&who, &ada, PASSWORD).await, 200);
            let fresh = session_of(&who);
            assert!(!is_known(haoma, &hers).await && !is_known(haoma, &planted).await);
            let after = format!("{planted}; {fresh}");
            let me = request_code(haoma, Method::GET, "/api/v1/session", &[after.as_bytes()]).await;
            assert_eq!(me.status.as_u16(), 200, "{me:?}");
            assert_eq!(me.json()["data"]["mobile"], format!("139****{}", &ada[7..]));
        }
    })
    .await;
}

/// Else a stranger could hide one's own session behind many of the stranger's.
#[tokio::test]
async fn with_more_sessions_than_any_browser_has_nobody_is_believed() {
    on_each(async |haoma| {
        let (ada, eve) = (fresh_mobile(), fresh_mobile());
        for mobile in [&ada, &eve] {
            haoma.client().register(mobile).await;
        }
        let mut planted = Vec::new();
        for _ in 0..8 {
            planted.push(signed_in(haoma, &eve).await);
        }
        let eight = planted.join("; ");
        assert!(is_known(haoma, &eight).await, "one person's");
        planted.push(signed_in(haoma, &ada).await);

        assert!(!is_known(haoma, &planted.join("; ")).await);
    })
    .await;
}

/// R90: no other host can set a cookie of that name, so that two of them are no browser's.
#[tokio::test]
async fn over_https_two_session_cookies_are_nobodys_and_end_by_signing_out() {
    on_each_with(&HTTPS, async |haoma| {
        let mobile = fresh_mobile();
        haoma.client().register(&mobile).await;
        let (one, two) = (signed_in(haoma, &mobile).await, signed_in(haoma, &mobile).await);
        let doubled = format!("{one}; {two}");

        assert!(is_known(haoma, &one).await && !is_known(haoma, &doubled).await);
        let forged = format!("{one}; __Host-haoma=x");
        assert!(!is_known(haoma, &forged).await);
        let out =
            request_code(haoma, Method::DELETE, "/api/v1/session", &[doubled.as_bytes()]).await;

        assert_eq!(out.status.as_u16(), 200, "{out:?}");
        assert!(!is_known(haoma, &one).await && !is_known(haoma, &two).await);
    })
    .await;
}

/// A sibling host can set `%5F%5FHost-haoma` for the whole domain.
#[tokio::test]
async fn a_name_that_only_decodes_to_ours_is_not_ours() {
    on_each_with(&HTTPS, async |haoma| {
        let (ada, eve) = (fresh_mobile(), fresh_mobile());
        for mobile in [&ada, &eve] {
            haoma.client().register(mobile).await;
        }
        let (hers, planted) = (signed_in(haoma, &ada).await, signed_in(haoma, &eve).await);
        let value = planted.split_once('=').expect("a value").1;
        for name in ["%5F%5FHost-haoma", "%5f_Host-haoma", "__Host-%68aoma", "haoma"] {
            let planted = format!("{name}={value}");
            assert!(!is_known(haoma, &planted).await, "{name}");
            for both in [format!("{planted}; {hers}"), format!("{hers}; {planted}")] {
                let me =
                    request_code(haoma, Method::GET, "/api/v1/session", &[both.as_bytes()]).await;
                assert_eq!(me.status.as_u16(), 200, "{both}: {me:?}");
                assert_eq!(me.json()["data"]["mobile"], format!("139****{}", &ada[7..]));
            }
        }
    })
    .await;
}

/// Another site of the domain may write its cookies in GBK.
#[tokio::test]
async fn a_foreign_cookie_that_cannot_be_read_signs_nobody_out() {
    on_each(async |haoma| {
        let mobile = fresh_mobile();
        haoma.client().register(&mobile).await;
        let live = signed_in(haoma, &mobile).await;
        for foreign in [&b"name=\xc4\xe3\xba\xc3"[..], b"\xc4\xe3", b"lonely", b"=x", b"haoma=\xff"]
        {
            for cookies in [[foreign, live.as_bytes()], [live.as_bytes(), foreign]] {
                let joined = cookies.join(&b"; "[..]);
                for cookies in [&cookies[..], &[&*joined]] {
                    let me = request_code(haoma, Method::GET, "/api/v1/session", cookies).await;
                    assert_eq!(me.status.as_u16(), 200, "{cookies:?}: {me:?}");
                }
            }
        }
    })
    .await;
}
