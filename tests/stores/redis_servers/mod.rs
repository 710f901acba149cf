//! Redis as operators run it: remote, with Sentinels, as a Cluster, and with restricted accounts.

mod cluster;
mod comeback;
mod rights;
mod sentinel;
mod tls;

use std::time::Duration;

use futures_util::future::join_all;
use redis::FromRedisValue;
use tempfile::TempDir;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile},
    databases::sqlite_url,
    interface::{Interface, interfaces},
    processes::Process,
};
use tokio::time::{Instant, sleep};

/// Starts a Haoma on this Redis and runs a test.
async fn on_redis(url: &str, settings: &[(&str, &str)], test: impl AsyncFnOnce(&TestApp)) {
    let folder = TempDir::new().expect("a folder");
    let stores = [("DATABASE_URL", sqlite_url(&folder)), ("REDIS_URL", url.to_owned())];
    let app = TestApp::start(&stores, settings).await;
    test(&app).await;
    app.stop().await;
}

/// Returns the answer to a command that is given as words.
fn ask<T: FromRedisValue>(server: &Process, command: &str) -> T {
    ask_at(&format!("redis://127.0.0.1:{}", server.port()), command)
}

fn ask_at<T: FromRedisValue>(url: &str, command: &str) -> T {
    let server = redis::Client::open(url).expect("an address");
    let mut words = command.split(' ');
    let mut command = redis::cmd(words.next().expect("a command"));
    words.for_each(|word| {
        command.arg(word);
    });
    command.query(&mut server.get_connection().expect("a Redis")).expect("answers")
}

/// Waits for something that the servers do among themselves.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Checks registration and sign-in on every interface, one after another and many at once.
async fn assert_all_flows_work(app: &TestApp) {
    for interface in interfaces() {
        assert_registration_works(app, interface).await;
        assert_one_picture_is_one_message(app, interface).await;
        assert_one_code_is_one_account(app, interface).await;
    }
    assert_eq!(app.client().get("/readyz").await.body, r#"{"status":"up"}"#);
}

async fn assert_registration_works(app: &TestApp, interface: Interface) {
    let (client, mobile) = (app.client(), fresh_mobile());
    interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
    let code = app.gateway.code_for(&mobile);
    let soon = interface.request_code(&client, &mobile).await;
    assert!(interface.ended_with(&soon, (429, "4201")), "{soon:?}");
    let wrong = if code == "123456" { "654321" } else { "123456" };
    let guessed = interface.register(&client, &mobile, wrong, PASSWORD).await;
    assert!(interface.ended_with(&guessed, (422, "4004")), "{guessed:?}");
    interface.assert_success(&interface.register(&client, &mobile, &code, PASSWORD).await, 201);
    let other = app.client();
    interface.assert_refused(
        &interface.sign_in(&other, &mobile, "wrong horse 7").await,
        (401, "4102"),
        "error-wrong-login",
        &[],
    );
    interface.assert_success(&interface.sign_in(&other, &mobile, PASSWORD).await, 200);
    assert!(other.is_signed_in().await);
}

async fn assert_one_picture_is_one_message(app: &TestApp, interface: Interface) {
    let client = app.client();
    let before = app.gateway.messages().len();
    let (id, answer) = client.solve_captcha().await;
    let numbers: Vec<String> = (0..100).map(|_| fresh_mobile()).collect();
    let sends =
        numbers.iter().map(|number| interface.request_code_with(&client, number, (&id, &answer)));

    let answers = join_all(sends).await;

    assert_eq!(app.gateway.messages().len() - before, 1);
    assert_eq!(interface.count(&answers, (422, "4002")), 99);
}

async fn assert_one_code_is_one_account(app: &TestApp, interface: Interface) {
    let mobile = fresh_mobile();
    interface.assert_success(&interface.request_code(&app.client(), &mobile).await, 200);
    let code = app.gateway.code_for(&mobile);
    let clients: Vec<_> = (0..50).map(|_| app.client()).collect();

    let tries = clients.iter().map(|client| interface.register(client, &mobile, &code, PASSWORD));
    let responses = join_all(tries).await;

    let created = if interface == Interface::Page { 303 } else { 201 };
    assert_eq!(interface.count(&responses, (created, "0")), 1);
    assert_eq!(interface.count(&responses, (422, "4002")), 49);
}
