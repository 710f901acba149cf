//! Several session cookies in one request, and cookies with similar names.

use reqwest::Method;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    client::{TestClient, TestResponse},
    interface::{Interface, interfaces},
};

const HTTPS: [(&str, &str); 1] = [("PUBLIC_URL", "https://id.example.com")];

/// Sends a request with these `Cookie` headers.
async fn request_code(
    app: &TestApp,
    method: Method,
    path: &str,
    cookies: &[&[u8]],
) -> TestResponse {
    let client = app.client();
    let request = client.request(method, path);
    client
        .send(cookies.iter().fold(request, |request, cookie| request.header("cookie", *cookie)))
        .await
}

async fn signed_in(app: &TestApp, mobile: &str) -> String {
    let client = app.client();
    Interface::Json.assert_success(&Interface::Json.sign_in(&client, mobile, PASSWORD).await, 200);
    session_of(&client)
}

fn session_of(client: &TestClient<'_>) -> String {
    let jar = client.cookie_jar();
    let own = jar.iter().find(|(name, _)| name.ends_with("haoma"));
    own.map(|(name, value)| format!("{name}={value}")).expect("a session")
}

async fn is_known(app: &TestApp, cookie: &str) -> bool {
    let response = request_code(app, Method::GET, "/api/v1/session", &[cookie.as_bytes()]).await;
    response.status.as_u16() == 200
}

#[tokio::test]
async fn over_http_each_cookie_of_the_name_is_tried() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let ended = signed_in(app, &mobile).await;
        request_code(app, Method::DELETE, "/api/v1/session", &[ended.as_bytes()]).await;
        let live = signed_in(app, &mobile).await;
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
                let response = request_code(app, Method::GET, path, &cookies).await;
                assert_eq!(response.status.as_u16(), 200, "{path} {cookies:?}: {response:?}");
            }
        }
        assert!(is_known(app, &live).await);
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_every_session_that_came_along() {
    on_each(async |app| {
        let out = [
            (Method::DELETE, "/api/v1/session", 200),
            (Method::POST, "/logout", 303),
            (Method::DELETE, "/api/v1.0/session", 200),
            (Method::DELETE, "/passport/logout", 200),
        ];
        for (method, path, status) in out {
            let (ada, eve) = (fresh_mobile(), fresh_mobile());
            for mobile in [&ada, &eve] {
                app.client().register(mobile).await;
            }
            let hers = [signed_in(app, &ada).await, signed_in(app, &ada).await];
            let others = [signed_in(app, &eve).await];
            let elsewhere = signed_in(app, &ada).await;
            let both = [hers.as_slice(), &others].concat().join("; ");
            let doubled = format!("haoma=x; {both}");

            let gone = request_code(app, method, path, &[doubled.as_bytes()]).await;

            assert_eq!(gone.status.as_u16(), status, "{path}: {gone:?}");
            for ended in hers.iter().chain(&others) {
                assert!(!is_known(app, ended).await, "{path}");
            }
            assert!(is_known(app, &elsewhere).await, "no cookie of it came along");
        }
    })
    .await;
}

/// A sibling host has set a cookie of the attacker's session beside the user's own.
#[tokio::test]
async fn session_cookies_of_two_users_are_ignored_until_a_sign_in() {
    on_each(async |app| {
        for interface in interfaces() {
            let (ada, eve) = (fresh_mobile(), fresh_mobile());
            for mobile in [&ada, &eve] {
                app.client().register(mobile).await;
            }
            let (hers, planted) = (signed_in(app, &ada).await, signed_in(app, &eve).await);
            let many = format!("{hers}; {}", vec!["haoma=x"; 20].join("; "));
            assert_eq!(
                request_code(app, Method::GET, "/account", &[many.as_bytes()])
                    .await
                    .status
                    .as_u16(),
                200,
                "what is not signed costs nothing"
            );
            for doubled in [format!("{hers}; {planted}"), format!("{planted}; {hers}")] {
                let refused =
                    request_code(app, Method::GET, "/api/v1/session", &[doubled.as_bytes()]).await;
                Interface::Json.assert_refused(&refused, (401, "4101"), "error-not-signed-in", &[]);
                assert!(refused.cookies().is_empty());
                let proxy =
                    request_code(app, Method::GET, "/api/v1/forward-auth", &[doubled.as_bytes()])
                        .await;
                assert_eq!(proxy.status.as_u16(), 401, "{proxy:?}");
            }
            // Signing in ends both sessions, so that there is one user afterwards.
            let client = app.client();
            client.set_cookies(
                [("haoma".to_owned(), format!("{}; {planted}", &hers["haoma=".len()..]))].into(),
            );
            interface.assert_success(&interface.sign_in(&client, &ada, PASSWORD).await, 200);
            let fresh = session_of(&client);
            assert!(!is_known(app, &hers).await && !is_known(app, &planted).await);
            let after = format!("{planted}; {fresh}");
            let me = request_code(app, Method::GET, "/api/v1/session", &[after.as_bytes()]).await;
            assert_eq!(me.status.as_u16(), 200, "{me:?}");
            assert_eq!(me.json()["data"]["mobile"], format!("139****{}", &ada[7..]));
        }
    })
    .await;
}

