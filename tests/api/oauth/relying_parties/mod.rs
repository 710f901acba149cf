//! Published relying parties sign people in: what they expect of an OpenID Provider decides, and not what we read in the
//! standards.

mod apache;
mod authlib;
mod openid_client;

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use test_support::app::{PASSWORD, TestApp, fresh_mobile};
use tokio::task::spawn_blocking;

use super::Client;

/// The programs that use the libraries.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/relying-parties");
/// Where people are sent to after signing out.
const BYE: &str = "https://app.example.com/bye";

/// Registers a person, and returns what every program has to know of them and of us.
async fn person(app: &TestApp) -> Value {
    let mobile = fresh_mobile();
    let registered = app.client().register(&mobile).await.json();
    json!({
        "issuer": app.origin,
        "mobile": mobile,
        "password": PASSWORD,
        "subject": registered["data"]["id"].to_string(),
        "name": registered["data"]["name"],
        "bye": BYE,
    })
}

/// Returns what a program has to know of a client.
fn described(client: &Client, algorithm: &str) -> Value {
    json!({ "id": client.id, "secret": client.secret, "algorithm": algorithm })
}

/// Runs a program, which fails if anything is not as it has to be. Haoma runs on the runtime of this thread, so the program is
/// waited for on another.
async fn run(mut program: Command, input: &Value) {
    program.stdin(Stdio::null()).env("INPUT", input.to_string());
    let output = spawn_blocking(move || program.output()).await.expect("ends").expect("runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && printed.contains("done: "), "{printed}\n{errors}");
}
