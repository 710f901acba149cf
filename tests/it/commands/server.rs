//! The server as a process, on no set-up at all.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

use haoma::sms::client;
use redis::aio::MultiplexedConnection;
use reqwest::{Client, StatusCode, header::ORIGIN};
use serde_json::json;
use tempfile::TempDir;
use tokio::task;

use super::process::{command, run_in};
use crate::{
    databases::redis_server,
    gateway::{self, Answer, Gateway},
};

/// A server that listens.
struct Server {
    child: Child,
    base: String,
    stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts it, and waits for the line that tells its address.
    fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = command(folder, &[], &[&[("BIND", "127.0.0.1:0")], settings].concat());
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("it runs");
        let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
        let mut log = String::new();
        let base = loop {
            let mut line = String::new();
            let read = stderr.read_line(&mut line).expect("a line");
            assert!(read > 0, "it ended: {log}");
            if let Some(said) = line.strip_prefix("haoma: listening on ") {
                let is_printed = !settings.iter().any(|(name, _)| *name == "SMS_PROVIDERS");
                assert_eq!(said.ends_with("; SMS are printed here\n"), is_printed, "{said}");
                break said.trim().split(';').next().expect("an address").to_owned();
            }
            log.push_str(&line);
        };
        // Read to the end, so that it never waits for us.
        thread::spawn(move || stderr.read_to_string(&mut log));
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, base, stdout }
    }

    /// Asks for a code for 13800138000; what the picture says is read in Redis.
    async fn asks_for_a_code(&self, client: &Client, redis: &str, purpose: &str) -> StatusCode {
        let id = uuid::Uuid::new_v4().to_string();
        let picture = client.get(format!("{}/api/v1/captchas/{id}", self.base)).send().await;
        assert_eq!(picture.expect("an answer").status(), StatusCode::OK);
        let mut connection: MultiplexedConnection = redis::Client::open(redis)
            .expect("an address")
            .get_multiplexed_async_connection()
            .await
            .expect("Redis");
        let key = format!("haoma:captcha:{id}");
        let captcha: String =
            redis::cmd("GET").arg(key).query_async(&mut connection).await.expect("an answer");
        let body = json!({ "mobile": "13800138000", "purpose": purpose, "captcha_id": id,
            "captcha": captcha });
        let request = client.post(format!("{}/api/v1/sms-codes", self.base));
        let asked = request.header(ORIGIN, &self.base).json(&body).send().await;
        asked.expect("an answer").status()
    }

    /// Ends it as systemd and Docker do, and tells its exit code.
    fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(killed.success());
        self.child.wait().expect("it ends").code()
    }
}

/// A test that fails leaves none behind.
impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is not there to be killed.
        self.child.kill().unwrap_or_default();
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[tokio::test]
async fn it_starts_in_an_empty_folder_and_ends_in_order() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let client = client::build().expect("a client");

    let page = client.get(format!("{}/register", server.base)).send().await.expect("an answer");

    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().await.expect("a page").contains("<form"));
    let data = folder.path().join("data");
    assert_eq!(mode(&data), 0o700);
    for file in ["haoma.db", "haoma.key"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn the_code_is_printed_in_the_terminal_and_told_in_the_timeline() {
    let Some(redis) = redis_server() else { return };
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start(folder.path(), &[("REDIS_URL", &redis)]);
    let client = client::build().expect("a client");
    let status = server.asks_for_a_code(&client, &redis, "register").await;

    assert_eq!(status, StatusCode::OK);
    let mut line = String::new();
    while !line.contains("SMS to 13800138000 (register): ") {
        line.clear();
        assert!(server.stdout.read_line(&mut line).expect("a line") > 0);
    }
    let code = line.split(": ").nth(1).and_then(|it| it.split(' ').next()).expect("a code");
    assert!(code.len() == 6 && code.bytes().all(|it| it.is_ascii_digit()), "{line}");

    let timeline = ["sms", "timeline", "+86 138 0013 8000"];
    let masked = run_in(folder.path(), &timeline, &[]).await;
    let in_full = run_in(folder.path(), &[&timeline[..], &["--full"]].concat(), &[]).await;
    assert_eq!((masked.code, in_full.code), (Some(0), Some(0)), "{masked:?} {in_full:?}");
    assert!(masked.stdout.starts_with("138****8000: 1 messages\n"), "{masked:?}");
    assert!(!masked.says("13800138000") && !masked.says("127.0.0.1"), "{masked:?}");
    assert!(in_full.stdout.starts_with("13800138000: 1 messages\n"), "{in_full:?}");
    assert!(in_full.says("127.0.0.1"), "{in_full:?}");
    for run in [masked, in_full] {
        assert!(run.says("register  sent") && run.says("console: sent"), "{run:?}");
        assert!(!run.says(code), "{run:?}");
    }
    assert_eq!(server.terminate(), Some(0));
}

/// SECURITY R125: the answer has gone out, the message has not.
#[tokio::test]
async fn told_to_end_it_waits_for_the_message_that_is_under_way() {
    let Some(redis) = redis_server() else { return };
    let folder = TempDir::new().expect("a folder");
    let gateway = Gateway::start();
    gateway.answer(Answer::After(Duration::from_secs(2)));
    let settings = [
        ("REDIS_URL", redis.as_str()),
        ("SMS_PROVIDERS", "webhook"),
        ("SMS_WEBHOOK_URL", &gateway.url),
        ("SMS_WEBHOOK_SECRET", gateway::SECRET),
    ];
    let server = Server::start(folder.path(), &settings);
    let client = client::build().expect("a client");
    let status = server.asks_for_a_code(&client, &redis, "login").await;

    let code = task::spawn_blocking(move || server.terminate()).await.expect("no panic");

    assert_eq!((status, code), (StatusCode::OK, Some(0)));
    assert_eq!(gateway.count_for("13800138000"), 1);
    let timeline = run_in(folder.path(), &["sms", "timeline", "13800138000"], &[]).await;
    assert!(timeline.says("login  sent") || timeline.says("login     sent"), "{timeline:?}");
    gateway.stop().await;
}
