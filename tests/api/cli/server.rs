//! The server as a process, with default settings.

use std::{fs, io::BufRead as _, os::unix::fs::PermissionsExt as _, path::Path};

use chrono::{Days, Utc};
use haoma::sms::client;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::{databases::redis_server, logs::contains_secret};

use super::process::{Server, run_in};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

/// R120: only the owner can read the files that the server writes, whatever the umask.
#[tokio::test]
async fn the_server_starts_in_an_empty_folder_and_ends_in_order() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let client = client::build().expect("a client");

    let page = client.get(format!("{}/register", server.base)).send().await.expect("an answer");

    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().await.expect("a page").contains("<form"));
    let data = folder.path().join("data");
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> =
        fs::read_dir(&data).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    for file in ["haoma.db", "haoma.db-wal", "haoma.db-shm", "haoma.key"] {
        assert!(files.contains(&data.join(file)), "{file}");
    }
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    let base = server.base.clone();
    let (code, log) = server.terminate();
    assert_eq!(code, Some(0));
    for line in [
        &format!("begin     {base}/register"),
        "accounts  data/haoma.db",
        "codes     memory, gone when this ends",
        "For real users: \"In production\" in README.md",
    ] {
        assert!(log.contains(line), "{line} in {log}");
    }
}

#[tokio::test]
async fn behind_a_proxy_the_start_message_names_the_listener_and_the_public_url() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("PUBLIC_URL", "https://id.example.com")]);
    let address = server.base.strip_prefix("http://").expect("an address").to_owned();

    let responses = std::net::TcpStream::connect(address).is_ok();

    assert!(responses, "{}", server.base);
    let (_, log) = server.terminate();
    assert!(log.contains("begin     https://id.example.com/register"), "{log}");
}

#[tokio::test]
async fn the_log_can_be_json() {
    let folder = TempDir::new().expect("a folder");
    let settings = [("LOG_FORMAT", "json"), ("RUST_LOG", "info,access=info")];
    let server = Server::start(folder.path(), &settings);
    let client = client::build().expect("a client");
    let page = client.get(format!("{}/login", server.base)).send().await.expect("an answer");
    let id = page.headers()["x-request-id"].to_str().expect("a name").to_owned();

    let (_, log) = server.terminate();

    let is_for_people = |text: &&str| text.starts_with("haoma: ") || text.starts_with("  ");
    let (_, lines): (Vec<_>, Vec<_>) = log.lines().partition(is_for_people);
    let read =
        |text: &str| -> Value { serde_json::from_str(text).unwrap_or_else(|_| panic!("{text}")) };
    let lines: Vec<_> = lines.into_iter().map(read).collect();
    assert!(
        lines.iter().all(|line| line["time"].is_string() && line["event"].is_string()),
        "{lines:?}"
    );
    let line = lines.iter().find(|line| line["request"] == id.as_str()).expect("the access log");
    assert_eq!((&line["level"], &line["event"]), (&json!("INFO"), &json!("access")), "{line}");
}

/// The access log is off unless it is named; metrics end with the service.
#[tokio::test]
async fn requests_are_logged_only_when_the_access_log_is_named() {
    for (level, is_told) in [("info", false), ("debug", false), ("info,access=info", true)] {
        let folder = TempDir::new().expect("a folder");
        let settings = [("RUST_LOG", level), ("METRICS_BIND", "127.0.0.1:0")];
        let server = Server::start(folder.path(), &settings);
        let client = client::build().expect("a client");
        let page = client.get(format!("{}/login", server.base)).send().await.expect("an answer");
        assert_eq!(page.status(), StatusCode::OK);

        let (code, log) = server.terminate();
        assert_eq!(code, Some(0), "{log}");
        assert_eq!(log.contains("event=access method=GET route=\"/login\""), is_told, "{log}");
    }
}

/// R105: the code is in no line of the log, at any level.
#[tokio::test]
async fn a_console_code_is_printed_and_listed_in_the_timeline() {
    let Some(redis) = redis_server() else { return };
    let folder = TempDir::new().expect("a folder");
    let settings = [("REDIS_URL", redis.as_str()), ("RUST_LOG", "trace")];
    let mut server = Server::start(folder.path(), &settings);
    let client = client::build().expect("a client");
    let (status, captcha) =
        server.asks_for_a_code(&client, &redis, ("13800138000", "register")).await;

    assert_eq!(status, StatusCode::OK);
    let mut line = String::new();
    while !line.contains("SMS to 13800138000 (register): ") {
        line.clear();
        assert!(server.stdout.read_line(&mut line).expect("a line") > 0);
    }
    let code = line.split(": ").nth(1).and_then(|part| part.split(' ').next()).expect("a code");
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{line}");

    let timeline = ["sms", "timeline", "+86 138 0013 8000"];
    let masked = run_in(folder.path(), &timeline, &[]).await;
    let in_full = run_in(folder.path(), &[&timeline[..], &["--full"]].concat(), &[]).await;
    assert_eq!((masked.code, in_full.code), (Some(0), Some(0)), "{masked:?} {in_full:?}");
    assert!(masked.stdout.starts_with("138****8000: 1 message; no account\n"), "{masked:?}");
    assert!(!masked.says("13800138000") && !masked.says("127.0.0.1"), "{masked:?}");
    assert!(in_full.stdout.starts_with("13800138000: 1 message; no account\n"), "{in_full:?}");
    assert!(in_full.says("127.0.0.1"), "{in_full:?}");
    for run in [masked, in_full] {
        assert!(run.says("register  sent") && run.says("console: sent"), "{run:?}");
        assert!(!run.says(code), "{run:?}");
    }
    let (ended, log) = server.terminate();
    assert_eq!(ended, Some(0));
    let key = fs::read_to_string(folder.path().join("data/haoma.key")).expect("a key");
    for secret in [code, "13800138000", key.trim(), &format!("\"{captcha}\"")] {
        assert!(!contains_secret(&log, secret), "{secret} in {log}");
    }
    assert!(log.contains("event=sms provider=console outcome=sent"), "{log}");
    assert!(log.contains(" TRACE event=") || log.contains(" DEBUG event=library"), "{log}");
    for line in log.lines().filter(|line| line.contains(" TRACE ")) {
        assert!(!line.contains("event=library"), "libraries tell what goes over the wire: {line}");
    }
}

/// R28.
#[tokio::test]
async fn test_numbers_are_named_in_a_warning_at_every_start() {
    let folder = TempDir::new().expect("a folder");
    let end = (Utc::now().date_naive() + Days::new(90)).to_string();
    let setting = format!("13800000001:123456@{end}");
    for _ in 0..2 {
        let server = Server::start(folder.path(), &[("SMS_TEST_NUMBERS", &setting)]);

        let (_, log) = server.terminate();
        let named = format!("event=test_number mobile=138****0001 ends_on={end} in_force=true");
        assert!(log.contains("WARN") && log.contains(&named), "{log}");
        assert!(!log.contains("123456"));
    }
}
