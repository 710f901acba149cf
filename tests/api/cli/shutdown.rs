//! The server gets SIGTERM.

use std::time::Duration;

use haoma::sms::client;
use reqwest::{StatusCode, header::CONNECTION};
use tempfile::TempDir;
use test_support::{
    databases::redis_server,
    sms_gateway::{self, Answer, Gateway},
};
use tokio::task;

use super::process::{Server, run_in};

/// R125: SIGTERM works as soon as the server listens, before its workers have started.
#[tokio::test]
async fn sigterm_during_the_start_ends_in_order() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);

    let (code, log) = server.terminate();

    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("ERROR"), "{log}");
}

/// R125: the load balancer learns of the shutdown first; requests that arrive before it reacts are served.
#[tokio::test]
async fn sigterm_turns_readiness_off_before_requests_are_refused() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let client = client::build().expect("a client");
    let get = async |path: &str| {
        let response = client.get(format!("{}{path}", server.base)).send().await.expect("served");
        let closes = response.headers().get(CONNECTION).is_some_and(|value| value == "close");
        (response.status(), closes, response.text().await.expect("a text"))
    };
    assert_eq!(get("/readyz").await, (StatusCode::OK, false, r#"{"status":"up"}"#.to_owned()));

    server.tell_to_end();
    let (status, closes, text) = loop {
        let ready = get("/readyz").await;
        if ready.0 != StatusCode::OK {
            break ready;
        }
    };
    let (page, closes_page, _) = get("/login").await;
    let (code, log) = server.terminate();

    assert_eq!((status, &*text), (StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"leaving"}"#));
    assert!(closes && closes_page, "else a balancer would keep the connection");
    assert_eq!((page, code), (StatusCode::OK, Some(0)), "{log}");
    assert!(!log.contains("ERROR"), "{log}");
}

/// R125: the answer has been sent, the message has not.
#[tokio::test]
async fn sigterm_waits_for_a_message_that_is_being_sent() {
    let Some(redis) = redis_server() else { return };
    let folder = TempDir::new().expect("a folder");
    let gateway = Gateway::start();
    gateway.answer(Answer::After(Duration::from_secs(2)));
    let settings = [
        ("REDIS_URL", redis.as_str()),
        ("SMS_PROVIDERS", "webhook"),
        ("SMS_WEBHOOK_URL", &gateway.url),
        ("SMS_WEBHOOK_SECRET", sms_gateway::SECRET),
    ];
    let server = Server::start(folder.path(), &settings);
    let client = client::build().expect("a client");
    let (status, _) = server.asks_for_a_code(&client, &redis, ("13800138000", "login")).await;

    let (code, _) = task::spawn_blocking(move || server.terminate()).await.expect("no panic");

    assert_eq!((status, code), (StatusCode::OK, Some(0)));
    assert_eq!(gateway.count_for("13800138000"), 1);
    let timeline = run_in(folder.path(), &["sms", "timeline", "13800138000"], &[]).await;
    assert!(timeline.says("login  sent") || timeline.says("login     sent"), "{timeline:?}");
    gateway.stop().await;
}
