//! Runs the curl examples of docs/api.md and docs/front-end.md as they are written there.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use tempfile::TempDir;
use test_support::{
    app::{TestApp, on_each},
    databases::required_part,
};
use tokio::task::spawn_blocking;

/// The number in the examples.
const MOBILE: &str = "13800138000";
const ADDRESS: &str = "http://127.0.0.1:8080";

/// Returns the commands of the block that begins with these words.
fn examples(file: &str, begin: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect(file);
    let mut blocks = text.split("```sh\n").skip(1).filter_map(|part| part.split("```").next());
    let block = blocks.find(|text| text.starts_with(begin)).expect("a block of examples");
    block.replace("\\\n", " ").lines().map(str::to_owned).collect()
}

/// Returns the output of a command in which `…` is replaced.
async fn run(app: &TestApp, folder: &TempDir, command: &str, missing: &str) -> String {
    let command = command.replace(ADDRESS, &app.base).replace('…', missing);
    let mut bash = Command::new("bash");
    bash.args(["-ec", &command]).current_dir(folder.path());
    let output = spawn_blocking(move || bash.output()).await.expect("ends").expect("runs");
    assert!(output.status.success(), "{command}: {output:?}");
    String::from_utf8(output.stdout).expect("a text")
}

fn data(printed: &str) -> Value {
    let mut response: Value = serde_json::from_str(printed).expect("JSON");
    assert_eq!(response["errno"], "0", "{printed}");
    response["data"].take()
}

#[tokio::test]
async fn the_curl_examples_register_and_show_the_user() {
    let Some(_) = required_part("TEST_CURL") else { return };
    let registration = examples("docs/api.md", "curl -so captcha.png");
    let tokens = examples("docs/front-end.md", "curl -H 'Content-Type");
    on_each(async |app| {
        let folder = TempDir::new().expect("a folder");
        let [picture, send, register, client] = &*registration else {
            panic!("four examples: {registration:?}")
        };
        let [token, by_token] = &*tokens else { panic!("two examples: {tokens:?}") };
        run(app, &folder, picture, "").await;
        let drawn = fs::read(folder.path().join("captcha.png")).expect("a picture");
        let id = picture.rsplit('/').next().expect("an id");
        let answer = app.answer_of(id).await.expect("an answer");

        let countdown = data(&run(app, &folder, send, &answer).await);
        let code = app.gateway.code_for(MOBILE);
        let registered = data(&run(app, &folder, register, &code).await);
        let known = data(&run(app, &folder, client, "").await);
        let made = data(&run(app, &folder, token, "correct horse").await);
        let token = made["token"].as_str().expect("a token");
        let secret = token.strip_prefix("haoma_").expect("a prefix");
        let known_by_token = data(&run(app, &folder, by_token, secret).await);

        assert!(drawn.starts_with(b"\x89PNG"));
        assert_eq!(countdown["resend_after"], 60);
        assert_eq!(registered["mobile"], "138****8000");
        assert_eq!(known, registered);
        assert_eq!(known_by_token, registered);
    })
    .await;
}
