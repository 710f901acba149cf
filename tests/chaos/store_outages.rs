//! Outages of Redis and of the database: what still works, and how soon everything works again.

use std::time::Duration;

use futures_util::{future::join_all, join};
use tempfile::TempDir;
use test_support::{
    app::{PASSWORD, TestApp, assert_recovers, fresh_mobile},
    client::{TestClient, TestResponse},
    databases::{execute, mysql_server, redis_server, sqlite_url},
    interface::{Action, INTERFACES, Interface, assert_has_retry_after, interfaces},
    processes::Process,
};

/// A call to the database times out after 2.8 s (`stores::db`), and a handler after 15 s. An answer before this timeout
/// shows that it was the former, also on a busy machine (R123, R127).
const TIMEOUT: Duration = Duration::from_secs(8);

#[track_caller]
fn assert_unavailable(interface: Interface, response: &TestResponse) {
    interface.assert_refused(response, (503, "4001"), "error-store", &[]);
    // A browser may be given a name all the same, which needs no store.
    let mut touched =
        response.cookies().into_iter().filter(|cookie| cookie.name() != "haoma_device");
    assert_eq!(touched.next(), None, "no cookie is touched: {response:?}");
    assert_eq!(response.header("cache-control"), "no-store");
}

/// Requests a code with an invalid captcha, because without Redis there is no valid one.
async fn ask(interface: Interface, client: &TestClient<'_>, mobile: &str) -> TestResponse {
    let fields = [("mobile", mobile), ("captcha_id", "any"), ("captcha", "abcd")];
    interface.perform(client, Action::Send, &fields).await
}

async fn on_own_redis(settings: &[(&str, &str)], test: impl AsyncFn(&TestApp, &mut Process)) {
    if redis_server().is_none() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let mut redis = Process::redis().await;
    let url = format!("redis://127.0.0.1:{}/0", redis.port());
    let stores = [("DATABASE_URL", sqlite_url(&folder)), ("REDIS_URL", url)];
    let app = TestApp::start(&stores, settings).await;
    test(&app, &mut redis).await;
    app.stop().await;
}

