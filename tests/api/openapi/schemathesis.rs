//! Schemathesis sends valid and invalid requests, and finds no failure of the server and no answer that is not
//! described.

use std::process::{Command, Stdio};

use reqwest::{Method, header::AUTHORIZATION};
use serde_json::json;
use tempfile::TempDir;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    databases::required_part,
};
use tokio::task::spawn_blocking;

/// The checks of each answer. Accepting every valid request is not one of them, because no document can say which codes
/// and captchas are right.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection,\
    unsupported_method,allow_header_conformance";
/// The number of examples for each operation, which are the same in every run.
const EXAMPLES: &str = "5";
const SEED: &str = "1";

/// Without legacy APIs, which take other requests at some of these paths.
const SETTINGS: [(&str, &str); 1] = [("DIALECTS", "none")];

#[tokio::test]
async fn schemathesis_finds_no_undescribed_answer_when_signed_out() {
    run(async |_| None).await;
}

/// The session has to stay, so operations that would end it run only in the other test.
#[tokio::test]
async fn schemathesis_finds_no_undescribed_answer_when_signed_in() {
    run(async |app| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        let login = json!({ "login": mobile, "password": PASSWORD });
        let token = app.client().post_json("/api/v1/tokens", &login).await.json();
        let token = token["data"]["token"].as_str().expect("a token").to_owned();
        Some(format!("Bearer {token}"))
    })
    .await;
}

/// Runs it, if it is installed, on both backends and with the session that `who` creates on each.
async fn run(who: impl AsyncFn(&TestApp) -> Option<String>) {
    let Some(program) = required_part("TEST_SCHEMATHESIS") else { return };
    on_each_with(&SETTINGS, async |app| {
        let folder = TempDir::new().expect("a folder");
        let bearer = who(app).await;
        let mut command = Command::new(&program);
        command
            .args(["run", &format!("{}/api/v1/openapi.json", app.base)])
            .args(["--phases", "examples,coverage,fuzzing", "--checks", CHECKS])
            .args(["--max-examples", EXAMPLES, "--seed", SEED, "--continue-on-failure"])
            .current_dir(&folder)
            .stdin(Stdio::null());
        if let Some(bearer) = &bearer {
            command.args(["--header", &format!("Authorization: {bearer}")]);
            // It takes ids from the list of sessions, which includes its own.
            command.args(["--exclude-operation-id", "signOut"]);
            command.args(["--exclude-operation-id", "signOutOne"]);
        }
        // Haoma runs on the runtime of this thread, so Schemathesis runs on another.
        let output = spawn_blocking(move || command.output()).await.expect("ends").expect("runs");
        let report = String::from_utf8_lossy(&output.stdout);

        assert!(output.status.success(), "{report}");
        assert!(report.contains("Test cases"), "{report}");
        if let Some(bearer) = bearer {
            let client = app.client();
            let asked = client.request(Method::GET, "/api/v1/session");
            let known = client.send(asked.header(AUTHORIZATION, bearer)).await;
            assert_eq!(known.status, 200, "it was signed in to the end: {known:?}");
        }
    })
    .await;
}
