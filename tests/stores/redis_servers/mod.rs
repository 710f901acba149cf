//! Redis as operators have it: elsewhere, watched over by Sentinels, a Cluster, with rights of its own.

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
    interface::{INTERFACES, Interface},
    processes::Process,
};
use tokio::time::{Instant, sleep};

/// A Haoma on a Redis.
async fn on_redis(url: &str, settings: &[(&str, &str)], test: impl AsyncFnOnce(&TestApp)) {
    let folder = TempDir::new().expect("a folder");
    let stores = [("DATABASE_URL", sqlite_url(&folder)), ("REDIS_URL", url.to_owned())];
    let haoma = TestApp::start(&stores, settings).await;
    test(&haoma).await;
    haoma.stop().await;
}

/// What a server answers to a command in words.
fn ask<T: FromRedisValue>(server: &Process, command: &str) -> T {
    ask_at(&format!("redis://127.0.0.1:{}", server.port()), command)
}

fn ask_at<T: FromRedisValue>(url: &str, command: &str) -> T {
    let server = redis::Client::open(url).expect("an address");
    let mut words = command.split(' ');
    let mut command = redis::cmd(words.next().expect("a command"));
    words.for_each(|it| {
        command.arg(it);
    });
    command.query(&mut server.get_connection().expect("a Redis")).expect("answers")
}

/// Waits for what servers do among themselves.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// People register and sign in, on every face, one after another and many at once.
async fn assert_all_flows_work(haoma: &TestApp) {
    for face in INTERFACES {
        assert_somebody_gets_in(haoma, face).await;
        assert_one_picture_is_one_message(haoma, face).await;
        assert_one_code_is_one_account(haoma, face).await;
    }
    assert_eq!(haoma.client().get("/readyz").await.body, r#"{"status":"up"}"#);
}

async fn assert_somebody_gets_in(haoma: &TestApp, face: Interface) {
    let (who, mobile) = (haoma.client(), fresh_mobile());
    face.assert_success(&face.request_code(&who, &mobile).await, 200);
    let code = haoma.gateway.code_for(&mobile);
    let soon = face.request_code(&who, &mobile).await;
    assert!(face.ended_with(&soon, (429, "4201")), "{soon:?}");
    let wrong = if code == "123456" { "654321" } else { "123456" };
    let guessed = face.register(&who, &mobile, wrong, PASSWORD).await;
    assert!(face.ended_with(&guessed, (422, "4004")), "{guessed:?}");
    face.assert_success(&face.register(&who, &mobile, &code, PASSWORD).await, 201);
    let other = haoma.client();
    face.assert_refused(
        &face.sign_in(&other, &mobile, "wrong horse 7").await,
        (401, "4102"),
        "error-wrong-login",
        &[],
    );
    face.assert_success(&face.sign_in(&other, &mobile, PASSWORD).await, 200);
    assert!(other.is_signed_in().await);
}

async fn assert_one_picture_is_one_message(haoma: &TestApp, face: Interface) {
    let who = haoma.client();
    let before = haoma.gateway.messages().len();
    let (id, answer) = who.solve_captcha().await;
    let numbers: Vec<String> = (0..100).map(|_| fresh_mobile()).collect();
    let sends = numbers.iter().map(|it| face.request_code_with(&who, it, (&id, &answer)));

    let answers = join_all(sends).await;

    assert_eq!(haoma.gateway.messages().len() - before, 1);
    assert_eq!(face.count(&answers, (422, "4002")), 99);
}

async fn assert_one_code_is_one_account(haoma: &TestApp, face: Interface) {
    let mobile = fresh_mobile();
    face.assert_success(&face.request_code(&haoma.client(), &mobile).await, 200);
    let code = haoma.gateway.code_for(&mobile);
    let people: Vec<_> = (0..50).map(|_| haoma.client()).collect();

    let tries = people.iter().map(|it| face.register(it, &mobile, &code, PASSWORD));
    let answers = join_all(tries).await;

    let created = if face == Interface::Page { 303 } else { 201 };
    assert_eq!(face.count(&answers, (created, "0")), 1);
    assert_eq!(face.count(&answers, (422, "4002")), 49);
}