/// Without Redis no message is sent, and all users can sign in and out.
async fn assert_works_without_redis(
    app: &TestApp,
    (client, pending): &(TestClient<'_>, String),
    mobile: &str,
) {
    let impatient = app.client_within(TIMEOUT);
    assert_unavailable(Interface::Json, &impatient.get("/api/v1/captchas/any").await);
    // One browser has a countdown to show as well.
    for (interface, browser) in
        INTERFACES.iter().flat_map(|interface| [(*interface, client), (*interface, &impatient)])
    {
        assert_unavailable(interface, &ask(interface, browser, pending).await);
        assert_unavailable(
            interface,
            &interface.register(browser, pending, "123456", PASSWORD).await,
        );
    }
    for interface in interfaces() {
        assert_signs_in_and_out(interface, app, mobile).await;
    }
    assert_eq!(client.get("/register").await.status.as_u16(), 200);
    assert!(client.is_signed_in().await, "a session lives in the database");
    assert_health(&impatient, 200, "degraded").await;
}

/// The instance is alive, and its readiness is this.
async fn assert_health(client: &TestClient<'_>, status: u16, word: &str) {
    let ready = client.get("/readyz").await;
    if status == 503 {
        assert_has_retry_after(&ready);
    }
    let body = format!(r#"{{"status":"{word}"}}"#);
    assert_eq!((ready.status.as_u16(), ready.body), (status, body));
    assert_eq!(client.get("/healthz").await.status.as_u16(), 200);
}

async fn assert_signs_in_and_out(interface: Interface, app: &TestApp, mobile: &str) {
    let client = app.client_within(TIMEOUT);
    interface.assert_success(&interface.sign_in(&client, mobile, PASSWORD).await, 200);
    assert!(client.is_signed_in().await);
    interface.assert_success(&interface.sign_out(&client).await, 200);
    assert!(!client.is_signed_in().await);
}

/// Returns a signed-in client, and the number whose countdown it shows.
async fn signed_in<'a>(app: &'a TestApp, mobile: &str) -> (TestClient<'a>, String) {
    let client = app.client_within(TIMEOUT).signed_in(mobile).await;
    let pending = fresh_mobile();
    Interface::Json.assert_success(&client.request_code(&pending).await, 200);
    (client, pending)
}

#[tokio::test]
async fn while_redis_is_down_accounts_sign_in_by_password_and_all_works_after_its_return() {
    on_own_redis(&[], async |app, redis| {
        let mobile = fresh_mobile();
        let client = signed_in(app, &mobile).await;
        redis.kill();

        assert_works_without_redis(app, &client, &mobile).await;

        redis.start().await;
        assert_recovers(app).await;
        assert_eq!(app.client().register(&fresh_mobile()).await.status.as_u16(), 201);
    })
    .await;
}

/// R126: a quarter of the failures is allowed, and no captcha can be had where one is required.
#[tokio::test]
async fn without_redis_passwords_may_be_guessed_a_quarter_as_often() {
    let many = ("SIGN_IN_FAILURES", "12");
    on_own_redis(&[many, ("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10")], async |app, redis| {
        redis.kill();
        let (guesser, mobile) = (app.client_within(TIMEOUT), fresh_mobile());

        for _ in 0..3 {
            let wrong = Interface::Json.sign_in(&guesser, &mobile, "wrong horse 7").await;
            assert!(Interface::Json.ended_with(&wrong, (401, "4102")), "{wrong:?}");
        }
        let more = Interface::Json.sign_in(&guesser, &mobile, "wrong horse 7").await;

        assert!(Interface::Json.ended_with(&more, (400, "4103")), "{more:?}");
    })
    .await;
    on_own_redis(&[many, ("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "1")], async |app, redis| {
        redis.kill();
        let (guesser, mobile) = (app.client_within(TIMEOUT), fresh_mobile());
        Interface::Json.sign_in(&guesser, &mobile, "wrong horse 7").await;

        let drawn = guesser.get("/api/v1/captchas/any").await;
        let fields = [("login", &*mobile), ("password", PASSWORD)];
        let solved = [&fields[..], &[("captcha_id", "any"), ("captcha", "abcd")]].concat();
        let tried = Interface::Json.perform(&guesser, Action::SignIn, &solved).await;

        assert_unavailable(Interface::Json, &drawn);
        assert_unavailable(Interface::Json, &tried);
    })
    .await;
}

/// R126: a setting that does not depend on Redis applies without it.
#[tokio::test]
async fn a_proof_of_work_that_is_always_required_is_required_without_redis() {
    on_own_redis(&[("POW", "always")], async |app, redis| {
        redis.kill();

        let page = app.client_within(TIMEOUT).get("/register").await;

        assert!(page.body.contains("data-proof=\"wanted\""), "{page:?}");
    })
    .await;
}

#[tokio::test]
async fn while_redis_hangs_accounts_sign_in_by_password_and_all_works_after_its_return() {
    on_own_redis(&[], async |app, redis| {
        let mobile = fresh_mobile();
        let client = signed_in(app, &mobile).await;
        redis.hang().await;

        assert_works_without_redis(app, &client, &mobile).await;

        redis.resume();
        assert_recovers(app).await;
        assert_eq!(app.client().register(&fresh_mobile()).await.status.as_u16(), 201);
    })
    .await;
}

#[tokio::test]
async fn without_the_database_requests_that_need_it_fail_with_503_and_sessions_stay() {
    if mysql_server().is_none() {
        return;
    }
    let mut database = Process::mariadb().await;
    let server = database.mysql_root();
    execute(server.clone(), "CREATE DATABASE haoma".to_owned());
    let app = TestApp::start(&[("DATABASE_URL", format!("{server}/haoma"))], &[]).await;
    let mobile = fresh_mobile();
    let client = app.client_within(TIMEOUT).signed_in(&mobile).await;
    let jar = client.cookie_jar();
    let mut proved = Vec::new();
    for _ in 0..4 {
        let fresh = fresh_mobile();
        Interface::Json.assert_success(&app.client().request_code(&fresh).await, 200);
        proved.push((fresh.clone(), app.gateway.code_for(&fresh)));
    }

    database.kill();
    assert_says_so(&app, &client, &mobile, &proved).await;
    assert_eq!(client.cookie_jar(), jar, "the cookies are kept");
    database.start().await;
    assert_recovers(&app).await;
    assert!(client.is_signed_in().await, "still signed in");

    database.hang().await;
    let session = client.get("/api/v1/session").await;
    database.resume();
    assert_unavailable(Interface::Json, &session);
    assert_recovers(&app).await;

    // The codes were consumed while the database was down, and restored.
    for (fresh, code) in &proved {
        let registered = Interface::Json.register(&app.client(), fresh, code, PASSWORD).await;
        Interface::Json.assert_success(&registered, 201);
    }
    app.stop().await;
}

async fn assert_says_so_to_applications(client: &TestClient<'_>, stranger: &TestClient<'_>) {
    for path in ["/oauth/logout", "/oauth/authorize?client_id=x"] {
        assert_unavailable(Interface::Page, &client.get(path).await);
    }
    let form = "application/x-www-form-urlencoded";
    let token = stranger.post_body("/oauth/token", form, "client_id=x").await;
    assert_eq!(token.status.as_u16(), 503, "{token:?}");
    assert_eq!(token.json()["error"], "temporarily_unavailable");
    assert!(!token.header("retry-after").is_empty(), "{token:?}");
}

/// `known` is signed in; the other numbers have just got a code.
async fn assert_says_so(
    app: &TestApp,
    client: &TestClient<'_>,
    known: &str,
    proved: &[(String, String)],
) {
    let stranger = app.client_within(TIMEOUT);
    let texted = app.gateway.messages().len();
    let asked = join_all([
        client.get("/account"),
        client.get("/"),
        client.get("/register"),
        client.get("/login"),
        stranger.get("/register"),
        stranger.get("/login"),
        stranger.get("/api/v1/captchas/any"),
    ]);
    let (session, pages) = join!(client.get("/api/v1/session"), asked);
    assert_unavailable(Interface::Json, &session);
    assert_unavailable(Interface::Json, &client.delete("/api/v1/sessions").await);
    for page in &pages[..2] {
        assert_unavailable(Interface::Page, page);
    }
    for page in &pages[2..] {
        assert_eq!(page.status.as_u16(), 200, "needs no store: {page:?}");
    }
    assert_says_so_to_applications(client, &stranger).await;
    let browsers = [
        (Interface::Page, client),
        (Interface::Json, client),
        (Interface::Page, &stranger),
        (Interface::Json, &stranger),
    ];
    let changes =
        browsers.into_iter().zip(proved).map(async |((interface, browser), (fresh, code))| {
            let other = fresh_mobile();
            let (signed_in, registered, sent) = join!(
                interface.sign_in(browser, known, PASSWORD),
                interface.register(browser, fresh, code, PASSWORD),
                interface.request_code(browser, &other)
            );
            for response in [signed_in, registered, sent, interface.sign_out(client).await] {
                assert_unavailable(interface, &response);
            }
        });
    join_all(changes).await;
    assert_eq!(app.gateway.messages().len(), texted, "no message was sent");
    assert_health(&stranger, 503, "down").await;
}
