//! The commands for applications.

use std::{path::Path, process::Command};

use reqwest::{Method, StatusCode};
use tempfile::TempDir;
use test_support::{
    app::{KEY, TestApp},
    cli::Done,
    databases::{TestDatabase, mysql_server, sqlite_url},
    processes::haoma_binary,
};

const CALLBACK: &str = "https://wiki.example.com/callback";

/// Runs `haoma client` as an operator does.
fn run(url: &str, folder: &Path, arguments: &[&str]) -> Done {
    let output = Command::new(haoma_binary())
        .arg("client")
        .args(arguments)
        .env_clear()
        .envs([("DATABASE_URL", url), ("SECRET_KEY", KEY), ("SMS_PROVIDERS", "console")])
        .current_dir(folder)
        .output()
        .expect("runs");
    let text = |bytes| String::from_utf8(bytes).expect("a text");
    Done {
        is_success: output.status.success(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Returns the value behind a word of the output.
fn value(done: &Done, name: &str) -> String {
    let line = done.stdout.lines().find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no {name}: {done:?}"));
    line.split_whitespace().last().expect("a value").to_owned()
}

async fn on_each(test: impl AsyncFn(&TestApp, &str, &Path)) {
    let folder = TempDir::new().expect("a folder");
    let mut urls = vec![sqlite_url(&folder)];
    let database = mysql_server().map(TestDatabase::create);
    urls.extend(database.as_ref().map(TestDatabase::url));
    for url in urls {
        let app = TestApp::start(&[("DATABASE_URL", url.clone())], &[]).await;
        test(&app, &url, folder.path()).await;
        app.stop().await;
    }
}

/// Asks whether a token is good, which needs the secret of a client.
async fn knows_secret(app: &TestApp, id: &str, secret: &str) -> bool {
    let sender = app.client();
    let request = sender.request_without_origin(Method::POST, "/oauth/introspect");
    let request = request.basic_auth(id, Some(secret));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    sender.send(request.body("token=unknown")).await.status == StatusCode::OK
}

#[tokio::test]
async fn an_application_is_registered_shown_and_removed() {
    on_each(async |app, url, folder| {
        let added = run(url, folder, &["add", "Wiki", "--redirect-uri", CALLBACK, "--own"]);
        assert!(added.is_success, "{added:?}");
        let (id, secret) = (value(&added, "client_id"), value(&added, "client_secret"));
        assert!(knows_secret(app, &id, &secret).await);
        let keys = app.client().get("/.well-known/jwks.json").await;
        app.advance(std::time::Duration::from_secs(31)).await;
        let later = app.client().get("/.well-known/jwks.json").await;
        assert!(later.body.contains("RS256"), "its key exists: {keys:?} {later:?}");

        let listed = run(url, folder, &["list"]);
        assert!(
            listed.stdout.contains(&format!("{id}  Wiki  client_secret  RS256  own")),
            "{listed:?}"
        );
        let shown = run(url, folder, &["show", &id]);
        assert!(shown.stdout.contains(CALLBACK), "{shown:?}");
        for done in [&listed, &shown] {
            assert!(!done.stdout.contains(&secret), "{done:?}");
        }

        let rotated = run(url, folder, &["rotate-secret", &id]);
        let new = value(&rotated, "client_secret");
        assert_ne!(new, secret);
        assert!(knows_secret(app, &id, &secret).await && knows_secret(app, &id, &new).await);

        assert!(run(url, folder, &["remove", &id]).is_success);
        assert!(!knows_secret(app, &id, &new).await);
        for command in ["remove", "show", "rotate-secret"] {
            let missing = run(url, folder, &[command, &id]);
            assert!(!missing.is_success, "{missing:?}");
            assert!(missing.stderr.contains(&format!("there is no client `{id}`")), "{missing:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_registered_is_refused_with_its_reason() {
    on_each(async |_, url, folder| {
        let keys = folder.join("keys.json");
        std::fs::write(
            &keys,
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\",\"d\":\"AA\"}]}",
        )
        .expect("written");
        let keys = keys.to_str().expect("a path");
        let first = ["add", "Wiki", "--redirect-uri", CALLBACK, "--id", "wiki"];
        assert!(run(url, folder, &first).is_success);
        for (arguments, reason) in [
            (&["add", "Wiki"][..], "--redirect-uri"),
            (&["add", " ", "--redirect-uri", CALLBACK], "1 to 64 characters"),
            (
                &["add", "Wiki", "--redirect-uri", "http://wiki.example.com/"],
                "only https is allowed",
            ),
            (&["add", "Wiki", "--redirect-uri", "https://*.example.com/"], "wildcard"),
            (&["add", "Wiki", "--redirect-uri", CALLBACK, "--id", "a b"], "1 to 64 letters"),
            (&["add", "Wiki", "--redirect-uri", CALLBACK, "--id", "wiki"], "already"),
            (
                &["add", "Wiki", "--redirect-uri", CALLBACK, "--algorithm", "HS256"],
                "RS256, ES256 or EdDSA",
            ),
            (&["add", "Wiki", "--redirect-uri", CALLBACK, "--jwks", keys], "private"),
            (
                &["add", "Wiki", "--redirect-uri", CALLBACK, "--jwks", "nowhere.json"],
                "cannot be read",
            ),
            (
                &[
                    "add",
                    "Wiki",
                    "--redirect-uri",
                    CALLBACK,
                    "--redirect-uri",
                    "https://b.example/",
                    "--pairwise",
                ],
                "one host",
            ),
            (&["rotate-secret", "nobody"], "there is no client"),
        ] {
            let refused = run(url, folder, arguments);
            assert!(!refused.is_success, "{arguments:?}: {refused:?}");
            assert!(refused.stderr.contains(reason), "{arguments:?}: {refused:?}");
        }
        let public =
            ["add", "App", "--redirect-uri", "com.example.app:/cb", "--public", "--id", "app"];
        let added = run(url, folder, &public);
        assert!(added.is_success && !added.stdout.contains("client_secret"), "{added:?}");
        let refused = run(url, folder, &["rotate-secret", "app"]);
        assert!(refused.stderr.contains("has no secret"), "{refused:?}");
    })
    .await;
}
