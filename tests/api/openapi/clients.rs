//! Checks the document with other tools: linters find nothing, and generated clients in TypeScript and Python know
//! every field and work with the real server.

use std::{
    fs::{copy, write},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each},
    databases::required_part,
};
use tokio::task::spawn_blocking;

const FOLDER: &str = "tests/openapi-clients";
const DOCUMENT: &str = "src/http/api/openapi.json";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a program and returns what it printed.
fn run(command: &mut Command) -> String {
    // The tools must not report their use or look for updates.
    let output = command
        .stdin(Stdio::null())
        .env("SCARF_ANALYTICS", "false")
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
        .output()
        .expect("runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{printed}\n{errors}");
    printed
}

/// Returns the folder of npm packages, if they are installed.
fn node_modules() -> Option<PathBuf> {
    required_part("TEST_OPENAPI_NODE_MODULES").map(PathBuf::from)
}

#[test]
fn linters_find_nothing() {
    let Some(modules) = node_modules() else { return };
    let (bin, folder, document) =
        (modules.join(".bin"), root().join(FOLDER), root().join(DOCUMENT));

    let mut spectral = Command::new(bin.join("spectral"));
    spectral.args(["lint", "--fail-severity=hint", "--ruleset"]).arg(folder.join(".spectral.yaml"));
    run(spectral.arg(&document));

    let mut redocly = Command::new(bin.join("redocly"));
    redocly.args(["lint", "--config"]).arg(folder.join("redocly.yaml"));
    run(redocly.arg(&document));
}

/// Creates a folder with the generated types, in which TypeScript can be compiled.
fn typescript_folder(modules: &Path) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    copy(root().join(FOLDER).join("tsconfig.json"), here.join("tsconfig.json")).expect("copied");
    symlink(modules, here.join("node_modules")).expect("linked");
    let mut generate = Command::new(modules.join(".bin/openapi-typescript"));
    run(generate.arg(root().join(DOCUMENT)).arg("--output").arg(here.join("schema.mts")));
    folder
}

fn tsc(modules: &Path, folder: &TempDir) -> Command {
    let mut command = Command::new(modules.join(".bin/tsc"));
    command.arg("--project").arg(folder.path());
    command
}

#[tokio::test]
async fn a_typescript_client_knows_every_field_and_works() {
    let Some(modules) = node_modules() else { return };
    let folder = typescript_folder(&modules);
    let example = "example.mts";
    copy(root().join(FOLDER).join(example), folder.path().join(example)).expect("copied");
    run(&mut tsc(&modules, &folder));

    on_each(async |app| {
        let mut example = Command::new("node");
        example.arg(folder.path().join("out/example.mjs"));
        is_served(app, example).await;
    })
    .await;
}

/// An unknown field does not compile, which shows that the types are not `any`.
#[test]
fn a_typescript_client_that_is_wrong_does_not_compile() {
    let Some(modules) = node_modules() else { return };
    let folder = typescript_folder(&modules);
    let wrong = r#"import type { operations } from "./schema.mjs";
type Data<O extends keyof operations, S extends number> =
  operations[O]["responses"] extends Record<S, { content: { "application/json": infer B } }>
    ? B extends { data: infer D } ? D : never : never;
export const id = (it: Data<"getSession", 200>): number => it.id;
export const token = (it: Data<"createToken", 201>): string => it.token;
export const jwt = (it: Data<"getJwt", 200>): number => it.expires_in;
export const first = (it: Data<"listSessions", 200>): string | undefined => it.sessions[0]?.device;
export const none1 = (it: Data<"getSession", 200>) => it.never_heard_of;
export const none2 = (it: Data<"createToken", 201>) => it.never_heard_of;
export const none3 = (it: Data<"getJwt", 200>) => it.never_heard_of;
export const none4 = (it: Data<"listSessions", 200>) => it.never_heard_of;
export const none5 = (it: Data<"register", 409>) => it.never_heard_of;
"#;
    write(folder.path().join("example.mts"), wrong).expect("written");

    let output = tsc(&modules, &folder).output().expect("runs");

    let printed = String::from_utf8_lossy(&output.stdout);
    let errors: Vec<_> = printed.lines().filter(|line| line.contains("error TS")).collect();
    assert_eq!(errors.len(), 5, "{printed}");
    assert!(errors.iter().all(|line| line.contains("'never_heard_of'")), "{printed}");
}

#[tokio::test]
async fn a_python_client_knows_every_field_and_works() {
    let Some(bin) = required_part("TEST_OPENAPI_PYTHON").map(PathBuf::from) else { return };
    let folder = TempDir::new().expect("a folder");
    let client = folder.path().join("client");
    let mut generate = Command::new(bin.join("openapi-python-client"));
    generate.args(["generate", "--fail-on-warning", "--path"]).arg(root().join(DOCUMENT));
    generate.arg("--config").arg(root().join(FOLDER).join("python-client.yaml"));
    run(generate.arg("--output-path").arg(&client));

    on_each(async |app| {
        let mut example = Command::new(bin.join("python"));
        example.arg(root().join(FOLDER).join("example.py")).env("PYTHONPATH", &client);
        example.env("PYTHONDONTWRITEBYTECODE", "1");
        is_served(app, example).await;
    })
    .await;
}

/// Runs an example that registers, and checks what it prints.
async fn is_served(app: &TestApp, mut example: Command) {
    let mobile = fresh_mobile();
    let registered = app.client().register(&mobile).await.json();
    example.env("HAOMA", &app.base).env("LOGIN", &mobile).env("PASSWORD", PASSWORD);
    // Haoma runs on the runtime of this thread, so the example runs on another.
    let printed = spawn_blocking(move || run(&mut example)).await.expect("ends");

    let mut result: Value = serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{printed}"));
    let jwt = result["jwt"].take();
    assert_eq!(jwt.as_str().expect("a text").split('.').count(), 3, "{jwt}");
    let account = &registered["data"];
    let expected = json!({
        "refused": "wrong-login",
        "id": account["id"],
        "mobile": account["mobile"],
        "avatar": null,
        "name": format!("n{}", account["id"]),
        "kind": "token",
        "jwt": null,
        "expires_in": 300,
        "ended": "0",
        "afterwards": "not-signed-in",
    });
    assert_eq!(result, expected);
}
