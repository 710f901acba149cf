//! A system clock that is changed while the service runs. faketime changes the clock of the process, and not that of
//! Redis.

use std::{
    fs,
    path::{Path, PathBuf},
};

use haoma::sms::client;
use reqwest::{
    Client, Method, StatusCode,
    header::{COOKIE, ORIGIN, SET_COOKIE},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::{
    app::{KEY, PASSWORD, fresh_mobile},
    databases::{TestDatabase, mysql_server, redis_server, sqlite_url},
    sms_gateway::{self, Gateway},
};

use super::process::Server;

/// Returns the path of Debian's faketime library for programs with threads.
fn faketime() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").expect("a folder").flatten();
    let libraries = folders.map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"));
    libraries
        .into_iter()
        .find(|librarie| librarie.exists())
        .expect("faketime, which scripts/test installs")
}

/// A service whose clock is set by a file.
struct ClockedServer<'a> {
    server: Server,
    clock: &'a Path,
    client: Client,
    redis: &'a str,
    gateway: &'a Gateway,
}

impl ClockedServer<'_> {
    /// Sets the clock: `+13h` is ahead of the true time, `-1d` behind it.
    fn set_clock(&self, offset: &str) {
        // The file is replaced in one step, because it is read all the time.
        let fresh = self.clock.with_extension("new");
        fs::write(&fresh, offset).expect("written");
        fs::rename(fresh, self.clock).expect("renamed");
    }

    async fn post(&self, path: &str, body: &Value) -> (StatusCode, String) {
        let request = self.client.post(format!("{}{path}", self.server.base));
        let response = request.header(ORIGIN, &self.server.base).json(body).send().await;
        let response = response.expect("an answer");
        let cookie = response.headers().get(SET_COOKIE).and_then(|header| header.to_str().ok());
        let cookie = cookie.and_then(|text| text.split(';').next()).unwrap_or_default();
        (response.status(), cookie.to_owned())
    }

    /// Registers a number and returns the session cookie.
    async fn register(&self, mobile: &str) -> String {
        let asked = (mobile, "register");
        let asked = self.server.asks_for_a_code(&self.client, self.redis, asked).await;
        assert_eq!(asked.0, StatusCode::OK);
        let sms_code = self.gateway.code_for(mobile);
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });
        let (status, cookie) = self.post("/api/v1/users", &body).await;
        assert_eq!(status, StatusCode::CREATED);
        cookie
    }

    async fn sign_in(&self, mobile: &str) -> String {
        let body = json!({ "login": mobile, "password": PASSWORD });
        let (status, cookie) = self.post("/api/v1/session", &body).await;
        assert_eq!(status, StatusCode::OK);
        cookie
    }

    async fn knows(&self, cookie: &str) -> bool {
        let url = format!("{}/api/v1/session", self.server.base);
        let response = self.client.request(Method::GET, url).header(COOKIE, cookie).send().await;
        match response.expect("an answer").status() {
            StatusCode::OK => true,
            StatusCode::UNAUTHORIZED => false,
            other => panic!("{other}"),
        }
    }
}

/// R139.
#[tokio::test]
async fn a_clock_jump_expires_codes_and_revives_none() {
    let (Some(mysql), Some(redis)) = (mysql_server(), redis_server()) else { return };
    let (folder, scratch, gateway) =
        (TempDir::new().expect("a folder"), TestDatabase::create(mysql), Gateway::start());
    let (library, clock) = (faketime().display().to_string(), folder.path().join("clock"));
    for database in [sqlite_url(&folder), scratch.url()] {
        fs::write(&clock, "+0").expect("written");
        let settings = [
            ("DATABASE_URL", database.as_str()),
            ("REDIS_URL", &redis),
            ("SECRET_KEY", KEY),
            ("SMS_PROVIDERS", "webhook"),
            ("SMS_WEBHOOK_URL", &gateway.url),
            ("SMS_WEBHOOK_SECRET", sms_gateway::SECRET),
            ("PASSWORD_ITERATIONS", "1000"),
            ("ALLOW_WEAK_HASHES", "on"),
            ("SESSION_CACHE_MILLISECONDS", "0"),
            ("LD_PRELOAD", &library),
            ("FAKETIME_TIMESTAMP_FILE", &clock.display().to_string()),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("FAKETIME_DONT_RESET", "1"),
        ];
        if database.starts_with("mysql:") {
            let migrated = super::process::run(&["migrate"], &settings[..1]).await;
            assert_eq!(migrated.code, Some(0), "{migrated:?}");
        }
        let server = Server::start(folder.path(), &settings);
        let client = client::build().expect("a client");
        let clocked =
            ClockedServer { server, clock: &clock, client, redis: &redis, gateway: &gateway };
        let mobile = fresh_mobile();
        let first = clocked.register(&mobile).await;
        assert!(clocked.knows(&first).await);

        clocked.set_clock("+13h");
        assert!(!clocked.knows(&first).await, "idle for too long");
        let ahead = clocked.sign_in(&mobile).await;
        assert!(clocked.knows(&ahead).await);
        let texted = fresh_mobile();
        let asked = (texted.as_str(), "register");
        let asked = clocked.server.asks_for_a_code(&clocked.client, &redis, asked).await;
        assert_eq!(asked.0, StatusCode::OK);

        clocked.set_clock("-1d");
        assert!(!clocked.knows(&first).await, "over is over");
        let again = (texted.as_str(), "register");
        let again = clocked.server.asks_for_a_code(&clocked.client, &redis, again).await;
        assert_eq!(again.0, StatusCode::TOO_MANY_REQUESTS, "a minute is a minute");
        assert_eq!(gateway.count_for(&texted), 1);
        let behind = clocked.sign_in(&mobile).await;
        assert!(clocked.knows(&behind).await);
        clocked.register(&fresh_mobile()).await;

        clocked.set_clock("+0");
        assert!(!clocked.knows(&first).await);
        assert!(!clocked.knows(&behind).await, "it is a day old now");
        let (code, log) = clocked.server.terminate();
        assert_eq!(code, Some(0), "{log}");
        assert!(!log.contains("panicked"), "{log}");
    }
    gateway.stop().await;
}
