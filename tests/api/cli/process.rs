//! Runs the binary.

use reqwest::{Client, StatusCode, header::ORIGIN};
use serde_json::json;
use test_support::databases::redis_query;

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    thread::{self, JoinHandle},
};

use tempfile::TempDir;
use tokio::task;

/// Returns the command to run the binary in a folder, with these settings only.
pub(super) fn command(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_haoma"));
    command.current_dir(folder).env_clear().args(arguments).envs(settings.iter().copied());
    command
}

/// The output and the exit status of a run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Run {
    pub(super) fn says(&self, text: &str) -> bool {
        self.stdout.contains(text)
    }
}

/// Runs a command in a folder until it ends.
pub(super) async fn run_in(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    let mut command = command(folder, arguments, settings);
    let output = task::spawn_blocking(move || command.output()).await.expect("no panic");
    let Output { status, stdout, stderr } = output.expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("a text");
    Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// Runs a command in an empty folder until it ends.
pub(super) async fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    let folder = TempDir::new().expect("a folder");
    run_in(folder.path(), arguments, settings).await
}

/// A server process that listens.
pub(super) struct Server {
    child: Running,
    pub(super) base: String,
    pub(super) stdout: BufReader<ChildStdout>,
    /// Collects its log until it ends.
    log: JoinHandle<String>,
}

impl Server {
    /// Starts the server and waits for the line with its address.
    pub(super) fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = command(folder, &[], &[&[("BIND", "127.0.0.1:0")], settings].concat());
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Running(piped.spawn().expect("it runs"));
        let mut stderr = BufReader::new(child.0.stderr.take().expect("piped"));
        let mut log = String::new();
        let base = loop {
            let mut line = String::new();
            let read = stderr.read_line(&mut line).expect("a line");
            assert!(read > 0, "it ended: {log}");
            if let Some(said) = line.strip_prefix("haoma: listening on ") {
                let is_printed = !settings.iter().any(|(name, _)| *name == "SMS_PROVIDERS");
                assert_eq!(said.ends_with("; SMS are printed here\n"), is_printed, "{said}");
                break said.trim().split([';', ' ']).next().expect("an address").to_owned();
            }
            log.push_str(&line);
        };
        // The log is read to its end, so that the server never blocks on writing it.
        let log = thread::spawn(move || {
            stderr.read_to_string(&mut log).expect("a text");
            log
        });
        let stdout = BufReader::new(child.0.stdout.take().expect("piped"));
        Self { child, base, stdout, log }
    }

    /// Requests a code; the answer of the captcha is read from Redis.
    pub(super) async fn asks_for_a_code(
        &self,
        client: &Client,
        redis: &str,
        (mobile, purpose): (&str, &str),
    ) -> (StatusCode, String) {
        let id = uuid::Uuid::new_v4().to_string();
        let picture = client.get(format!("{}/api/v1/captchas/{id}", self.base)).send().await;
        assert_eq!(picture.expect("an answer").status(), StatusCode::OK);
        let captcha: String = redis_query(redis, &["GET", &format!("haoma:captcha:{id}")]).await;
        let body = json!({ "mobile": mobile, "purpose": purpose, "captcha_id": id,
            "captcha": captcha });
        let request = client.post(format!("{}/api/v1/sms-codes", self.base));
        let asked = request.header(ORIGIN, &self.base).json(&body).send().await;
        (asked.expect("an answer").status(), captcha)
    }

    pub(super) fn tell_to_end(&self) {
        let id = self.child.0.id().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(status.success());
    }

    /// Ends the server as systemd and Docker do, and returns its exit code and its log.
    pub(super) fn terminate(mut self) -> (Option<i32>, String) {
        self.tell_to_end();
        let code = self.child.0.wait().expect("it ends").code();
        (code, self.log.join().expect("a log"))
    }
}

/// Kills the process when it is dropped, also if the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // The process may have ended already.
        self.0.kill().unwrap_or_default();
    }
}