/// Otherwise an attacker could hide the user's session behind many of the attacker's.
#[tokio::test]
async fn too_many_session_cookies_are_all_ignored() {
    on_each(async |app| {
        let (ada, eve) = (fresh_mobile(), fresh_mobile());
        for mobile in [&ada, &eve] {
            app.client().register(mobile).await;
        }
        let mut planted = Vec::new();
        for _ in 0..8 {
            planted.push(signed_in(app, &eve).await);
        }
        let eight = planted.join("; ");
        assert!(is_known(app, &eight).await, "one person's");
        planted.push(signed_in(app, &ada).await);

        assert!(!is_known(app, &planted.join("; ")).await);
    })
    .await;
}

/// R90: no other host can set a cookie with this name, so no browser sends two of them.
#[tokio::test]
async fn over_https_two_session_cookies_are_ignored_and_ended_by_signing_out() {
    on_each_with(&HTTPS, async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let (one, two) = (signed_in(app, &mobile).await, signed_in(app, &mobile).await);
        let doubled = format!("{one}; {two}");

        assert!(is_known(app, &one).await && !is_known(app, &doubled).await);
        let forged = format!("{one}; __Host-haoma=x");
        assert!(!is_known(app, &forged).await);
        let out = request_code(app, Method::DELETE, "/api/v1/session", &[doubled.as_bytes()]).await;

        assert_eq!(out.status.as_u16(), 200, "{out:?}");
        assert!(!is_known(app, &one).await && !is_known(app, &two).await);
    })
    .await;
}

/// A sibling host can set `%5F%5FHost-haoma` for the whole domain.
#[tokio::test]
async fn a_name_that_only_decodes_to_ours_is_not_ours() {
    on_each_with(&HTTPS, async |app| {
        let (ada, eve) = (fresh_mobile(), fresh_mobile());
        for mobile in [&ada, &eve] {
            app.client().register(mobile).await;
        }
        let (hers, planted) = (signed_in(app, &ada).await, signed_in(app, &eve).await);
        let value = planted.split_once('=').expect("a value").1;
        for name in ["%5F%5FHost-haoma", "%5f_Host-haoma", "__Host-%68aoma", "haoma"] {
            let planted = format!("{name}={value}");
            assert!(!is_known(app, &planted).await, "{name}");
            for both in [format!("{planted}; {hers}"), format!("{hers}; {planted}")] {
                let me =
                    request_code(app, Method::GET, "/api/v1/session", &[both.as_bytes()]).await;
                assert_eq!(me.status.as_u16(), 200, "{both}: {me:?}");
                assert_eq!(me.json()["data"]["mobile"], format!("139****{}", &ada[7..]));
            }
        }
    })
    .await;
}

/// Another site of the domain may write its cookies in GBK.
#[tokio::test]
async fn an_unreadable_foreign_cookie_signs_no_user_out() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let live = signed_in(app, &mobile).await;
        for foreign in [&b"name=\xc4\xe3\xba\xc3"[..], b"\xc4\xe3", b"lonely", b"=x", b"haoma=\xff"]
        {
            for cookies in [[foreign, live.as_bytes()], [live.as_bytes(), foreign]] {
                let joined = cookies.join(&b"; "[..]);
                for cookies in [&cookies[..], &[&*joined]] {
                    let me = request_code(app, Method::GET, "/api/v1/session", cookies).await;
                    assert_eq!(me.status.as_u16(), 200, "{cookies:?}: {me:?}");
                }
            }
        }
    })
    .await;
}
