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
use tokio::time::{Instant, sleep};

use crate::{
    databases::sqlite_url,
    face::{FACES, Face},
    haoma::{Haoma, PASSWORD, fresh_mobile},
    processes::Process,
};

/// A Haoma on a Redis.
async fn on_redis(url: &str, settings: &[(&str, &str)], test: impl AsyncFnOnce(&Haoma)) {
    let folder = TempDir::new().expect("a folder");
    let stores = [("DATABASE_URL", sqlite_url(&folder)), ("REDIS_URL", url.to_owned())];
    let haoma = Haoma::start(&stores, settings).await;
    test(&haoma).await;
    haoma.end().await;
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
async fn assert_all_flows_work(haoma: &Haoma) {
    for face in FACES {
        assert_somebody_gets_in(haoma, face).await;
        assert_one_picture_is_one_message(haoma, face).await;
        assert_one_code_is_one_account(haoma, face).await;
    }
    assert_eq!(haoma.visitor().get("/readyz").await.body, r#"{"status":"up"}"#);
}

async fn assert_somebody_gets_in(haoma: &Haoma, face: Face) {
    let (who, mobile) = (haoma.visitor(), fresh_mobile());
    face.assert_done(&face.asks(&who, &mobile).await, 200);
    let code = haoma.gateway.code_for(&mobile);
    let soon = face.asks(&who, &mobile).await;
    assert!(face.is_verdict(&soon, (429, "4201")), "{soon:?}");
    let wrong = if code == "123456" { "654321" } else { "123456" };
    let guessed = face.registers(&who, &mobile, wrong, PASSWORD).await;
    assert!(face.is_verdict(&guessed, (422, "4004")), "{guessed:?}");
    face.assert_done(&face.registers(&who, &mobile, &code, PASSWORD).await, 201);
    let other = haoma.visitor();
    face.assert_refused(
        &face.signs_in(&other, &mobile, "wrong horse 7").await,
        (401, "4102"),
        "error-wrong-login",
        &[],
    );
    face.assert_done(&face.signs_in(&other, &mobile, PASSWORD).await, 200);
    assert!(other.is_known().await);
}

async fn assert_one_picture_is_one_message(haoma: &Haoma, face: Face) {
    let who = haoma.visitor();
    let before = haoma.gateway.messages().len();
    let (id, answer) = who.solve().await;
    let numbers: Vec<String> = (0..100).map(|_| fresh_mobile()).collect();
    let sends = numbers.iter().map(|it| face.asks_with(&who, it, (&id, &answer)));

    let answers = join_all(sends).await;

    assert_eq!(haoma.gateway.messages().len() - before, 1);
    assert_eq!(face.count(&answers, (422, "4002")), 99);
}

async fn assert_one_code_is_one_account(haoma: &Haoma, face: Face) {
    let mobile = fresh_mobile();
    face.assert_done(&face.asks(&haoma.visitor(), &mobile).await, 200);
    let code = haoma.gateway.code_for(&mobile);
    let people: Vec<_> = (0..50).map(|_| haoma.visitor()).collect();

    let tries = people.iter().map(|it| face.registers(it, &mobile, &code, PASSWORD));
    let answers = join_all(tries).await;

    let created = if face == Face::Page { 303 } else { 201 };
    assert_eq!(face.count(&answers, (created, "0")), 1);
    assert_eq!(face.count(&answers, (422, "4002")), 49);
}
